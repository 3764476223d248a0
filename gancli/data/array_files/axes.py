"""The order of the axes of image arrays, recognized from shapes: one rule each, with a remark.

An image array becomes (count, height, width) or (count, height, width, channels). RULES are tried in order; the first
that knows the shape decides. Orders in use: NumPy and TensorFlow have channels last, PyTorch has channels first, MATLAB
has the images last, scikit-learn and CSV files have flat rows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn
from gancli.data.remarks import Remark, changed, guessed

CHANNELS = (1, 3, 4)
EXPECTED = "(count, height, width[, 1, 3 or 4])"
LEAST_SIDE = 4  # pixels, of an image in a flat row
WHITE = 255


class Layout(NamedTuple):
    """What files of one kind have in common. by_columns: flat rows hold an image column by column, as MATLAB stores
    matrices. interleaved: flat rows of colors hold red, green and blue of each pixel side by side; otherwise a plane of
    each color. is_mirrored: images are stored with rows and columns exchanged, as EMNIST's are."""

    by_columns: bool = False
    interleaved: bool = False
    is_mirrored: bool = False


class Order(NamedTuple):
    """How an array becomes images: their shape, a function that does it, and a remark, None for the usual order."""

    shape: tuple[int, ...]
    convert: Callable[[np.ndarray], np.ndarray]
    remark: Remark | None = None


Rule = Callable[[tuple[int, ...], int | None, Layout], Order | None]


def arranged(
    column: ArrayColumn, *, name: str, count: int | None = None, layout: Layout | None = None
) -> tuple[ArrayColumn, list[Remark]]:
    """Images in the order (count, height, width[, channels]), not read yet, and remarks, which `named` gives a name.

    name: of the file, for messages. count: the number of labels, if it is known. Raises: DataError for other shapes.
    """
    layout = layout or Layout()
    shape = tuple(column.shape)
    order = next((found for rule in RULES if (found := rule(shape, count, layout)) is not None), None)
    if order is None or 0 in shape:
        raise DataError(refusal(shape, f"{name}: {column.name}"))
    remarks = [] if order.remark is None else [order.remark]
    if layout.is_mirrored:
        text = "rows and columns are exchanged, as EMNIST stores letters on their side"
        order, remarks = _mirrored(order), [*remarks, changed(text)]
    if order.remark is None and not layout.is_mirrored:
        return column, remarks
    convert = order.convert
    return column._replace(shape=order.shape, read=lambda: convert(column.read()), stored=None), remarks


def named(remarks: Mapping[str, Sequence[Remark]]) -> list[Remark]:
    """Remarks by the name of a column as remarks that begin with the names of all columns they hold for."""
    names: dict[Remark, list[str]] = {}
    for name, found in remarks.items():
        for remark in found:
            names.setdefault(remark, []).append(name)
    return [remark._replace(text=f"{', '.join(found)}: {remark.text}") for remark, found in names.items()]


def is_usual(shape: tuple[int, ...]) -> bool:
    """Whether a shape is (count, height, width), with channels last if there are any."""
    order = next((found for rule in RULES if (found := rule(tuple(shape), None, Layout())) is not None), None)
    return order is not None and order.remark is None and shape[-1] != len("RGBA")


def _mirrored(order: Order) -> Order:
    count, height, width, *channels = order.shape
    return Order((count, width, height, *channels), lambda values: order.convert(values).swapaxes(1, 2), order.remark)


def _four_axes(shape: tuple[int, ...], count: int | None, layout: Layout) -> Order | None:
    """Images with an axis of channels, which is last, second (PyTorch) or third of four (MATLAB)."""
    if len(shape) != 4 or 0 in shape:
        return None
    orders = {
        "channels last": ((0, 1, 2, 3), None),
        "channels first": ((0, 2, 3, 1), "channels first, as PyTorch has them"),
        "images last": ((3, 0, 1, 2), "height, width, channels and then images, as MATLAB has them"),
    }
    fits = {key: axes for key, (axes, _) in orders.items() if shape[axes[3]] in CHANNELS}
    fits = {key: axes for key, axes in fits.items() if count is None or shape[axes[0]] == count} or fits
    square = {key: axes for key, axes in fits.items() if shape[axes[1]] == shape[axes[2]]}
    chosen = square or fits
    if not chosen:
        return None
    key, axes = next(iter(chosen.items()))
    text = orders[key][1]
    remark = changed(f"{shape} is read as {text}", matters=False) if text else None
    return Order(tuple(shape[axis] for axis in axes), lambda values: values.transpose(axes), remark)


def _three_axes(shape: tuple[int, ...], count: int | None, layout: Layout) -> Order | None:
    """Images of one channel, with the images first, or last (MATLAB)."""
    if len(shape) != 3 or 0 in shape:
        return None
    is_last = shape[2] == count != shape[0] if count is not None else shape[0] == shape[1] != shape[2]
    if is_last and (count is not None or shape[2] not in CHANNELS):
        remark = guessed(f"{shape} is read as {shape[2]:,} images of {shape[1]}x{shape[0]}, as MATLAB has them last")
        return Order((shape[2], *shape[:2]), lambda values: np.moveaxis(values, -1, 0), remark)
    if shape[-1] in CHANNELS and shape[1] != shape[2]:
        return None  # one image with channels, or hardly any pixels
    return Order(shape, lambda values: values)


def _flat_rows(shape: tuple[int, ...], count: int | None, layout: Layout) -> Order | None:
    """Square images as rows of numbers: one channel, or three."""
    if len(shape) != 2 or (shape[0] == shape[1] and count is None):  # one image
        return None
    is_turned = _side(shape[1]) is None and _side(shape[0]) is not None
    is_turned = is_turned if count is None or count not in shape else shape[0] != count
    rows, length = shape[::-1] if is_turned else shape
    found = _side(length)
    if found is None:
        return None
    side, channels = found
    axes, text = _axes_of_rows(channels, layout)
    text = f"rows of {length:,} numbers are read as images of {side}x{side}{text}"
    text = f"columns{text.removeprefix('rows')}" if is_turned else text
    kept = (channels, side, side) if channels > 1 and not layout.interleaved else (side, side, channels)

    def convert(values: np.ndarray) -> np.ndarray:
        values = values.T if is_turned else values
        images = values.reshape(rows, *kept)
        return images.transpose(axes) if channels > 1 or layout.by_columns else images

    return Order((rows, side, side, channels), convert, guessed(text, matters=channels > 1 or layout.by_columns))


def _axes_of_rows(channels: int, layout: Layout) -> tuple[tuple[int, ...], str]:
    """How rows cut into three axes become height, width and channels, and words for it."""
    planes = channels > 1 and not layout.interleaved
    axes = (0, 2, 3, 1) if planes else (0, 1, 2, 3)
    text = ""
    if channels > 1:
        text = ", a plane of each color (CIFAR's order)" if planes else ", the colors of each pixel side by side"
    if layout.by_columns:
        axes = (axes[0], axes[2], axes[1], axes[3])
        text += ", column by column (MATLAB's order)"
    return axes, text


def _side(length: int) -> tuple[int, int] | None:
    """The side and the channels of a square image in a row of so many numbers, None if there is none."""
    for channels in (1, 3):
        side = math.isqrt(length // channels)
        if side >= LEAST_SIDE and side * side * channels == length:
            return side, channels
    return None


def side_of_row(length: int) -> tuple[int, int] | None:
    """The side and the channels (1 or 3) of a square image of so many numbers, None if there is none."""
    return _side(length)


RULES: tuple[Rule, ...] = (_four_axes, _three_axes, _flat_rows)


def refusal(shape: tuple[int, ...], name: str) -> str:
    """Why a shape is none of images."""
    if len(shape) == 3 and shape[-1] in CHANNELS and shape[1] != shape[2] and 0 not in shape:
        return f"{name}: shape {shape} is one image, or images of {shape[-1]} pixels across; expected {EXPECTED}"
    if len(shape) == 4 and 0 not in shape and len(set(shape[1:])) == 1:
        return (
            f"{name}: shape {shape} are volumes, and images are needed: write their slices to another file, as "
            "numpy.savez('slices.npz', images=volumes.reshape(-1, *volumes.shape[2:])) does"
        )
    if len(shape) == 2 and 0 not in shape:
        return f"{name}: shape {shape} is one image, or rows of no square images; expected {EXPECTED}"
    return f"{name}: images of shape {shape}; expected {EXPECTED}, not empty"


def on_white(images: np.ndarray) -> np.ndarray:
    """Images of four channels on white: uint8 (count, height, width, 4) -> (count, height, width, 3)."""
    out = np.empty((*images.shape[:3], 3), np.uint8)
    for number, image in enumerate(images):
        alpha = image[..., 3:].astype(np.float32) / 255
        out[number] = np.rint(image[..., :3] * alpha + WHITE * (1 - alpha))
    return out
