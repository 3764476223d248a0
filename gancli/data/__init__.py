"""Data sets by name or path: `load("mnist")`, `load("faces/")`, `load("faces.zip")`, `load("faces.h5")`.

A source is one file in `datasets/` or `formats/`. A named one (`datasets/digits.py`) has `SUMMARY` and
`load(request)`, or `SOURCES` for several of a kind (`datasets/toy.py`); one for paths has `ACCEPTS` (a sentence),
`accepts(path)` and `load(path, request)`.
"""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

from gancli.core import files
from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.options import did_you_mean, whole
from gancli.data import datasets, formats, value_ranges
from gancli.data.dataset import DataFacts, Dataset, Request, Source, as_image_array, class_index
from gancli.data.remarks import GUESSED, Remark, left_out, merged

__all__ = [
    "DataFacts",
    "Dataset",
    "Remark",
    "Request",
    "class_index",
    "few",
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
    return found.has_any_number and whole(count, MOST_DRAWN, least=1) is not None


def few(source: str, count: int) -> str:
    """The same source with so many images, where it draws as many as are wanted and no number is given."""
    found = named_sources().get(source)
    return f"{source}:{count}" if found is not None and found.has_any_number else source


def path_sources() -> list[ModuleType]:
    """Every source that reads a path."""
    return [module for module in _modules() if hasattr(module, "ACCEPTS")]


def _modules() -> list[ModuleType]:
    found = (
        one for package in (datasets, formats) for one in pkgutil.iter_modules(package.__path__, package.__name__ + ".")
    )
    return [importlib.import_module(one.name) for one in found]


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
    if not path.is_dir():
        files.need_regular(path)
    for module in path_sources():
        if module.accepts(path):
            return _as_asked(module.load(path.resolve(), request), request)
    kinds = "; ".join(module.ACCEPTS for module in path_sources())
    raise DataError(f"{path} is of no known kind: expected {kinds}")


def _as_asked(dataset: Dataset, request: Request) -> Dataset:
    """The data set. Raises: DataError for images below the least size that was asked for, or without the other."""
    learned = len(dataset) - dataset.validation  # the rest is looked at whole, whatever its size
    sides = dataset.sizes()[:learned].min(axis=0) if request.least and "image" in dataset.train else ()
    if len(sides) and sides.min() < request.least:
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


def load_pictures(
    path: Path,
    shape: tuple[int, int, int],
    *,
    pixel_range: str = value_ranges.AUTO,
    known: Sequence[str] = (),
    tell: Callable[[Sequence[Remark]], None] = lambda remarks: None,
) -> np.ndarray:
    """The images of a `.npz` or `.h5` file or a folder as they are, uint8 (count, *shape).

    Only colors are brought to the shape's. pixel_range: as of a data set. known: the `pixel_ranges` of the data that
    they are scored against, which whole numbers belong to if they fit in. tell: is given the remarks.
    Raises: DataError where sizes differ, from the shape or among themselves, or where there are no images.
    """
    from gancli.data.formats import folder, hdf5, npz, pictures

    color = "gray" if shape[2] == 1 else "rgb"
    known = tuple(text for text in known if not text.startswith(value_ranges.FLOAT))  # floats are mostly scaled anew
    request = Request(shape[0], color, whole=True, pixel_range=pixel_range, known=known)
    if folder.accepts(path):
        found = pictures.survey(folder.entries(path).pictures, pixel_range=pixel_range, known=known)
        found.raise_if_bad(str(path))
        sizes = sorted(found.sizes)
        if len(sizes) > 1:
            shown = ", ".join(f"{width}x{height}" for width, height in sizes[:3])
            raise DataError(f"{path} holds pictures of {len(sizes)} sizes ({shown}); bring them to one")
        _need_size(path, (sizes[0][1], sizes[0][0]), shape)
        dataset = folder.load(path.resolve(), request)
    elif npz.accepts(path):
        dataset = _images_of(path, request)
    elif hdf5.accepts(path):
        dataset = hdf5.read_bytes(path, request)
    else:
        raise DataError(f"{path}: expected a .npz or .h5 file of images, or a folder of pictures")
    values = as_image_array(dataset.train["image"][:], name=str(path))
    _need_size(path, values.shape[1:3], shape)
    tell(dataset.remarks)
    return pictures.recolor(values, color)


def _images_of(path: Path, request: Request) -> Dataset:
    """The images of a `.npz` file, as bytes. Raises: DataError where there are none."""
    from gancli.data.formats import npz

    arrays = npz.read(path)
    key = next((key for key in ("images", "x_train") if key in arrays), None)
    if key is None:
        raise DataError(f"{path} holds {', '.join(arrays)}; expected images, or x_train")
    values = as_image_array(arrays[key], name=f"{path}: {key}")
    found, said = value_ranges.of_arrays(
        {key: values}, request.pixel_range, name=str(path), known=value_ranges.read(request.known)
    )
    said += [left_out(f"x_test is not used, {key} is")] if "x_test" in arrays else []
    return Dataset(path.stem, {"image": value_ranges.to_bytes(values, found)}, source=str(path), remarks=tuple(said))


def open_images(
    paths: Sequence[Path],
    shape: tuple[int, int, int],
    *,
    crop: int | None = None,
    pixel_range: str = value_ranges.AUTO,
    known: Sequence[str] = (),
    tell: Callable[[Sequence[Remark]], None] = lambda remarks: None,
) -> tuple[np.ndarray, list[str]]:
    """Images of any size from picture files, folders, `.npz` and `.h5` files, brought to a shape as data sets are.

    pixel_range, known: the option and the `pixel_ranges` of the data set that they are to be read like. tell: is given
    the remarks. Returns: uint8 (count, *shape), and a name for each. Raises: DataError.
    """
    color = "gray" if shape[2] == 1 else "rgb"
    request = Request(shape[0], color, crop=crop, whole=True, alone=True, pixel_range=pixel_range, known=tuple(known))
    found = [_opened(Path(os.path.expanduser(path)), request) for path in paths]  # noqa: PTH111
    tell(merged(*(said for _, _, said in found)))
    return np.concatenate([pixels for pixels, _, _ in found]), [name for _, names, _ in found for name in names]


def _opened(path: Path, request: Request) -> tuple[np.ndarray, list[str], Sequence[Remark]]:
    from gancli.data.formats import folder, packing, pictures

    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"there is no {path}")
    if path.is_dir() or path.suffix.lower() in (".npz", ".h5", ".hdf5"):
        dataset = load(str(path.resolve()), request)
        pixels = dataset.train.get("image")
        if pixels is None:
            raise DataError(f"{path} holds no images")
        if path.is_dir():
            return pixels[:], [entry.name for entry in packing.shown(folder.entries(path), alone=True)], dataset.remarks
        return pixels[:], [f"{path.name} {number}" for number in range(len(pixels))], dataset.remarks
    entry = pictures.read_entry(path)
    looked = pictures.survey([entry], pixel_range=request.pixel_range, known=request.known)
    looked.raise_if_bad(str(path))
    scales, _ = looked.decided()
    with pictures.open_picture(entry) as picture:
        side, color = request.image_size, request.color
        pixels = pictures.as_array(picture, side, color, name=str(path), crop=request.crop, found=scales)[None]
        changes = pictures.remarks_on(picture, path.name, is_square=not request.crop)
    said = [remark for remark in looked.remarks() if remark.kind == GUESSED]
    return pixels, [path.name], (*said, *changes)


def _need_size(path: Path, size: tuple[int, int], shape: tuple[int, int, int]) -> None:
    if tuple(size) != tuple(shape[:2]):
        raise DataError(
            f"{path} holds images of {size[1]}x{size[0]}, the data to score against have {shape[1]}x{shape[0]}"
        )
