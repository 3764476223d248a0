"""Runs of models from outside of the package: what run.json records of the file, and which file opens them again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from gancli import models
from gancli.core import files
from gancli.core.errors import OptionError
from gancli.models import model_files
from gancli.models.base import Model


def record(model_class: type[Model]) -> dict[str, Any]:
    """What run.json holds of the model's file: path, SHA-256 and capabilities; nothing for a model of the package."""
    file = model_files.file_of(model_class)
    if file is None:
        return {}
    table = {"path": str(file.path), "sha256": file.sha256, "capabilities": model_files.abilities(model_class)}
    return {"model_file": table}


def copy(model_class: type[Model], folder: Path) -> None:
    """Write a copy of the model's file, if it has one, into a run's folder. Raises: ResourceError."""
    if file := model_files.file_of(model_class):
        files.atomic_write(folder / file.path.name, file.source, within=folder, is_own=True)


def of_record(table: Mapping[str, Any]) -> type[Model] | None:
    """The model of a run.json; None if it is in a file, and none with the same hash has been named by the user.

    Raises: OptionError for an unknown name.
    """
    if "model_file" in table:
        return model_files.with_hash(table["model_file"]["sha256"])
    return models.get(table["model"])


def refuse(folder: Path, table: Mapping[str, Any]) -> NoReturn:
    """Raise OptionError for a run whose model is in a file that is not loaded, or is another one today."""
    path, sha256 = Path(table["model_file"]["path"]), table["model_file"]["sha256"]
    kept = shlex.quote(str(folder / path.name))
    if named := model_files.others():
        raise OptionError(
            f"{folder} was trained with a {path.name} of SHA-256 {sha256[:12]}, and {named[-1].path.name} has "
            f"{named[-1].sha256[:12]}: give the run's copy, --model {kept}, or start a new run"
        )
    raise OptionError(
        f"{folder} was trained with the model file {path.name}, which is executed to open the run: if you trust it, "
        f"add --model {kept}"
    )
