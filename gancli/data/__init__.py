"""Data sets by name or path: `load("mnist")`, `load("faces/")`, `load("faces.zip")`, `load("faces.h5")`.

A source is one file here. A named one (`digits.py`) has `SUMMARY` and `load(request)`, or `SOURCES` for several of a
kind (`toy.py`); one for paths has `ACCEPTS` (a sentence), `accepts(path)` and `load(path, request)`.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import numpy as np

from gancli.data import folder, hdf5, npz, packing, pictures
from gancli.data.dataset import DataFacts, Dataset, Request, Source, as_images, class_index
from gancli.data.remarks import Remark, merged
from gancli.errors import DataError
from gancli.options import did_you_mean

__all__ = [
    "DataFacts",
    "Dataset",
    "Remark",
    "Request",
    "class_index",
    "load",
    "load_pictures",
    "named_sources",
    "open_images",
    "path_sources",
]


MOST_DRAWN = 1_000_000  # images of a source that draws as many as are wanted


def named_sources() -> dict[str, Source]:
    """Every source that has a name, by that name."""
    found = {}
    for module in _modules():
        if hasattr(module, "SUMMARY"):
            any_number = len(inspect.signature(module.load).parameters) > 1
            found[module.__name__.rsplit(".", 1)[1]] = Source(module.SUMMARY, module.load, any_number)
        found |= getattr(module, "SOURCES", {})
    return found


def is_named(source: str) -> bool:
    """Whether this is the name of a source, perhaps with a number of images, such as glyphs:5000."""
    name, colon, count = source.partition(":")
    found = named_sources().get(name)
    if found is None or not colon:
        return found is not None
    return found.has_any_number and count.isdecimal() and 0 < int(count) <= MOST_DRAWN


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
    known, (name, _, count) = named_sources(), source.partition(":")
    if is_named(source):
        return _as_asked(known[name].load(request, *([int(count)] if count else [])), request)
    path = Path(os.path.expanduser(source))  # noqa: PTH111 (pathlib's fails where there is no such user)
    if not source or not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(
            f"no data set '{source}': neither a name ({', '.join(known)}) nor a path" + did_you_mean(source, known)
        )
    for module in path_sources():
        if module.accepts(path):
            return _as_asked(module.load(path.resolve(), request), request)
    kinds = "; ".join(module.ACCEPTS for module in path_sources())
    raise DataError(f"{path} is of no known kind: expected {kinds}")


def _as_asked(dataset: Dataset, request: Request) -> Dataset:
    """The data set. Raises: DataError for images below the least size that was asked for, or without the other."""
    if request.least and "image" in dataset.train and (sides := dataset.sizes().min(axis=0)).min() < request.least:
        raise DataError(
            f"'{dataset.name}' has images of {sides[1]}x{sides[0]}, smaller than the {request.least} pixels that are "
            "needed: give other --data, or a smaller --crop"
        )
    if request.paired and "other" not in dataset.train:
        raise DataError(
            f"'{dataset.name}' holds no pairs: expected trainA and trainB with the same names, pictures with both side "
            "by side, or pictures with label maps"
        )
    return dataset


def load_pictures(path: Path, shape: tuple[int, int, int]) -> np.ndarray:
    """The images of a `.npz` or `.h5` file or a folder as they are, uint8 (count, *shape).

    Only colours are brought to the shape's. Raises: DataError where sizes differ, from the shape or among themselves.
    """
    color = "grey" if shape[2] == 1 else "rgb"
    if folder.accepts(path):
        found = pictures.survey(folder.entries(path).pictures)
        found.raise_if_bad(str(path))
        sizes = sorted(found.sizes)
        if len(sizes) > 1:
            shown = ", ".join(f"{width}x{height}" for width, height in sizes[:3])
            raise DataError(f"{path} holds pictures of {len(sizes)} sizes ({shown}); bring them to one")
        _need_size(path, (sizes[0][1], sizes[0][0]), shape)
        return folder.load(path.resolve(), Request(shape[0], color, whole=True)).train["image"][:]
    if npz.accepts(path):
        arrays = npz.read(path)
        values = as_images(arrays.get("images", arrays.get("x_train")), name=str(path))
    elif hdf5.accepts(path):
        values = as_images(hdf5.read(path, whole=True).train["image"][:], name=str(path))
    else:
        raise DataError(f"{path}: expected a .npz or .h5 file of images, or a folder of pictures")
    _need_size(path, values.shape[1:3], shape)
    return pictures.recolor(values, color)


def open_images(
    paths: Sequence[Path], shape: tuple[int, int, int], *, crop: int | None = None
) -> tuple[np.ndarray, list[str], tuple[Remark, ...]]:
    """Images of any size from picture files, folders, `.npz` and `.h5` files, brought to a shape as data sets are.

    Returns: uint8 (count, *shape), a name for each, and what the readers guessed, changed and left out.
    Raises: DataError.
    """
    request = Request(shape[0], "grey" if shape[2] == 1 else "rgb", crop=crop, whole=True)
    found = [_opened(Path(os.path.expanduser(path)), request) for path in paths]  # noqa: PTH111
    pixels, names, remarks = zip(*found, strict=True)
    return np.concatenate(pixels), [name for some in names for name in some], merged(*remarks)


def _opened(path: Path, request: Request) -> tuple[np.ndarray, list[str], tuple[Remark, ...]]:
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"there is no {path}")
    if path.is_dir() or path.suffix.lower() in (".npz", ".h5", ".hdf5"):
        dataset = load(str(path.resolve()), request)
        pixels = dataset.train.get("image")
        if pixels is None:
            raise DataError(f"{path} holds no images")
        if path.is_dir():
            return pixels[:], [entry.name for entry in packing.shown(folder.entries(path))], dataset.remarks
        return pixels[:], [f"{path.name} {number}" for number in range(len(pixels))], dataset.remarks
    if not path.is_file():
        raise DataError(f"{path} is not a file")  # a pipe would be waited for
    with pictures.open_picture(pictures.Entry(path.name, path.read_bytes)) as picture:
        side, color = request.image_size, request.color
        remarks = pictures.remarks_on(picture, path.name, is_square=not request.crop)
        pixels = pictures.as_array(picture, side, color, name=str(path), crop=request.crop)
        return pixels[None], [path.name], remarks


def _need_size(path: Path, size: tuple[int, int], shape: tuple[int, int, int]) -> None:
    if tuple(size) != tuple(shape[:2]):
        raise DataError(
            f"{path} holds images of {size[1]}x{size[0]}, the data to score against have {shape[1]}x{shape[0]}"
        )
