"""Convolutions between resolutions with the low-pass filter [1, 3, 3, 1]. Karras et al. 2020, 1912.04958, appendix B.

A map is upsampled by zeros between its pixels, a 3x3 convolution, and the filter; downsampled by the filter and a 3x3
convolution of stride 2. StyleGAN's filter [1, 2, 1] around a convolution that averages two pixels is the same but for
the edges. Maps are float (batch, side, side, channels); odd sides are those of the next even one, cut off. Each is a
composition of convolutions, so derivatives of any order are exact.
"""

from __future__ import annotations

from gancli.core.backend import Tensor, np, tf
from gancli.nn.layers.resampling import FILTER


def weights(gain: float) -> np.ndarray:
    """The filter in two dimensions with this sum, float32 (4, 4)."""
    both = np.outer(FILTER, FILTER).astype(np.float32)
    return both * np.float32(gain / both.sum())


def up_convolution(maps: Tensor, kernel: Tensor, side: int) -> Tensor:
    """Twice the side, or one pixel less. kernel: (3, 3, inputs, outputs), of the dtype of the maps."""
    half, outputs = maps.shape[1], kernel.shape[-1]
    shape = (tf.shape(maps)[0], 2 * half + 1, 2 * half + 1, outputs)
    wide = tf.nn.conv2d_transpose(maps, tf.transpose(kernel, (0, 1, 3, 2)), shape, 2, "VALID")
    return smooth(wide, (1, 1 - (2 * half - side)), gain=4.0)


def down_convolution(maps: Tensor, kernel: Tensor) -> Tensor:
    """Half the side, rounded up. kernel: (3, 3, inputs, outputs), of the dtype of the maps."""
    return tf.nn.conv2d(smooth(maps, (2, 2 + maps.shape[1] % 2)), kernel, 2, "VALID")


def smooth(maps: Tensor, padding: tuple[int, int], *, gain: float = 1.0, stride: int = 1) -> Tensor:
    """Each channel convolved with the filter. padding: zeros before and after, in both directions."""
    one = tf.constant(weights(gain)[:, :, None, None], maps.dtype)
    kernel = tf.tile(one, (1, 1, maps.shape[-1], 1))
    edges = [[0, 0], list(padding), list(padding), [0, 0]]
    return tf.nn.depthwise_conv2d(maps, kernel, (1, stride, stride, 1), edges)


def half(maps: Tensor) -> Tensor:
    """Half the side, rounded up, by the filter alone."""
    return smooth(maps, (1, 1 + maps.shape[1] % 2), stride=2)


def double(maps: Tensor, side: int) -> Tensor:
    """Twice the side of maps with few channels, or one pixel less: zeros between the pixels, and the filter."""
    half_side, channels = maps.shape[1], maps.shape[-1]
    kernel = tf.constant(weights(4.0)[:, :, None, None] * np.eye(channels, dtype=np.float32), maps.dtype)
    shape = (tf.shape(maps)[0], 2 * half_side, 2 * half_side, channels)
    return tf.nn.conv2d_transpose(maps, kernel, shape, 2, "SAME")[:, :side, :side]
