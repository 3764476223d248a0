"""Data sets by name or path: `load("mnist")`, `load("faces/")`, `load("faces.zip")`, `load("faces.h5")`.

A source is one file here. A named one (`digits.py`) has `SUMMARY` and `load(request)`; one for paths has `ACCEPTS` (a
sentence), `accepts(path)` and `load(path, request)`.
"""

from __future__ import annotations

import importlib
import os
import pkgutil
from pathlib import Path
from types import ModuleType

import numpy as np

from gancli.data import folder, pictures
from gancli.data.dataset import DataFacts, Dataset, Request, class_index
from gancli.errors import DataError
from gancli.options import did_you_mean

__all__ = ["DataFacts", "Dataset", "Request", "class_index", "load", "load_pictures", "named_sources", "path_sources"]


def named_sources() -> dict[str, ModuleType]:
    """Every source that has a name, by that name."""
    return {module.__name__.rsplit(".", 1)[1]: module for module in _modules() if hasattr(module, "SUMMARY")}


def path_sources() -> list[ModuleType]:
    """Every source that reads a path."""
    return [module for module in _modules() if hasattr(module, "ACCEPTS")]


def _modules() -> list[ModuleType]:
    return [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]


def load(source: str, request: Request | None = None) -> Dataset:
    """Load a data set by name or path, brought to the size and colours asked for.

    Raises: DataError in one sentence for whatever is wrong with the source.
    """
    request = request or Request()
    known = named_sources()
    if source in known:
        return known[source].load(request)
    path = Path(os.path.expanduser(source))  # noqa: PTH111 (pathlib's fails where there is no such user)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(
            f"no data set '{source}': neither a name ({', '.join(known)}) nor a path" + did_you_mean(source, known)
        )
    for module in path_sources():
        if module.accepts(path):
            return module.load(path.resolve(), request)
    kinds = "; ".join(module.ACCEPTS for module in path_sources())
    raise DataError(f"{path} is of no known kind: expected {kinds}")


def load_pictures(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    """The images of a `.npz` or `.h5` file or a folder as they are, uint8 (count, *shape).

    Only colours are brought to the shape's. Raises: DataError where sizes differ, from the shape or among themselves.
    """
    if path.is_dir():
        found = pictures.survey(folder.entries(path))
        found.raise_if_bad(str(path))
        if len(found.sizes) > 1:
            sizes = ", ".join(f"{width}x{height}" for width, height in sorted(found.sizes)[:3])
            raise DataError(f"{path} holds pictures of {len(found.sizes)} sizes ({sizes}); bring them to one")
    loaded = load(str(path), Request(color="grey" if shape[2] == 1 else "rgb"))
    if loaded.shape != shape:
        here, there = ("x".join(map(str, size)) for size in (loaded.shape, shape))
        raise DataError(f"{path} holds images of {here}, the data to score against have {there}")
    return loaded.train["image"][:]
