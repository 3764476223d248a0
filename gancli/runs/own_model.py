"""Runs of models from outside: what run.json records of the file, class or package, and what opens them again."""

from __future__ import annotations

import contextlib
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from gancli import models
from gancli.core import files
from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.models import model_files, plugins
from gancli.models.base import Model


def record(model_class: type[Model]) -> dict[str, Any]:
    """What run.json holds of a model from outside: path and SHA-256 of its file, or its class and package; and its
    capabilities. Nothing for a model of gancli."""
    file = model_files.file_of(model_class)
    if file is None:
        return {} if models.is_known(model_class) else plugins.record(model_class)
    table = {"path": str(file.path), "sha256": file.sha256, "capabilities": model_files.abilities(model_class)}
    return {"model_file": table}


def copy(model_class: type[Model], folder: Path) -> None:
    """Write a copy of the model's file, if it has one, into a run's folder. Raises: ResourceError."""
    if file := model_files.file_of(model_class):
        files.atomic_write(folder / file.path.name, file.source, within=folder, is_own=True)


def of_record(table: Mapping[str, Any]) -> type[Model] | None:
    """The model of a run.json. None for one from outside that is not here: no file with the same hash has been named by
    the user, or no class of the name is registered and no package has it, or the package is broken.

    Raises: OptionError for an unknown name.
    """
    if "model_file" in table:
        return model_files.with_hash(table["model_file"]["sha256"])
    if "model_class" in table:
        with contextlib.suppress(OptionError):  # `refuse` raises it again
            return plugins.get(table["model"])
        return None
    if table["model"] not in models.built_in():
        raise OptionError(f"unknown model '{table['model']}'" + did_you_mean(table["model"], models.built_in()))
    return models.get(table["model"])


def capabilities(table: Mapping[str, Any]) -> list[str]:
    """The names of the capabilities that a run.json records of a model from outside."""
    return table["model_file" if "model_file" in table else "model_class"]["capabilities"]


def is_registered_class(table: Mapping[str, Any]) -> bool:
    """Whether the model of a run.json is a class of a program, which is of no package."""
    return "model_class" in table and not table["model_class"]["package"]


def difference(folder: Path, table: Mapping[str, Any]) -> str:
    """That a run was trained with another version of its model's package; empty if it was not."""
    if "model_class" not in table or (model_class := plugins.get(table["model"])) is None:
        return ""
    recorded = plugins.Package(table["model_class"]["package"], table["model_class"]["version"])
    package = plugins.package_of(model_class)
    if package == recorded or not recorded.name:
        return ""
    return f"{folder} was trained with {recorded}, and its model is now of {package or 'a registered class'}"


def kept_copy(folder: Path, table: Mapping[str, Any]) -> Path:
    """The copy of the model's file in a run's folder."""
    return folder / Path(table["model_file"]["path"]).name


def refuse(folder: Path, table: Mapping[str, Any]) -> NoReturn:
    """Raise OptionError for a run whose model is not here: in a file that is not loaded, or is another one today, in a
    package that is absent or broken, or a class that is not registered."""
    if "model_class" in table:
        _refuse_class(folder, table)
    path, sha256 = Path(table["model_file"]["path"]), table["model_file"]["sha256"]
    kept = shlex.quote(str(kept_copy(folder, table)))
    if named := model_files.others():
        raise OptionError(
            f"{folder} was trained with a {path.name} of SHA-256 {sha256[:12]}, and {named[-1].path.name} has "
            f"{named[-1].sha256[:12]}: give the run's copy, --model {kept}, or start a new run"
        )
    raise OptionError(
        f"{folder} was trained with the model file {path.name}, which is executed to open the run: if you trust it, "
        f"add --model {kept}"
    )


def _refuse_class(folder: Path, table: Mapping[str, Any]) -> NoReturn:
    plugins.get(table["model"])  # raises what is wrong with an installed package
    found = table["model_class"]
    if package := found["package"]:
        raise OptionError(
            f"{folder} was trained with the model '{table['model']}' of {package} {found['version']}, which is not "
            f"installed: if you trust it, pip install {package}=={found['version']}"
        )
    raise OptionError(
        f"{folder} was trained with the class {found['class']}, which this program does not have: define it, and call "
        "gancli.register_model with it first, from Python"
    )
