"""Load data sets and images by name or path."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data import fitting, layouts, locations
from gancli.data.catalog import opening
from gancli.data.containers import source_files, tar_file
from gancli.data.dataset import Dataset
from gancli.data.images import (
    image_arrays,
    image_decoding,
    image_survey,
    value_ranges,
)
from gancli.data.remarks import GUESSED, Remark, merged
from gancli.data.request import Request
from gancli.data.sources import named_sources


def _ignore(remarks: Sequence[Remark]) -> None:
    pass


def load(source: str, request: Request | None = None) -> Dataset:
    """Load a data set by name or path, in the requested size and color; see gancli.data.locations for the order.

    Raises: DataError in one sentence for whatever is wrong with the source.
    """
    request = request or Request()
    found = locations.find(source, request.data_dir)
    name, _, count = found.name.partition(":")
    if name:
        return fitting.checked(named_sources()[name].load(request, *([int(count)] if count else [])), request)
    recognize = partial(opening.recognize, found.path, request, choice=found.choice, only=found.only)
    if tar_file.is_compressed(found.path):
        from gancli.data.formats import decoded_cache

        dataset = decoded_cache.load_archive(found.path.resolve(), request, found.choice, recognize)
    else:
        dataset = recognize().load(request)
    dataset = fitting.checked(dataset, request)
    if found.known_as:
        dataset = opening.described(dataset, found.known_as, is_found_in_cache=found.root is None)
    place = found.as_text() if found.choice or found.known_as else dataset.source
    return replace(dataset, source=place, remarks=(*found.remarks, *dataset.remarks))


def load_images(
    path: Path,
    shape: tuple[int, int, int],
    *,
    pixel_range: str = value_ranges.AUTO,
    known: Sequence[str] = (),
    skip_bad: bool = False,
    tell: Callable[[Sequence[Remark]], None] = _ignore,
) -> np.ndarray:
    """The images of a `.npz` or `.h5` file or a folder without resizing, uint8 (count, *shape).

    Only colors are converted to those of the shape. pixel_range: as for a data set. known: the `pixel_ranges` of the
    data that they are scored against, used for whole numbers that fit in. skip_bad: as in Request. tell: receives the
    remarks. Raises: DataError if sizes differ, from the shape or among themselves, or if there are no images.
    """
    from gancli.data.formats import hdf5, hdf5_reading
    from gancli.data.formats.arrays import as_image_array

    color = "gray" if shape[2] == 1 else "rgb"
    known = tuple(text for text in known if not text.startswith(value_ranges.FLOAT))  # floats are mostly rescaled
    request = Request(shape[0], color, whole=True, alone=True, pixel_range=pixel_range, known=known, skip_bad=skip_bad)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for long names)
        raise DataError(f"{path}: expected a file of images, or a folder of pictures")
    source = layouts.recognize(path.resolve(), request)
    if source.pictures is not None:
        found = image_survey.survey(source.pictures.pictures, pixel_range=pixel_range, known=known)
        found.sound(source.pictures.pictures, str(path), _ignore, skip_bad=skip_bad)
        sizes = sorted(found.sizes)
        if len(sizes) > 1:
            text = ", ".join(f"{width}x{height}" for width, height in sizes[:3])
            raise DataError(f"{path} holds pictures of {len(sizes)} sizes ({text}); resize them to one")
        _check_size(path, (sizes[0][1], sizes[0][0]), shape)
        dataset = source.load(request)
    elif path.suffix.lower() in (".h5", ".hdf5") and hdf5_reading.has_own_keys(path):
        dataset = hdf5.load_bytes(path, request)
    else:
        dataset = source.load(replace(request, least=1, color="auto"))
    if "image" not in dataset.train:
        raise DataError(f"{path} holds no images")
    values = as_image_array(dataset.train["image"][:], name=str(path))
    _check_size(path, values.shape[1:3], shape)
    tell(dataset.remarks)
    return image_arrays.convert_color(values, color)


def open_images(
    paths: Sequence[Path],
    shape: tuple[int, int, int],
    *,
    crop: int | None = None,
    pixel_range: str = value_ranges.AUTO,
    known: Sequence[str] = (),
    tell: Callable[[Sequence[Remark]], None] = _ignore,
) -> tuple[np.ndarray, list[str]]:
    """Images of any size from image files, folders, `.npz` and `.h5` files, resized to a shape as data sets are.

    pixel_range, known: the option, and the `pixel_ranges` of the data set whose ranges they share. tell:
    receives the remarks. Returns: uint8 (count, *shape), and a name for each. Raises: DataError.
    """
    color = "gray" if shape[2] == 1 else "rgb"
    request = Request(shape[0], color, crop=crop, whole=True, alone=True, pixel_range=pixel_range, known=tuple(known))
    found = [_open(Path(os.path.expanduser(path)), request) for path in paths]  # noqa: PTH111
    tell(merged(*(remarks for _, _, remarks in found)))
    return np.concatenate([pixels for pixels, _, _ in found]), [name for _, names, _ in found for name in names]


def _open(path: Path, request: Request) -> tuple[np.ndarray, list[str], Sequence[Remark]]:
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"{path} does not exist")
    if not path.is_dir() and source_files.is_picture(path.name):
        return _open_image(path, request)
    source = layouts.recognize(path.resolve(), request)
    dataset = fitting.checked(source.load(request), request)
    pixels = dataset.train.get("image")
    if pixels is None:
        raise DataError(f"{path} holds no images")
    if source.pictures is not None:
        names = [file.name for file in source.pictures.pictures]
    else:
        names = [f"{path.name} {number}" for number in range(len(pixels))]
    return pixels[:], names, dataset.remarks


def _open_image(path: Path, request: Request) -> tuple[np.ndarray, list[str], Sequence[Remark]]:
    file = source_files.image_file(path)
    survey = image_survey.survey([file], pixel_range=request.pixel_range, known=request.known)
    survey.raise_if_bad(str(path))
    ranges, _ = survey.ranges()
    with image_decoding.open_image(file) as picture:
        pixels = image_decoding.decode_square(
            picture, request.image_size, request.color, name=str(path), crop=request.crop, ranges=ranges
        )
        changes = image_survey.image_remarks(picture, path.name, is_square=not request.crop)
    remarks = [remark for remark in survey.remarks() if remark.kind == GUESSED]
    return pixels[None], [path.name], (*remarks, *changes)


def _check_size(path: Path, size: tuple[int, int], shape: tuple[int, int, int]) -> None:
    if tuple(size) != tuple(shape[:2]):
        raise DataError(
            f"{path} holds images of {size[1]}x{size[0]}, the data to score against have {shape[1]}x{shape[0]}"
        )
