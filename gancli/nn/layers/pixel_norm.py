"""Pixel normalization. Karras et al. 2018, arXiv:1710.10196, section 4.2."""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf

EPSILON = 1e-8


def pixel_norm(net: Tensor, epsilon: float = EPSILON) -> Tensor:
    """Each pixel or row divided by the root of its mean square over channels, float (batch, …, channels)."""
    wide = net.dtype if net.dtype == tf.float64 else tf.float32
    square = tf.reduce_mean(tf.cast(net, wide) ** 2, axis=-1, keepdims=True)
    return net * tf.cast(tf.math.rsqrt(square + epsilon), net.dtype)


def pixel_norm_layer(**settings: object) -> keras.Layer:
    """A layer that computes `pixel_norm`; it has no weights."""
    return _layer()(**settings)


@functools.cache
def _layer() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class PixelNorm(keras.layers.Layer):
        """Divides each pixel by the root of its mean square."""

        def call(self, inputs: Tensor) -> Tensor:
            """As `pixel_norm`."""
            return pixel_norm(inputs)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

    return PixelNorm
