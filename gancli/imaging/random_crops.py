"""Random square crops of a batch, in the graph: the same of an image and of its label map."""

from __future__ import annotations

from gancli.core.backend import Tensor, tf

MARGIN = 1e-3  # of a pixel: rounding must not leave the image, where TensorFlow fills with 0


def sample_boxes(
    random: tf.random.Generator, sizes: Tensor, side: int, *, zoom: tuple[float, float], flips: bool = True
) -> Tensor:
    """Random boxes for crops of `side` pixels, float32 (count, 4): row and column of the center of the first pixel, and
    of the last one. If the last column is before the first, the crop is mirrored.

    sizes: int32 (count, 2), height and width of each image. zoom: smallest and largest zoom, log-uniform between, as
    far as an image is large enough.
    """
    count, (low, high) = sizes.shape[0], zoom
    sizes, share = tf.cast(sizes, tf.float32), random.uniform([count, 4])
    extent = tf.minimum(side / low * (low / high) ** share[:, :1], tf.reduce_min(sizes, 1, keepdims=True))
    half = 0.5 * extent / side
    corner = share[:, 1:3] * (sizes - extent)
    ends = corner + half, corner + extent - half
    first, last = (tf.clip_by_value(end - 0.5, MARGIN, sizes - 1.0 - MARGIN) for end in ends)
    is_mirrored = (share[:, 3:] < 0.5) & flips
    left, right = first[:, 1:], last[:, 1:]
    sides = tf.where(is_mirrored, right, left), tf.where(is_mirrored, left, right)
    return tf.concat([first[:, :1], sides[0], last[:, :1], sides[1]], axis=1)


def crop(column: Tensor, rows: Tensor, at: Tensor, side: int, *, nearest: bool = False) -> Tensor:
    """Crops of rows int32 (count,) of a column of images, uint8 (all, height, width, channels).

    at: from `sample_boxes`. Returns: float32 (count, side, side, channels) in [0, 255], bilinear, or nearest neighbor.
    """
    height, width = column.shape[1:3]
    whole = tf.constant([max(height - 1, 1), max(width - 1, 1)] * 2, tf.float32)
    method = "nearest" if nearest else "bilinear"
    return tf.image.crop_and_resize(column, at / whole, rows, [side, side], method=method)
