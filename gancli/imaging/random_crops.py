"""Random squares cut out of the columns of a batch, inside the graph: the same of an image and of its label map."""

from __future__ import annotations

from gancli.core.backend import Tensor, tf

WITHIN = 1e-3  # of a pixel: rounding must not lead outside, where TensorFlow takes 0


def sample_boxes(
    random: tf.random.Generator, sizes: Tensor, side: int, *, zoom: tuple[float, float], flips: bool = True
) -> Tensor:
    """Where squares of `side` pixels are cut, float32 (count, 4): the row and column of the first pixel's middle, and
    of the last one's; where the last column is before the first, the square is mirrored.

    sizes: int32 (count, 2), height and width of each image. zoom: by how much what is cut is enlarged at least and at
    most, log-uniform between, as far as an image is large enough.
    """
    count, (low, high) = sizes.shape[0], zoom
    sizes, share = tf.cast(sizes, tf.float32), random.uniform([count, 4])
    extent = tf.minimum(side / low * (low / high) ** share[:, :1], tf.reduce_min(sizes, 1, keepdims=True))
    half = 0.5 * extent / side
    corner = share[:, 1:3] * (sizes - extent)
    ends = corner + half, corner + extent - half
    first, last = (tf.clip_by_value(end - 0.5, WITHIN, sizes - 1.0 - WITHIN) for end in ends)
    is_turned = (share[:, 3:] < 0.5) & flips
    left, right = first[:, 1:], last[:, 1:]
    sides = tf.where(is_turned, right, left), tf.where(is_turned, left, right)
    return tf.concat([first[:, :1], sides[0], last[:, :1], sides[1]], axis=1)


def crop(column: Tensor, rows: Tensor, at: Tensor, side: int, *, nearest: bool = False) -> Tensor:
    """Squares of the rows int32 (count,) of a column of images, uint8 (all, height, width, channels).

    at: from `sample_boxes`. Returns: float32 (count, side, side, channels) in [0, 255], bilinear, or nearest neighbor.
    """
    height, width = column.shape[1:3]
    whole = tf.constant([max(height - 1, 1), max(width - 1, 1)] * 2, tf.float32)
    how = "nearest" if nearest else "bilinear"
    return tf.image.crop_and_resize(column, at / whole, rows, [side, side], method=how)
