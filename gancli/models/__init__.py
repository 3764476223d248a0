"""The models, one file for each paper; found by file name."""

from __future__ import annotations

import functools
import importlib
import pkgutil

from gancli.errors import OptionError
from gancli.models.base import Model
from gancli.options import did_you_mean

__all__ = ["get", "names"]


def names() -> list[str]:
    """The name of every model."""
    return sorted(found.name.replace("_", "-") for found in pkgutil.iter_modules(__path__) if found.name != "base")


@functools.cache
def get(name: str) -> type[Model]:
    """The model class in the file of that name. Raises: OptionError for an unknown one."""
    if name not in names():
        raise OptionError(f"unknown model '{name}': there are {', '.join(names())}" + did_you_mean(name, names()))
    module = importlib.import_module(f"{__name__}.{name.replace('-', '_')}")
    return next(
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Model) and item.__module__ == module.__name__
    )
