"""The range of images at inference, for generators whose last layer is linear."""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf


def clip_at_inference(**settings: object) -> keras.Layer:
    """A layer that clips to [-1, 1] outside of training.

    In training a discriminator sees what lies beyond, and the gradient does not vanish there, as that of tanh does: on
    images with large black areas a generator without normalization would stay at -1 everywhere.
    """
    return _layer()(**settings)


@functools.cache
def _layer() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class ClipAtInference(keras.layers.Layer):
        """Clips images."""

        def call(self, inputs: Tensor, training: bool | None = None) -> Tensor:
            """Images float (batch, height, width, channels) -> the same, in [-1, 1] unless in training."""
            return tf.identity(inputs) if training else tf.clip_by_value(inputs, -1.0, 1.0)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

    return ClipAtInference
