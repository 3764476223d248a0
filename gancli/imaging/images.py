"""Images as arrays: conversion between [-1, 1] floats and bytes, grids, PNG, GIF and MP4."""

from __future__ import annotations

import importlib.util
import io
import math
from collections.abc import Sequence

from gancli.core.backend import Image, Tensor, np, tf
from gancli.core.errors import OptionError

GAP = 2  # pixels between two images of a grid
MIN_SIDE = 56  # smaller images of a grid are enlarged, each pixel to a square
MIN_FRAME_SIDE = 224  # the same for an animation
ALIKE = 0.01  # share of the variance of pixels between images that hardly differ


def from_uint8(pixels: Tensor) -> Tensor:
    """uint8 in [0, 255] -> float32 tensor in [-1, 1], the range of tanh."""
    return tf.cast(pixels, tf.float32) / 127.5 - 1.0


def to_uint8(images: Tensor) -> np.ndarray:
    """float in [-1, 1] -> uint8 in [0, 255], rounded; values outside are clipped."""
    return np.clip(np.rint((np.asarray(images, np.float32) + 1.0) * 127.5), 0, 255).astype(np.uint8)


def as_bytes(images: Tensor) -> Tensor:
    """float32 in [-1, 1] -> quantized to 8 bits, in [-1, 1]; values outside are clipped."""
    return tf.round((tf.clip_by_value(images, -1.0, 1.0) + 1.0) * 127.5) / 127.5 - 1.0


def psnr_from_mse(errors: np.ndarray) -> np.ndarray:
    """PSNR in dB of mean squared errors, float of any shape, of pixels in [0, 1]; at most 100, of equal images."""
    return -10.0 * np.log10(np.maximum(errors, 1e-10))


def to_unit(pixels: np.ndarray) -> np.ndarray:
    """uint8 in [0, 255] -> float32 in [0, 1], the range in which Parzen scores are published."""
    return pixels.astype(np.float32) / 255.0


def from_unit(values: np.ndarray) -> np.ndarray:
    """float in [0, 1] -> uint8 in [0, 255], rounded; values outside are clipped."""
    return to_uint8(values * 2.0 - 1.0)


def centered(values: np.ndarray) -> np.ndarray:
    """Signed values, float (count, height, width, channels) -> uint8: 0 becomes gray, each image scaled to full range.

    Only the first channel is kept unless there are one or three.
    """
    values = values if values.shape[-1] in (1, 3) else values[..., :1]
    reach = np.abs(values).max(axis=(1, 2, 3), keepdims=True)
    return from_unit(0.5 + 0.5 * np.divide(values, reach, out=np.zeros_like(values), where=reach > 0))


def flat(pixels: np.ndarray) -> np.ndarray:
    """uint8 (count, height, width, channels) -> float32 (count, pixels) in [0, 1]."""
    return to_unit(pixels).reshape(len(pixels), -1)


def are_constant(pixels: np.ndarray) -> bool:
    """Whether every image, uint8 (count, height, width, channels), has a single color."""
    return bool((pixels == pixels[:, :1, :1]).all())


def spread(pixels: np.ndarray) -> float:
    """The standard deviation of each pixel over the images, averaged over pixels; in [0, 0.5].

    pixels: uint8 (count, height, width, channels). Exactly 0 if all images are equal.
    """
    return 0.0 if (pixels == pixels[:1]).all() else float(to_unit(pixels).std(axis=0).mean())


def are_alike(pixels: np.ndarray) -> bool:
    """Whether images, uint8 (count, height, width, channels), hardly differ: as a constant or collapsed generator's.

    Less than a hundredth of the variance of all pixels is between images, the rest is the same in each.
    """
    values = to_unit(pixels)
    return bool(values.var(axis=0).mean() <= ALIKE * values.var())


def grid_shape(count: int) -> tuple[int, int]:
    """Rows and columns of a nearly square grid for `count` images, at least as wide as high."""
    columns = max(1, math.ceil(math.sqrt(count)))
    return max(1, math.ceil(count / columns)), columns


def grid(pixels: np.ndarray, *, shape: tuple[int, int] | None = None) -> np.ndarray:
    """Arrange images in rows and columns on white.

    pixels: uint8 (count, height, width, channels). shape: (rows, columns), nearly square if not given.
    Returns: uint8 (height, width, channels) of the whole.
    """
    pixels = _enlarged(pixels, MIN_SIDE)
    count, height, width, channels = pixels.shape
    rows, columns = shape or grid_shape(count)
    canvas = np.full((rows * (height + GAP) + GAP, columns * (width + GAP) + GAP, channels), 255, np.uint8)
    for index in range(min(count, rows * columns)):
        top, left = (GAP + (index // columns) * (height + GAP), GAP + (index % columns) * (width + GAP))
        canvas[top : top + height, left : left + width] = pixels[index]
    return canvas


def stages_grid(columns: Sequence[np.ndarray]) -> np.ndarray:
    """One row per image and one column per stage; small stages are enlarged by nearest neighbor.

    columns: uint8 (count, side, side, channels), of equal counts. Returns: uint8 (height, width, channels).
    """
    side = max(column.shape[1] for column in columns)
    sized = [np.stack([_to_side(image, side) for image in column]) for column in columns]
    rows = np.stack(sized, axis=1)
    return grid(rows.reshape(-1, *rows.shape[2:]), shape=rows.shape[:2])


def _to_side(image: np.ndarray, side: int) -> np.ndarray:
    picture = to_pillow(image).resize((side, side), Image.Resampling.NEAREST)
    return np.asarray(picture).reshape(side, side, image.shape[-1])


def _enlarged(pixels: np.ndarray, side: int) -> np.ndarray:
    zoom = max(1, round(side / max(pixels.shape[1:3])))
    return pixels.repeat(zoom, axis=1).repeat(zoom, axis=2)


def to_pillow(pixels: np.ndarray) -> Image.Image:
    """One uint8 image (height, width, 1 or 3) as a Pillow image."""
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def png(pixels: np.ndarray) -> bytes:
    """One uint8 image (height, width, 1 or 3) as the bytes of a PNG file."""
    buffer = io.BytesIO()
    to_pillow(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def gif(frames: Sequence[np.ndarray], *, milliseconds: int = 120) -> bytes:
    """uint8 images of one shape as the bytes of a looping GIF; the last frame stays for 1.5 seconds."""
    pictures = [to_pillow(frame) for frame in frames]
    durations = [milliseconds] * (len(pictures) - 1) + [1500]
    buffer = io.BytesIO()
    pictures[0].save(buffer, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    return buffer.getvalue()


def need_mp4() -> None:
    """Raise OptionError if the packages that write MP4 are not installed."""
    if not all(importlib.util.find_spec(name) for name in ("imageio", "av")):
        raise OptionError("writing .mp4 needs packages that are not installed: pip install 'gancli[mp4]', or use .gif")


def mp4(frames: Sequence[np.ndarray], *, per_second: int = 8) -> bytes:
    """uint8 images of one shape as the bytes of an MP4 video (H.264); the last frame stays for 1.5 seconds.

    Raises: OptionError if the extra gancli[mp4] is not installed.
    """
    need_mp4()
    from imageio import v3 as imageio

    video = np.stack([*frames, *[frames[-1]] * round(1.5 * per_second)])
    video = np.pad(
        video, ((0, 0), *((0, side % 2) for side in video.shape[1:3]), (0, 0)), mode="edge"
    )  # chroma subsampling
    video = np.repeat(video, 3, axis=-1) if video.shape[-1] == 1 else video
    return imageio.imwrite("<bytes>", video, extension=".mp4", plugin="pyav", codec="libx264", fps=per_second)


def visible_frames(pixels: np.ndarray) -> list[np.ndarray]:
    """Images (count, height, width, channels) as frames of an animation, enlarged if small."""
    return list(_enlarged(pixels, MIN_FRAME_SIDE))


def read_png(content: bytes) -> np.ndarray:
    """The bytes of a PNG file that `png` wrote -> uint8 (height, width, channels)."""
    pixels = np.asarray(Image.open(io.BytesIO(content), formats=("PNG",)))
    return pixels[..., None] if pixels.ndim == 2 else pixels
