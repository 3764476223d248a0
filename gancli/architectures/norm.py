"""Batch normalisation, Ioffe & Szegedy 2015 (arXiv:1502.03167), by TensorFlow's fused kernel while training.

Keras computes it in TensorFlow from a dozen elementwise operations, in float32; the fused kernel reads bfloat16 and
passes over the data twice.
"""

from __future__ import annotations

import functools

from gancli.backend import Tensor, keras, tf


def batch_norm(**settings: object) -> keras.Layer:
    """A keras.layers.BatchNormalization over the last axis, with the same arguments and the same weights."""
    return _fused()(**settings)


@functools.cache
def _fused() -> type:
    """The class, made when Keras is first needed."""

    @keras.saving.register_keras_serializable("gancli")
    class BatchNormalization(keras.layers.BatchNormalization):
        """Keras' layer with another kernel for training on one device."""

        def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
            """float (batch, …, channels) -> the same, normalised; in training the moving statistics follow."""
            if not (training and self.trainable) or self.synchronized or mask is not None:
                return super().call(inputs, training=training, mask=mask)
            size = tf.shape(inputs)
            maps = inputs if len(inputs.shape) == 4 else tf.reshape(inputs, (size[0], 1, 1, inputs.shape[-1]))
            scale = self.gamma.value if self.scale else tf.ones(inputs.shape[-1])
            offset = self.beta.value if self.center else tf.zeros(inputs.shape[-1])
            out = tf.raw_ops.FusedBatchNormV3(
                x=maps, scale=scale, offset=offset, mean=(), variance=(), epsilon=self.epsilon
            )
            count = tf.cast(tf.size(maps) // maps.shape[-1], tf.float32)
            biased = out.batch_variance * (count - 1) / count  # the kernel gives N / (N - 1) of what it divides by
            self._follow(self.moving_mean, out.batch_mean)
            self._follow(self.moving_variance, biased)
            return tf.reshape(out.y, size)

        def _follow(self, moving: keras.Variable, now: Tensor) -> None:
            moving.assign(moving * self.momentum + now * (1.0 - self.momentum))

    return BatchNormalization
