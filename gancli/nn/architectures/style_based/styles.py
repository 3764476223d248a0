"""Layers between z and the convolutions: style mixing, the mean of w, the learned constant, noise, AdaIN.

Those that draw numbers do so in training alone, each from a state of its own that checkpoints hold. At inference the
noise of a layer is a constant, drawn once when the network was made and saved with it, so that a seed always gives the
same image.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf

MEAN_DECAY = 0.995  # of the moving average of w: the authors' code
EPSILON = 1e-8
LEAK = 0.2


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


def crossover(one: Tensor, other: Tensor, uniform: Tensor, layers: int, probability: float) -> Tensor:
    """Style mixing, ibid., section 3.1: w of `one` up to a random layer, of `other` from there on.

    one, other: float32 (batch, size). uniform: float32 (batch, 2), in [0, 1): whether an image is mixed, and where,
    from layer 1 to the last with equal probability. Returns: float32 (batch, layers, size).
    """
    start = tf.cast(uniform[:, 1] * (layers - 1), tf.int32) + 1
    start = tf.where(uniform[:, 0] < probability, start, layers)
    is_first = tf.range(layers)[None, :] < start[:, None]
    return tf.where(is_first[:, :, None], one[:, None], other[:, None])


def layer(kind: str, *arguments: object, **settings: object) -> keras.Layer:
    """Appended, MeanOfW, StyleMixing, LearnedConstant, NoiseAndActivation, AdaIN or Clipped, of these arguments."""
    return {one.__name__: one for one in (*_drawing(), *_plain())}[kind](*arguments, **settings)


@functools.cache
def _drawing() -> tuple[type, ...]:
    """The layers that draw random numbers in training."""

    class Drawing(keras.layers.Layer):
        """Has a state of random numbers, as keras.layers.Dropout."""

        def __init__(self, **settings: object) -> None:
            super().__init__(**settings)
            self.seed_generator = keras.random.SeedGenerator(0, name=f"{self.name}_seed")  # the model sets it

        def build(self, shape: tuple) -> None:
            """No weights."""

    @keras.saving.register_keras_serializable("gancli")
    class Appended(Drawing):
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

    @keras.saving.register_keras_serializable("gancli")
    class StyleMixing(Drawing):
        """A style for each layer, in training by `crossover` of both halves of the rows."""

        def __init__(self, layers: int, probability: float, **settings: object) -> None:
            super().__init__(**settings)
            self.layers, self.probability = layers, probability

        def call(self, w: Tensor, training: bool | None = None) -> Tensor:
            """float32 (batch, size), of two halves in training -> (batch, layers, size)."""
            if not (training and self.probability):
                return tf.repeat(w[:, None], self.layers, axis=1)
            one, other = tf.split(w, 2)
            uniform = keras.random.uniform((tf.shape(one)[0], 2), seed=self.seed_generator)
            return crossover(one, other, uniform, self.layers, self.probability)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """One more axis."""
            return (None, self.layers, shape[1])

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"layers": self.layers, "probability": self.probability}

    @keras.saving.register_keras_serializable("gancli")
    class NoiseAndActivation(Drawing):
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

    return Appended, StyleMixing, NoiseAndActivation


@functools.cache
def _plain() -> tuple[type, ...]:
    """The layers that draw nothing."""

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

    @keras.saving.register_keras_serializable("gancli")
    class Clipped(keras.layers.Layer):
        """Clips to [-1, 1] at inference; in training gradients pass everywhere."""

        def call(self, image: Tensor, training: bool | None = None) -> Tensor:
            """float (batch, side, side, channels) -> the same in the layer's dtype."""
            return image if training else tf.clip_by_value(image, -1.0, 1.0)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The shape of the input."""
            return shape

    return MeanOfW, LearnedConstant, AdaIN, Clipped
