"""The models, one file for each paper; found by file name."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil

from gancli.core.errors import OptionError
from gancli.core.options import did_you_mean
from gancli.models.base import Model

__all__ = ["get", "names", "paper"]
SHARED = (
    "base",
    "capabilities",
    "config",
    "data_requirements",
    "description",
    "input_pipeline",
    "metric_names",
    "precision",
    "pretrained",
)


def names() -> list[str]:
    """The name of every model."""
    found = pkgutil.iter_modules(__path__)
    return sorted(one.name.replace("_", "-") for one in found if not one.ispkg and one.name not in SHARED)


@functools.cache
def get(name: str) -> type[Model]:
    """The model class in the file of that name. Raises: OptionError for an unknown one."""
    if name not in names():
        raise OptionError(f"unknown model '{name}'; the models are {', '.join(names())}" + did_you_mean(name, names()))
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return next(
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Model) and item.__module__ == module.__name__
    )


def paper(name: str) -> str:
    """The docstring of the model's file: the paper, and the differences from it."""
    return inspect.cleandoc(inspect.getmodule(get(name)).__doc__)
