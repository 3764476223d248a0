"""Path length regularization. Karras et al. 2020, arXiv:1912.04958, section 3.2, equation 4."""

from __future__ import annotations

import math
from collections.abc import Callable

from gancli.core.backend import Tensor, tf

DECAY = 0.01  # of the moving average of path lengths: the paper, appendix B


def path_lengths(synthesis: Callable[[Tensor], Tensor], styles: Tensor, noise: Tensor) -> Tensor:
    """‖Jᵀ y‖ of each image, float32 (batch,), J the derivative of the image by its styles, y = noise / √pixels.

    synthesis: styles float32 (batch, layers, size) -> images float32 (batch, height, width, channels), each of its own
    row. noise: from N(0, 1), of the shape of the images. Squares are summed over a style and averaged over the layers,
    as in the authors' code: a w that all layers share has about that length.
    """
    pixels = noise.shape[1] * noise.shape[2]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(styles)
        product = tf.reduce_sum(synthesis(styles) * noise) / math.sqrt(pixels)
    slopes = tape.gradient(product, styles)
    return tf.sqrt(tf.reduce_mean(tf.reduce_sum(slopes**2, axis=2), axis=1) + 1e-12)  # the root has no gradient at 0


def penalty(lengths: Tensor, mean: Tensor) -> tuple[Tensor, Tensor]:
    """E (‖Jᵀ y‖ - a)², and a: the moving average of lengths, after these. mean: the average before. Scalars."""
    following = mean + DECAY * (tf.stop_gradient(tf.reduce_mean(lengths)) - mean)
    return tf.reduce_mean((lengths - following) ** 2), following
