"""Images of a program as input of a trained model: arrays, Pillow images and image files, in any mixture.

Bytes and other whole numbers are pixels from 0 to 255, booleans black and white. Floating-point numbers run from 0 to
1, or from -1 to 1 if any of the images has a negative value. If the training data were floating-point numbers of
another range, or whole numbers of 16 bits or more (`pixel_ranges` of gancli.data.DataFacts), so may be further images.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from gancli.core.backend import Image, np
from gancli.core.errors import DataError, OptionError, value_text
from gancli.data.containers import source_files
from gancli.data.images import image_decoding, value_ranges
from gancli.data.images.value_ranges import BOOL, BYTE, BYTES, FLOAT, SIGNED, UNIT, Range
from gancli.inference.image_files import frames, real_images

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

ROUNDING = 1e-6  # how far a number may be outside of its range
EXPECTED = "an array (height, width[, channels]) or (count, height, width, channels), Pillow images or paths of images"
ONE, BATCH, LIST = "one", "batch", "list"


class Array(Protocol):
    """An array of NumPy, or a tensor that converts to one."""

    def __array__(self) -> np.ndarray: ...


OneImage: TypeAlias = "Array | Image.Image | str | os.PathLike[str]"
Images: TypeAlias = "OneImage | Sequence[OneImage]"


class ImageList(NamedTuple):
    """Images of any size, uint8 (height, width, channels) each. form: how they were given: one, a batch, or a list."""

    pixels: list[np.ndarray]
    form: str

    def like_input(self, results: list[np.ndarray]) -> np.ndarray | list[np.ndarray]:
        """Results for each image, in the form of the input: an array, an array with one more axis, or a list."""
        return results[0] if self.form == ONE else np.stack(results) if self.form == BATCH else results


def of_model_size(trained: TrainedModel, images: Images) -> np.ndarray:
    """Images in the size of a model with fixed size, uint8 (count, *shape).

    Arrays must have this size, and gray ones may be (count, height, width); files, folders and Pillow images are
    cropped and resized as the training data were. Raises: DataError, OptionError.
    """
    shape = tuple(trained.run.facts.shape)
    size = f"{shape[0]}x{shape[1]} pixels and {_channels(shape[2])}, as this model has"

    def from_file(path: Path) -> list[np.ndarray]:
        return list(real_images.open_files(trained, [path])[0])

    def from_picture(picture: Image.Image) -> list[np.ndarray]:
        color, crop = "gray" if shape[2] == 1 else "rgb", trained.outline.config.crop
        plain = image_decoding.decode(picture, color, name="image", known=trained.run.facts.pixel_ranges)
        plain = Image.fromarray(plain[..., 0] if shape[2] == 1 else plain)
        square = image_decoding.decode_square(plain, shape[0], color, name="image", crop=crop, ranges={BYTE: BYTES})
        return [square]

    if getattr(images, "shape", ())[1:] == shape[:2] and shape[2] == 1:  # a batch of gray images
        images = np.asarray(images)[..., None]
    found = _read(images, trained.run.facts.pixel_ranges, from_file, from_picture).pixels
    for image in found:
        if image.shape != shape:
            raise DataError(f"an image of {_size(image)}: expected {size}; resize it, or give a path or Pillow image")
    return np.stack(found)


def of_any_size(trained: TrainedModel, images: Images) -> ImageList:
    """Images of any size with as many channels as the model takes; files and Pillow images are converted.

    Raises: DataError, OptionError.
    """
    channels, known = trained.run.facts.shape[2], trained.run.facts.pixel_ranges

    def from_file(path: Path) -> list[np.ndarray]:
        return [frames.read_pixels(source_files.image_file(path), channels, trained.reporting.note, known=known)]

    def from_picture(picture: Image.Image) -> list[np.ndarray]:
        return [image_decoding.decode(picture, "gray" if channels == 1 else "rgb", name="image", known=known)]

    found = _read(images, known, from_file, from_picture)
    for image in found.pixels:
        if image.shape[2] != channels:
            raise DataError(f"an image of {_size(image)}: this model takes {_channels(channels)}")
    return found


def with_alpha(trained: TrainedModel, images: Images) -> ImageList:
    """Images of any size in gray or RGB, the last of 2 or 4 channels being alpha. Raises: DataError, OptionError."""

    def from_file(path: Path) -> list[np.ndarray]:
        first = frames.read_frames(source_files.image_file(path), trained.reporting.note).frames[0]
        return [_array(first)]

    def from_picture(picture: Image.Image) -> list[np.ndarray]:
        return [_array(next(iter(image_decoding.decode_frames(picture, name="image"))))]

    return _read(images, trained.run.facts.pixel_ranges, from_file, from_picture)


def _array(picture: Image.Image) -> np.ndarray:
    pixels = np.asarray(picture)
    return pixels[..., None] if pixels.ndim == 2 else pixels


def _read(
    images: Images,
    known: Sequence[str],
    from_file: Callable[[Path], list[np.ndarray]],
    from_picture: Callable[[Image.Image], list[np.ndarray]],
) -> ImageList:
    """All images, uint8 (height, width, channels) each. known: value ranges of the training data."""
    items, form = _items(images)
    arrays = iter(_to_bytes([item for item in items if isinstance(item, np.ndarray)], known))
    pixels: list[np.ndarray] = []
    for item in items:
        if isinstance(item, np.ndarray):
            pixels.append(next(arrays))
        elif isinstance(item, Path):
            pixels += from_file(item)
        else:
            pixels += from_picture(item.copy())  # which is decoded in place
    return ImageList(pixels, form if form != ONE or len(pixels) == 1 else LIST)


def _items(images: Images) -> tuple[list[np.ndarray | Path | Image.Image], str]:
    """Each image as an array (height, width, channels), a path or a Pillow image; and the form of them all."""
    if isinstance(images, list | tuple) and any(map(_is_image, images)):
        parts = [_items(image)[0] for image in images]
        return [item for part in parts for item in part], LIST
    if isinstance(images, str | os.PathLike):
        return [Path(os.path.expanduser(images))], ONE  # noqa: PTH111 (pathlib's fails for unknown users)
    if isinstance(images, Image.Image):
        return [images], ONE
    array = _numbers(images)
    return list(array) if array.ndim == 4 else [array], BATCH if array.ndim == 4 else ONE


def _is_image(item: object) -> bool:
    """Whether an item of a list is an image of its own, and no number or row of a nested list."""
    return isinstance(item, str | os.PathLike | Image.Image) or hasattr(item, "__array__")


def _numbers(images: object) -> np.ndarray:
    """An array of one image (height, width, channels) or several (count, height, width, channels)."""
    try:
        array = np.asarray(images)
    except (ValueError, TypeError) as error:
        raise DataError(f"images that are no array of numbers ({value_text(error)}): expected {EXPECTED}") from error
    if array.dtype.kind not in "biuf":
        raise OptionError(
            f"images of type {type(images).__name__} and numbers of type {array.dtype}: expected {EXPECTED}"
        )
    if array.size == 0:
        raise DataError(f"images of shape {array.shape} are empty: expected one image or more")
    if array.ndim == 2:
        return array[..., None]
    if array.ndim not in (3, 4):
        raise DataError(f"images of shape {array.shape} have {array.ndim} axes: expected {EXPECTED}")
    if array.shape[-1] > 4:
        hint = "; a batch of gray images has a last axis of 1: images[..., None]" if array.ndim == 3 else ""
        raise DataError(f"images of shape {array.shape} have {array.shape[-1]} channels: expected 1 to 4{hint}")
    return array


def _to_bytes(arrays: list[np.ndarray], known: Sequence[str]) -> list[np.ndarray]:
    """Images of one range of values for each kind of number, as uint8. Raises: DataError."""
    ranges: dict[str, Range] = {}
    for kind in {value_ranges.kind_of(array.dtype) for array in arrays}:
        parts = [array for array in arrays if value_ranges.kind_of(array.dtype) == kind]
        ranges[kind] = _range(kind, parts, value_ranges.from_texts(known).get(kind))
    return [value_ranges.to_bytes(array, ranges) for array in arrays]


def _range(kind: str, arrays: list[np.ndarray], known: Range | None) -> Range:
    """The range of arrays of this kind of number. known: that of the training data. Raises: DataError."""
    if kind == BOOL:
        return UNIT
    low = min(value_ranges.extent_of(array).low for array in arrays)
    high = max(value_ranges.extent_of(array).high for array in arrays)
    chosen = (SIGNED if low < 0 else UNIT) if kind == FLOAT else BYTES
    if known and kind != BYTE and (kind != FLOAT or max(-low, high) > 1 + ROUNDING):
        chosen = known
    slack = ROUNDING * (chosen.high - chosen.low) if kind == FLOAT else 0
    if low < chosen.low - slack or high > chosen.high + slack:
        wanted = f"{chosen.low:g} to {chosen.high:g}"
        if kind == FLOAT:
            wanted = "floating-point numbers from 0 to 1, or from -1 to 1" + (f", or {known}" if known else "")
        raise DataError(f"images with values from {low:g} to {high:g}: expected {wanted}")
    return chosen


def _channels(count: int) -> str:
    return {1: "1 channel (gray)", 3: "3 channels (RGB)"}.get(count, f"{count} channels")


def _size(image: np.ndarray) -> str:
    return f"{image.shape[0]}x{image.shape[1]} pixels and {_channels(image.shape[2])}"
