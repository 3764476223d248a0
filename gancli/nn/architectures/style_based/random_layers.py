"""Layers that draw numbers, in training alone, each from a state of its own that checkpoints hold.

At inference the noise of a layer is a constant, drawn once when the network was made and saved with it, so that a seed
always gives the same image. Classes are defined when Keras is first used.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf

LEAK = 0.2


def crossover(one: Tensor, other: Tensor, uniform: Tensor, layers: int, probability: float) -> Tensor:
    """Style mixing: w of `one` up to a random layer, of `other` from there on.

    Karras et al. 2019 (1812.04948), section 3.1. one, other: float32 (batch, size). uniform: float32 (batch, 2), in
    [0, 1): whether an image is mixed, and where, from layer 1 to the last with equal probability.
    Returns: float32 (batch, layers, size).
    """
    start = tf.cast(uniform[:, 1] * (layers - 1), tf.int32) + 1
    start = tf.where(uniform[:, 0] < probability, start, layers)
    is_first = tf.range(layers)[None, :] < start[:, None]
    return tf.where(is_first[:, :, None], one[:, None], other[:, None])


@functools.cache
def _drawing() -> type:
    class Drawing(keras.layers.Layer):
        """Has a state of random numbers, as keras.layers.Dropout."""

        def __init__(self, **settings: object) -> None:
            super().__init__(**settings)
            self.seed_generator = keras.random.SeedGenerator(0, name=f"{self.name}_seed")  # the model sets it

        def build(self, shape: tuple) -> None:
            """No weights."""

    return Drawing


@functools.cache
def _appended() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class Appended(_drawing()):
        """In training as many rows again: other z, or the same labels again, so that styles can be mixed."""

        def __init__(self, *, draws: bool = True, **settings: object) -> None:
            super().__init__(**settings)
            self.draws = draws

        def call(self, rows: Tensor, training: bool | None = None) -> Tensor:
            """float32 (batch, size) -> (2 batch, size) in training, else the rows themselves."""
            if not training:
                return rows
            others = keras.random.normal(tf.shape(rows), seed=self.seed_generator) if self.draws else rows
            return tf.concat([rows, tf.cast(others, rows.dtype)], axis=0)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """Any number of rows."""
            return (None, *shape[1:])

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"draws": self.draws}

    return Appended


@functools.cache
def _style_mixing() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class StyleMixing(_drawing()):
        """A style for each layer, in training by `crossover` of both halves of the rows."""

        def __init__(self, count: int, probability: float, **settings: object) -> None:
            super().__init__(**settings)
            self.count, self.probability = count, probability

        def call(self, w: Tensor, training: bool | None = None) -> Tensor:
            """float32 (batch, size), of two halves in training -> (batch, layers, size)."""
            if not (training and self.probability):
                return tf.repeat(w[:, None], self.count, axis=1)
            one, other = tf.split(w, 2)
            uniform = keras.random.uniform((tf.shape(one)[0], 2), seed=self.seed_generator)
            return crossover(one, other, uniform, self.count, self.probability)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """One more axis."""
            return (None, self.count, shape[1])

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"count": self.count, "probability": self.probability}

    return StyleMixing


@functools.cache
def _noise() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class NoiseAndActivation(_drawing()):
        """Adds Gaussian noise, equal in all channels, times a learned strength, and a bias; then LeakyReLU.

        each: whether every channel has a strength of its own, as in StyleGAN; StyleGAN2 has one for all.
        """

        def __init__(self, *, each: bool = False, **settings: object) -> None:
            super().__init__(**settings)
            self.each = each

        def build(self, shape: tuple) -> None:
            """Strengths and biases of 0, and the noise at inference, float32 (side, side, 1)."""
            channels = shape[-1]
            each = (channels,) if self.each else ()
            self.strength = self.add_weight(shape=each, initializer="zeros", name="strength")
            self.bias = self.add_weight(shape=(channels,), initializer="zeros", name="bias")
            self.fixed_noise = self.add_weight(
                shape=(*shape[1:3], 1),
                initializer=keras.initializers.RandomNormal(0.0, 1.0),
                trainable=False,
                name="fixed_noise",
            )

        def call(self, maps: Tensor, training: bool | None = None) -> Tensor:
            """float (batch, side, side, channels) -> the same shape."""
            dtype = maps.dtype
            if training:
                shape = tf.concat([tf.shape(maps)[:3], [1]], axis=0)
                noise = tf.cast(keras.random.normal(shape, seed=self.seed_generator), dtype)
            else:
                noise = tf.cast(tf.convert_to_tensor(self.fixed_noise.value), dtype)
            strength, bias = (tf.cast(tf.convert_to_tensor(one.value), dtype) for one in (self.strength, self.bias))
            return tf.nn.leaky_relu(tf.nn.bias_add(maps + noise * strength, bias), LEAK)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"each": self.each}

    return NoiseAndActivation


KINDS = {"Appended": _appended, "StyleMixing": _style_mixing, "NoiseAndActivation": _noise}
