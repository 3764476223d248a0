"""Layers between z and the convolutions: style mixing, the mean of w, the learned constant, AdaIN.

Classes are defined when Keras is first used.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf
from gancli.nn.architectures.style_based import random_layers

MEAN_DECAY = 0.995  # of the moving average of w: the authors' code
EPSILON = 1e-8


def adaptive_norm(maps: Tensor, scale: Tensor, bias: Tensor) -> Tensor:
    """AdaIN, Karras et al. 2019 (1812.04948), equation 1: each map of each image with mean `bias`, deviation `scale`.

    maps: float (batch, side, side, channels); scale, bias: float32 (batch, channels). Statistics are in float32.
    """
    wide = tf.cast(maps, tf.float32)
    mean = tf.reduce_mean(wide, axis=(1, 2))
    variance = tf.reduce_mean((wide - mean[:, None, None]) ** 2, axis=(1, 2))
    factor = scale * tf.math.rsqrt(variance + EPSILON)
    shift = bias - mean * factor
    return maps * tf.cast(factor, maps.dtype)[:, None, None] + tf.cast(shift, maps.dtype)[:, None, None]


def layer(kind: str, *arguments: object, **settings: object) -> keras.Layer:
    """Appended, MeanOfW, StyleMixing, LearnedConstant, NoiseAndActivation, AdaIN or Clipped, of these arguments."""
    return {**random_layers.KINDS, **KINDS}[kind]()(*arguments, **settings)


@functools.cache
def _mean_of_w() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class MeanOfW(keras.layers.Layer):
        """An identity layer with the moving average of its input, for truncation."""

        def build(self, shape: tuple) -> None:
            """An average of 0 at first."""
            self.mean = self.add_weight(shape=shape[1:], initializer="zeros", trainable=False, name="mean")

        def call(self, w: Tensor, training: bool | None = None) -> Tensor:
            """The input, float32 (batch, size)."""
            if training:
                now = tf.reduce_mean(tf.cast(w, tf.float32), axis=0)
                self.mean.assign(MEAN_DECAY * self.mean.value + (1.0 - MEAN_DECAY) * now)
            return w

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

    return MeanOfW


@functools.cache
def _learned_constant() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class LearnedConstant(keras.layers.Layer):
        """The first maps of every image."""

        def __init__(self, side: int, channels: int, **settings: object) -> None:
            super().__init__(**settings)
            self.side, self.channels = side, channels

        def build(self, shape: tuple) -> None:
            """The maps, from N(0, 1), as one row, since kernels have more axes."""
            first = keras.initializers.RandomNormal(0.0, 1.0)
            self.maps = self.add_weight(shape=(self.side**2 * self.channels,), initializer=first, name="maps")

        def call(self, styles: Tensor) -> Tensor:
            """(batch, …), for the size of the batch alone -> float (batch, side, side, channels)."""
            maps = tf.cast(tf.convert_to_tensor(self.maps.value), self.compute_dtype)
            maps = tf.reshape(maps, (1, self.side, self.side, self.channels))
            return tf.broadcast_to(maps, tf.concat([tf.shape(styles)[:1], maps.shape[1:]], axis=0))

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The batch of the input."""
            return (shape[0], self.side, self.side, self.channels)

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"side": self.side, "channels": self.channels}

    return LearnedConstant


@functools.cache
def _adain() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class AdaIN(keras.layers.Layer):
        """`adaptive_norm` by a style of deviations less 1 and means."""

        def __init__(self, **settings: object) -> None:
            super().__init__(**settings)
            self.autocast = False  # of the inputs: styles stay in float32

        def build(self, maps_shape: tuple, style_shape: tuple) -> None:
            """No weights."""

        def call(self, maps: Tensor, style: Tensor) -> Tensor:
            """float (batch, side, side, channels), float32 (batch, 2 channels) -> the first shape."""
            scale, bias = tf.split(tf.cast(style, tf.float32), 2, axis=1)
            return adaptive_norm(maps, 1.0 + scale, bias)

        def compute_output_shape(self, maps_shape: tuple, style_shape: tuple) -> tuple:
            """The shape of the maps."""
            return maps_shape

    return AdaIN


@functools.cache
def _clipped() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class Clipped(keras.layers.Layer):
        """Clips to [-1, 1] at inference; in training gradients pass everywhere."""

        def call(self, image: Tensor, training: bool | None = None) -> Tensor:
            """float (batch, side, side, channels) -> the same in the layer's dtype."""
            return image if training else tf.clip_by_value(image, -1.0, 1.0)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

    return Clipped


KINDS = {"MeanOfW": _mean_of_w, "LearnedConstant": _learned_constant, "AdaIN": _adain, "Clipped": _clipped}
