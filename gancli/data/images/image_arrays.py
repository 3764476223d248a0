"""Arrays of images cropped, resized and converted to one channel or three."""

from __future__ import annotations

from gancli.core.backend import Image, ImageOps, np
from gancli.core.errors import DataError
from gancli.core.progress import track


def center_crop(pixels: np.ndarray, crop: int, *, name: str) -> np.ndarray:
    """The center of images uint8 (count, h, w, c) -> (count, crop, crop, c). Raises: DataError if they are smaller."""
    height, width = pixels.shape[1:3]
    if crop > min(height, width):
        raise DataError(f"{name}: images of {width}x{height} do not hold a --crop of {crop}")
    top, left = (height - crop) // 2, (width - crop) // 2
    return pixels[:, top : top + crop, left : left + crop]


def resize(pixels: np.ndarray, side: int) -> np.ndarray:
    """Images as squares of `side`, as image files are: uint8 (count, h, w, c) -> (count, side, side, c)."""
    if pixels.shape[1:3] == (side, side):
        return pixels
    channels = pixels.shape[-1]
    out = np.empty((len(pixels), side, side, channels), np.uint8)
    for index, image in enumerate(track(pixels, "resizing images", total=len(pixels))):
        picture = Image.fromarray(image[..., 0] if channels == 1 else image)
        out[index] = np.asarray(fit_square(picture, side)).reshape(side, side, channels)
    return out


def fit_square(picture: Image.Image, side: int, resampling: Image.Resampling | None = None) -> Image.Image:
    """The central square of an image, resampled with an antialiased bicubic filter unless another is given."""
    if picture.size == (side, side):
        return picture
    return ImageOps.fit(picture, (side, side), Image.Resampling.BICUBIC if resampling is None else resampling)


def convert_color(pixels: np.ndarray, color: str) -> np.ndarray:
    """Images with one channel ("gray": ITU-R 601 luma as Pillow's), three ("rgb"), or unchanged ("auto")."""
    if color == "rgb" and pixels.shape[-1] == 1:
        return pixels.repeat(3, axis=-1)
    if color == "gray" and pixels.shape[-1] == 3:
        return np.stack([np.asarray(Image.fromarray(image).convert("L")) for image in pixels])[..., None]
    return pixels
