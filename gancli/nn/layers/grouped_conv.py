"""Grouped convolution with gradients of any order, without XLA.

Keras 3.15 compiles convolutions in groups with XLA on a CPU, since TensorFlow has their gradients there only in oneDNN:
in float64, or with TF_ENABLE_ONEDNN_OPTS=0, it raises InvalidArgumentError. XLA's gradients take some 40 times as long:
155 ms for maps 14 x 14 x 32 in two groups, batch 64, kernel 3, on one core, where `tf.nn.conv2d` takes 3.6. Here it is
`tf.nn.conv2d` where that has gradients, and elsewhere a convolution in one group with zeros between the groups.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, np, tf


def convolve(maps: Tensor, kernel: Tensor) -> Tensor:
    """float (batch, height, width, channels) and (k, k, channels / groups, filters) -> (batch, height, width, filters).

    Stride 1, padding "same".
    """
    groups = maps.shape[-1] // kernel.shape[2]
    if groups > 1 and not has_gradients(maps.dtype.name):
        kernel = spread(kernel, groups)
    return tf.nn.conv2d(maps, kernel, 1, "SAME")


def spread(kernel: Tensor, groups: int) -> Tensor:
    """The kernel of the same convolution in one group, (k, k, channels, filters): 0 between groups."""
    inputs, outputs = kernel.shape[2], kernel.shape[3] // groups
    own = np.kron(np.eye(groups), np.ones((inputs, outputs)))
    return tf.tile(kernel, (1, 1, groups, 1)) * tf.constant(own, kernel.dtype)


@functools.cache
def has_gradients(dtype: str) -> bool:
    """Whether TensorFlow has gradients of grouped convolutions here; tried once."""
    with tf.init_scope():  # even while a step is traced
        maps, kernel = tf.ones((1, 3, 3, 4), dtype), tf.ones((3, 3, 2, 4), dtype)
        try:
            tf.raw_ops.Conv2DBackpropInput(
                input_sizes=maps.shape, filter=kernel, out_backprop=maps, strides=(1, 1, 1, 1), padding="SAME"
            )
        except tf.errors.InvalidArgumentError:
            return False
    return True


def grouped_conv(channels: int, size: int, groups: int, **settings: object) -> keras.Layer:
    """A keras.layers.Conv2D of stride 1 and padding "same" with the same weights, computed by `convolve`."""
    return _layer()(channels, size, padding="same", groups=groups, **settings)


@functools.cache
def _layer() -> type:
    """The class, defined when Keras is first used."""

    @keras.saving.register_keras_serializable("gancli")
    class GroupedConv2D(keras.layers.Conv2D):
        """Keras' layer with another way to compute it."""

        def call(self, inputs: Tensor) -> Tensor:
            """float (batch, height, width, channels) -> (batch, height, width, filters)."""
            maps = convolve(inputs, tf.convert_to_tensor(self.kernel.value))
            return tf.nn.bias_add(maps, tf.convert_to_tensor(self.bias.value)) if self.use_bias else maps

    return GroupedConv2D
