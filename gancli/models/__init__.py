"""The models, one file for each paper; found by file name. And those of files that the user has named."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
from pathlib import Path

from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.models import model_files
from gancli.models.base import Model
from gancli.models.model_files import is_path as is_file

__all__ = ["get", "is_file", "named_by_user", "names", "paper", "register"]
_registered: dict[str, type[Model]] = {}
SHARED = (
    "base",
    "capabilities",
    "config",
    "data_requirements",
    "description",
    "input_pipeline",
    "learning_rates",
    "metric_names",
    "model_files",
    "precision",
    "pretrained",
)


def names() -> list[str]:
    """The name of every model."""
    found = pkgutil.iter_modules(__path__)
    return sorted(one.name.replace("_", "-") for one in found if not one.ispkg and one.name not in SHARED)


def register(model_class: type[Model]) -> None:
    """Make a model known by its name. Raises: OptionError for a name that another model has."""
    _registered[model_class.name()] = model_class


def named_by_user(name: str) -> type[Model]:
    """As `get`, for a name from the command line: a file (.py) is executed, and may not have the name of a model.

    Raises: OptionError.
    """
    if not model_files.is_path(name):
        if name not in names() and Path(f"{name}.py").is_file():
            raise OptionError(f"unknown model '{name}'; to execute the file of that name give --model {name}.py")
        return get(name)
    found = model_files.load(name)
    if found.name() in names():
        raise OptionError(
            f"--model {name}: gancli has a model {found.name()}; rename the file, as my_{found.name()}.py"
        )
    return found


def get(name: str) -> type[Model]:
    """The model class in the package's file of that name, in any case and with dashes or underscores, or in a file that
    `named_by_user` has loaded. Never executes a file.

    Raises: OptionError for an unknown one.
    """
    if model_files.is_path(name):
        if (found := model_files.loaded(name)) is None:
            raise OptionError(
                f"the model file {name} would be executed: name it on the command line, as --model {name}"
            )
        return found
    known = name.casefold().replace("_", "-")
    if known in _registered:
        return _registered[known]
    if known not in names():
        raise OptionError(f"unknown model '{name}'; the models are {', '.join(names())}" + did_you_mean(name, names()))
    return _of_package(known)


@functools.cache
def _of_package(name: str) -> type[Model]:
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return next(
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Model) and item.__module__ == module.__name__
    )


def paper(name: str) -> str:
    """The docstring of the model's file: the paper, and the differences from it."""
    return inspect.cleandoc(inspect.getmodule(get(name)).__doc__ or "A model without a description.")
