"""Bicubic resampling: the kernel of Keys 1981 with a = -0.5, antialiased when downscaling.

This is what MATLAB's imresize does, with which super-resolution benchmarks are downscaled. Pillow and TensorFlow agree
with it within one gray level, except at the edges, where MATLAB mirrors the image and these ignore pixels outside it.
"""

from __future__ import annotations

from gancli.core.backend import Image, Tensor, np, tf
from gancli.imaging import images


def downscale_batch(high: Tensor, scale: int) -> Tensor:
    """Images float32 (batch, height, width, channels) in [-1, 1] -> (batch, height / scale, width / scale, channels) in
    [-1, 1], quantized to 8 bits as if they had been saved."""
    sides = [high.shape[1] // scale, high.shape[2] // scale]
    small = tf.image.resize(high, sides, method="bicubic", antialias=True)
    return images.as_bytes(small)


def crop_to_multiple(pixels: np.ndarray, scale: int) -> np.ndarray:
    """An image uint8 (height, width, channels), cropped at the right and bottom to multiples of the scale."""
    height, width = (side - side % scale for side in pixels.shape[:2])
    return pixels[:height, :width]


def downscale(pixels: np.ndarray, scale: int) -> np.ndarray:
    """One image uint8 (height, width, channels) -> (height / scale, width / scale, channels), by Pillow."""
    height, width = pixels.shape[:2]
    return _resized(pixels, width // scale, height // scale, Image.Resampling.BICUBIC)


def upscale(pixels: np.ndarray, scale: int, *, nearest: bool = False) -> np.ndarray:
    """One image uint8 (height, width, channels) -> (scale height, scale width, channels), by Pillow."""
    height, width = pixels.shape[:2]
    method = Image.Resampling.NEAREST if nearest else Image.Resampling.BICUBIC
    return _resized(pixels, scale * width, scale * height, method)


def _resized(pixels: np.ndarray, width: int, height: int, method: Image.Resampling) -> np.ndarray:
    picture = images.to_pillow(pixels).resize((width, height), method)
    return np.asarray(picture).reshape(height, width, pixels.shape[2])
