"""The models, one file for each paper; found by file name. And those of files that the user has named, of installed
packages, and registered ones."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import traceback
from pathlib import Path

from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.models import model_files, plugins
from gancli.models.base import Model
from gancli.models.model_files import is_path as is_file

register = plugins.register
__all__ = [
    "built_in",
    "get",
    "identity",
    "is_file",
    "is_known",
    "named_by_user",
    "names",
    "paper",
    "place_of",
    "register",
]
SHARED = (
    "base",
    "capabilities",
    "capability",
    "config",
    "data_requirements",
    "description",
    "exports",
    "input_pipeline",
    "learning_rates",
    "metric_names",
    "model_files",
    "plugins",
    "precision",
    "presets",
    "pretrained",
    "regularization",
)


def names() -> list[str]:
    """The name of every model: of gancli, of installed packages, which are not imported, and of registered classes."""
    return sorted({*built_in(), *plugins.names()})


@functools.cache
def built_in() -> tuple[str, ...]:
    """The names of gancli's own models, in order."""
    found = pkgutil.iter_modules(__path__)
    return tuple(sorted(one.name.replace("_", "-") for one in found if not one.ispkg and one.name not in SHARED))


def is_known(model_class: type[Model]) -> bool:
    """Whether a class is a model of gancli, or of a file that `named_by_user` has loaded."""
    name = model_class.name()
    return model_files.file_of(model_class) is not None or (name in built_in() and _of_package(name) is model_class)


def named_by_user(name: str) -> type[Model]:
    """As `get`, for a name from the command line: a file (.py) is executed, and may not have the name of a model.

    Raises: OptionError.
    """
    if not model_files.is_path(name):
        if Path(f"{name}.py").is_file() and _plain(name) not in names():
            raise OptionError(f"unknown model '{name}'; to execute the file of that name give --model {name}.py")
        return get(name)
    found = model_files.load(name)
    if found.name() in built_in():
        raise OptionError(
            f"--model {name}: gancli has a model {found.name()}; rename the file, as my_{found.name()}.py"
        )
    return found


def get(name: str) -> type[Model]:
    """The model class of a name, in any case and with dashes or underscores: in the package's file of that name, of an
    installed package, or a registered one; or that in a file that `named_by_user` has loaded. Never executes a file.

    Raises: OptionError for an unknown one, or a broken package.
    """
    if model_files.is_path(name):
        if (found := model_files.loaded(name)) is None:
            raise OptionError(
                f"the model file {name} would be executed: name it on the command line, as --model {name}"
            )
        return found
    if (known := _plain(name)) in built_in():
        return _of_package(known)
    if (model_class := plugins.get(known)) is not None:
        return model_class
    raise OptionError(f"unknown model '{name}'; the models are {', '.join(names())}" + did_you_mean(name, names()))


def _plain(name: str) -> str:
    return name.casefold().replace("_", "-")


@functools.cache
def _of_package(name: str) -> type[Model]:
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return next(
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Model) and item.__module__ == module.__name__
    )


def paper(name: str) -> str:
    """The docstring of the model's file, of a registered class its own: the paper, and the differences from it."""
    model_class = get(name)
    own = vars(model_class).get("__doc__")
    is_in_file = is_known(model_class) or plugins.package_of(model_class) is not None
    text = (inspect.getmodule(model_class).__doc__ or own) if is_in_file else own
    return inspect.cleandoc(text or "A model without a description.")


def identity(model_class: type[Model]) -> str:
    """What all workers of a training must agree on: the model's name, and the hash of its file or its package."""
    file, package = model_files.file_of(model_class), plugins.package_of(model_class)
    return " ".join(map(str, filter(None, [model_class.name(), file and file.sha256, package])))


def place_of(error: Exception) -> str:
    """The name and line of a user's model file, or of one of a package, in which an exception was raised; or ""."""
    paths = {str(file.path) for file in model_files.others()} | plugins.paths()
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in paths]
    return f"{Path(frames[-1].filename).name}, line {frames[-1].lineno}" if frames else ""
