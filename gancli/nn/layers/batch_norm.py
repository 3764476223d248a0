"""Normalization layers with Keras' weights and names, computed by other operations.

Batch normalization, Ioffe & Szegedy 2015 (arXiv:1502.03167), by TensorFlow's fused kernel while training. Keras
computes it in TensorFlow from a dozen elementwise operations, in float32; the fused kernel reads bfloat16 and passes
over the data twice.

Group normalization, Wu & He 2018 (arXiv:1803.08494), with a correct second derivative. Keras takes the variance
from `tf.nn.moments`, which holds the mean constant: the first derivative is still correct, since the
deviations from a mean sum to 0, but the second lacks the terms of the mean's own derivative. A gradient penalty is
trained by second derivatives.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf


def batch_norm(**settings: object) -> keras.Layer:
    """A keras.layers.BatchNormalization over the last axis, with the same arguments and the same weights."""
    return _fused()(**settings)


def layer_norm(**settings: object) -> keras.Layer:
    """Mean 0 and variance 1 over all of an image, float (batch, …, channels), then a gain and a bias per channel.

    Layer normalization, Ba et al. 2016 (arXiv:1607.06450), with the gains of group normalization of one group. The
    arguments, weights and names are those of keras.layers.GroupNormalization(groups=1), so their checkpoints are
    interchangeable. Mean and variance are computed in float32, or in float64 for float64 inputs, whatever the
    layer's precision; the output has the layer's dtype. Derivatives of any order are correct.
    """
    return _grouped()(groups=1, **settings)


def instance_norm(**settings: object) -> keras.Layer:
    """Instance normalization, Ulyanov et al. 2016 (arXiv:1607.08022): each map of each image, as `layer_norm`."""
    return _grouped()(groups=-1, **settings)


@functools.cache
def _fused() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class BatchNormalization(keras.layers.BatchNormalization):
        """Keras' layer with another kernel for training on one device."""

        def call(self, inputs: Tensor, training: bool | None = None, mask: Tensor | None = None) -> Tensor:
            """float (batch, …, channels) -> the same, normalized; in training the moving statistics are updated."""
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


@functools.cache
def _grouped() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class GroupNormalization(keras.layers.GroupNormalization):
        """Keras' layer over the last axis, whose variance keeps its derivative by the mean."""

        def call(self, inputs: Tensor) -> Tensor:
            """float (batch, …, channels) -> the same, each group of channels of each image normalized."""
            wide = inputs.dtype if inputs.dtype == tf.float64 else tf.float32
            size, channels = tf.shape(inputs), inputs.shape[-1]
            net = tf.reshape(tf.cast(inputs, wide), (size[0], -1, self.groups, channels // self.groups))
            apart = net - tf.reduce_mean(net, (1, 3), keepdims=True)
            variance = tf.reduce_mean(apart**2, (1, 3), keepdims=True)
            net = tf.reshape(apart * tf.math.rsqrt(variance + self.epsilon), size)
            if self.scale:
                net *= tf.cast(self.gamma.value, wide)
            if self.center:
                net += tf.cast(self.beta.value, wide)
            return tf.cast(net, self.compute_dtype)

    return GroupNormalization
