"""Data sets whose images stay on disk, as they are larger than half of the memory and need no change."""

from __future__ import annotations

from gancli.core.backend import h5py
from gancli.core.progress import track
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.dataset import Dataset
from gancli.data.images import value_range_detection, value_ranges
from gancli.data.remarks import guessed, left_out
from gancli.data.request import Request


def dataset(name: str, arrays: ArraySet, request: Request, *, source: str) -> Dataset | None:
    """The data set with all images on disk; None if one of them must be changed. Raises: DataError."""
    from gancli.data.formats.arrays import add_annotations

    remarks = list(arrays.remarks)
    parts = {part: dict(columns) for part, columns in arrays.parts.items()}
    if request.alone:
        parts = {"train": {"image": parts["train"]["image"]}}
    elif "validation" in parts:
        remarks.append(
            left_out(f"{parts.pop('validation')['image'].name}: not used, as the training images stay on disk")
        )
    if not all(_needs_no_change(columns["image"], request) for columns in parts.values()):
        return None
    stored = {part: columns["image"].stored() for part, columns in parts.items()}
    if request.pixel_range not in (value_ranges.AUTO, str(value_ranges.BYTES)) or not all(
        map(_is_full, stored.values())
    ):
        return None
    remarks.append(guessed("the images are larger than half of the memory: they stay on disk", matters=False))
    columns: dict[str, dict] = {part: {"image": images} for part, images in stored.items()}
    chosen = ArraySet(parts, arrays.classes, arrays.attributes)
    classes, more = add_annotations(columns, chosen, name)
    train, test = columns["train"], columns.get("test", {})
    return Dataset(name, train, test, classes, source, (*remarks, *more), attributes=arrays.attributes)


def _needs_no_change(column: ArrayColumn, request: Request) -> bool:
    """Whether images are bytes in the requested size and color, and can be read from disk."""
    if column.stored is None or column.dtype.name != "uint8" or len(column.shape) != 4 or request.crop:
        return False
    _, height, width, channels = column.shape
    color = {1: "gray", 3: "rgb"}.get(channels)
    fits = bool(request.least) or height == width == request.side(height)
    return fits and color is not None and request.color in ("auto", color)


def _is_full(images: h5py.Dataset) -> bool:
    """Whether bytes span so much of 0 to 255 that no other range is meant; they are read until they do."""
    extent = None
    for start in track(range(0, len(images), value_ranges.ROWS), "range of the pixels"):
        extent = value_ranges.extent_of(images[start : start + value_ranges.ROWS]).union(extent)
        if value_range_detection.is_settled(value_ranges.BYTE, extent):
            return True
    return False
