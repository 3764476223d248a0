"""The modules of a package in the order of their `ORDER`, so that adding one takes a file and no list."""

from __future__ import annotations

import functools
import importlib
import pkgutil
from types import ModuleType

DEFAULT = 50


@functools.cache
def modules_of(*packages: str) -> tuple[ModuleType, ...]:
    """The modules in these packages, by their `ORDER` (50 if a module has none) and then by package and name."""
    found = []
    for package in map(importlib.import_module, packages):
        names = sorted(one.name for one in pkgutil.iter_modules(package.__path__, package.__name__ + "."))
        found += [importlib.import_module(name) for name in names]
    return tuple(sorted(found, key=lambda module: getattr(module, "ORDER", DEFAULT)))
