"""Arrays of images, checked: in the order (count, height, width, channels), scaled to bytes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data.array_files import axes, roles
from gancli.data.array_set import ArrayColumn
from gancli.data.formats import arrays
from gancli.data.images import image_arrays, value_range_detection, value_ranges
from gancli.data.in_memory.values import array_of
from gancli.data.remarks import Remark, changed

SHAPES = "expected (count, height, width), or with 1, 3 or 4 channels (count, height, width, channels)"


LEAST_WHITE = 128  # floats whose maximum is above 1 and below this may be of any range


class Pixels(NamedTuple):
    """Images by name ("images", "test images", "partners"), uint8 (count, height, width, channels).

    ranges: as in Dataset.pixel_ranges.
    """

    images: dict[str, np.ndarray]
    ranges: tuple[str, ...]
    remarks: tuple[Remark, ...]


def read(given: Mapping[str, object], labels: Mapping[str, np.ndarray | None], pixel_range: str) -> Pixels:
    """Images by name, checked and scaled with one range for all. labels: of each name, to tell the axes apart.

    Raises: DataError for anything but images of one shape; OptionError for an invalid range.
    """
    columns, notes = {}, {}
    for name, values in given.items():
        columns[name], notes[name] = _arranged(name, values, labels.get(name))
    found = {name: arrays.as_image_array(column.read(), name=name) for name, column in columns.items()}
    ranges, remarks = _ranges(found, pixel_range)
    images = {name: arrays.opaque(value_ranges.to_bytes(values, ranges)) for name, values in found.items()}
    clear = [name for name, values in found.items() if values.shape[-1] == len("RGBA")]
    remarks += [changed(f"{', '.join(clear)}: images with transparency, put on white")] if clear else []
    _need_one_shape(images)
    if len({one.shape[-1] for one in images.values()}) > 1:
        images = {name: image_arrays.convert_color(one, "rgb") for name, one in images.items()}
    images = {name: one.copy() if np.may_share_memory(one, found[name]) else one for name, one in images.items()}
    texts = value_ranges.to_texts(value_ranges.to_remember(ranges, pixel_range))
    return Pixels(images, texts, (*axes.named(notes), *remarks))


def _arranged(name: str, values: object, labels: np.ndarray | None) -> tuple[ArrayColumn, list[Remark]]:
    """An array of numbers in the order of axes of images, and remarks. Raises: DataError."""
    found = array_of(values, name)
    if found.dtype.kind in "SU":
        raise DataError(
            f"{name}: texts, such as {str(found.ravel()[0])[:60]!r}; expected pixels: give a folder or file as "
            "data='PATH', or load it with gancli.load_dataset('PATH')"
        )
    if found.dtype.kind == "c":
        raise DataError(f"{name} are complex numbers; expected real ones: give numpy.abs({name}), or one part")
    if found.dtype.kind not in "biuf":
        raise DataError(f"{name} are of type {found.dtype}; expected numbers")
    if 0 in found.shape:
        raise DataError(f"{name} are empty, of shape {found.shape}; {SHAPES}")
    column = ArrayColumn.of(name, found)
    known = None if labels is None else ArrayColumn.of("labels", labels)
    try:
        arranged, remarks = axes.arranged(column, name=name, count=roles.count_by_labels(known, column))
    except DataError as error:
        raise DataError(_refusal(name, found.shape)) from error
    if found.ndim > 2:
        return arranged, remarks
    if arranged.shape[0] != found.shape[0]:  # columns of numbers, as MATLAB has them: here rather one image
        raise DataError(_refusal(name, found.shape))
    return arranged, [remark._replace(matters=True) for remark in remarks]


def _refusal(name: str, shape: tuple[int, ...]) -> str:
    """Why a shape is none of images, and what to give instead."""
    text = f"{name} have shape {shape}; {SHAPES}"
    if len(shape) == 4:
        return f"{text}: neither the last axis nor the second one are channels"
    if len(shape) == 3:
        return f"{text}; for a single image give {name}[None]"
    if len(shape) == 2:
        return f"{text}; rows of numbers are read if they are square images; for a single image give {name}[None]"
    return text


def _ranges(images: Mapping[str, np.ndarray], pixel_range: str) -> tuple[dict[str, value_ranges.Range], list[Remark]]:
    """The range of each kind of number, and remarks. Raises: DataError, OptionError."""
    try:
        value_ranges.parse(pixel_range)
    except OptionError as error:
        raise OptionError(f"pixel_range {pixel_range!r}: expected {value_ranges.EXAMPLES}") from error
    for name, values in images.items():
        low, high = values.min(), values.max()
        if not np.isfinite([low, high]).all():
            rows = np.flatnonzero([not np.isfinite(one).all() for one in values])
            what = "NaN" if np.isnan(values[rows[0]]).any() else "infinity"
            raise DataError(
                f"{name} hold {what}, first in image {rows[0]:,} ({len(rows):,} of {len(values):,}): remove these "
                f"images, or give the pixels a value, as numpy.nan_to_num does"
            )
        if low == high and name == "images":
            raise DataError(f"all pixels of {name} are {value_ranges.number_text(float(low))}; expected images")
    low = min(float(values.min()) for values in images.values())
    high = max(float(values.max()) for values in images.values())
    try:
        if pixel_range == value_ranges.AUTO and 1 < high < LEAST_WHITE and _are_floats(images):
            raise DataError("too dark for bytes, and too bright for fractions")
        return value_range_detection.detect_in_arrays(images, pixel_range, name="images")
    except DataError as error:
        texts = [value_ranges.number_text(value, "") for value in (low, high)]
        raise DataError(
            f"{' and '.join(images)}: pixels from {texts[0]} to {texts[1]} are in none of the ranges 0 to 255, 0 to 1 "
            f"and -1 to 1: give the values of black and white, such as pixel_range='{texts[0]}:{texts[1]}'"
        ) from error


def _are_floats(images: Mapping[str, np.ndarray]) -> bool:
    return any(values.dtype.kind == "f" for values in images.values())


def _need_one_shape(images: Mapping[str, np.ndarray]) -> None:
    """Raise DataError unless all images have one height and width."""
    name, first = next(iter(images.items()))
    for other, values in images.items():
        if values.shape[1:3] != first.shape[1:3]:
            sizes = [f"{one.shape[2]}x{one.shape[1]}" for one in (values, first)]
            raise DataError(f"{other} are of {sizes[0]} pixels, {name} of {sizes[1]}: resize or crop them to one size")
