"""Layers of synthesis networks and discriminators, without activation; defined when Keras is first used.

`modulated`: Karras et al. 2020, 1912.04958, section 2.2. The kernel of each image has its inputs scaled by the style s
and each output map brought to deviation 1: w''_ijk = s_i w_ijk / √(Σ_ik (s_i w_ijk)² + ε), equations 1 and 3. Since
scales of inputs and outputs commute with a convolution, one kernel serves all images, and derivatives of any order are
exact: y = d conv(s x), d_j = 1 / √(Σ_i s_i² Σ_k w_ijk² + ε). d is computed in float32.
"""

from __future__ import annotations

import functools

from gancli.core.backend import Tensor, keras, tf
from gancli.nn.architectures.style_based import filtered

EPSILON = 1e-8
DIRECTIONS = ("", "up", "down")


def demodulation(kernel: Tensor, style: Tensor) -> Tensor:
    """d, float32 (batch, outputs). kernel: float32 (k, k, inputs, outputs); style: float32 (batch, inputs)."""
    squares = tf.reduce_sum(kernel**2, axis=(0, 1))
    return tf.math.rsqrt(tf.matmul(style**2, squares) + EPSILON)


def convolve(maps: Tensor, kernel: Tensor, direction: str = "", side: int | None = None) -> Tensor:
    """A convolution with padding "same", which doubles ("up", to `side`) or halves ("down") the side if asked."""
    if direction == "up":
        return filtered.up_convolution(maps, kernel, side)
    return filtered.down_convolution(maps, kernel) if direction else tf.nn.conv2d(maps, kernel, 1, "SAME")


def convolution(channels: int, size: int = 3, *, deviation: float, **settings: object) -> keras.Layer:
    """A convolution with resampling. deviation: of the initial kernel.

    settings: direction, side, use_bias, and Keras' own.
    """
    return _resampled()(channels, size, deviation=deviation, **settings)


def modulated(channels: int, size: int = 3, *, deviation: float, **settings: object) -> keras.Layer:
    """A modulated convolution, called with maps and styles float32 (batch, inputs).

    settings: direction, side, use_bias; `gain`, of the inputs (√2 after a LeakyReLU that has none of its own);
    `demodulate`, which may be False for a size of 1.
    """
    return _modulated()(channels, size, deviation=deviation, **settings)


@functools.cache
def _with_kernel() -> type:
    class WithKernel(keras.layers.Layer):
        """A kernel, (size, size, inputs, channels), and a bias if asked; `side` of what it doubles."""

        def __init__(
            self, channels: int, size: int = 3, *, deviation: float = 1.0, use_bias: bool = False, **settings: object
        ) -> None:
            self.direction, self.side = settings.pop("direction", ""), settings.pop("side", None)
            super().__init__(**settings)
            self.channels, self.size, self.deviation, self.use_bias = channels, size, deviation, use_bias

        def build(self, maps_shape: tuple) -> None:
            """Weights for maps of this shape."""
            first = keras.initializers.RandomNormal(0.0, self.deviation)
            shape = (self.size, self.size, maps_shape[-1], self.channels)
            self.kernel = self.add_weight(shape=shape, initializer=first, autocast=False, name="kernel")
            if self.use_bias:
                self.bias = self.add_weight(shape=(self.channels,), initializer="zeros", name="bias")

        def biased(self, net: Tensor) -> Tensor:
            """With the bias, if there is one."""
            if not self.use_bias:
                return net
            return tf.nn.bias_add(net, tf.cast(tf.convert_to_tensor(self.bias.value), net.dtype))

        def compute_output_shape(self, maps_shape: tuple) -> tuple:
            """The side doubled or halved."""
            side = {"": maps_shape[1], "up": self.side, "down": (maps_shape[1] + 1) // 2}[self.direction]
            return (maps_shape[0], side, side, self.channels)

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            names = ("channels", "size", "deviation", "use_bias", "direction", "side")
            return super().get_config() | {name: getattr(self, name) for name in names}

    return WithKernel


@functools.cache
def _resampled() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class ResampledConv(_with_kernel()):
        """A convolution of `convolve`."""

        def call(self, maps: Tensor) -> Tensor:
            """float (batch, side, side, inputs) -> (batch, …, channels)."""
            kernel = tf.convert_to_tensor(self.kernel.value)
            return self.biased(convolve(maps, tf.cast(kernel, maps.dtype), self.direction, self.side))

    return ResampledConv


@functools.cache
def _modulated() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class ModulatedConv(_with_kernel()):
        """The same with a style for each image."""

        def __init__(
            self, channels: int, size: int = 3, *, gain: float = 1.0, demodulate: bool = True, **settings: object
        ) -> None:
            super().__init__(channels, size, **settings)
            self.gain, self.demodulate = gain, demodulate
            self.autocast = False  # of the inputs: styles stay in float32

        def build(self, maps_shape: tuple, style_shape: tuple) -> None:
            """The weights do not depend on the size of the style."""
            super().build(maps_shape)

        def call(self, maps: Tensor, style: Tensor) -> Tensor:
            """float (batch, side, side, inputs), float32 (batch, inputs) -> (batch, …, channels)."""
            dtype, kernel = self.compute_dtype, tf.convert_to_tensor(self.kernel.value)
            maps = tf.cast(maps, dtype)
            if not self.demodulate:
                return self.biased(_pointwise(maps, kernel, self.gain * style))
            net = maps * tf.cast(style, dtype)[:, None, None, :]
            net = convolve(net, tf.cast(kernel, dtype), self.direction, self.side)
            scale = self.gain * demodulation(kernel, style)
            return self.biased(net * tf.cast(scale, dtype)[:, None, None, :])

        def compute_output_shape(self, maps_shape: tuple, style_shape: tuple) -> tuple:
            """As without a style."""
            return super().compute_output_shape(maps_shape)

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"gain": self.gain, "demodulate": self.demodulate}

    return ModulatedConv


def _pointwise(maps: Tensor, kernel: Tensor, style: Tensor) -> Tensor:
    """A modulated 1x1 convolution to few channels, as one product with a matrix for each image."""
    side, inputs = maps.shape[1:3], maps.shape[3]
    matrices = tf.cast(style[:, :, None] * kernel[0, 0], maps.dtype)
    net = tf.matmul(tf.reshape(maps, (-1, side[0] * side[1], inputs)), matrices)
    return tf.reshape(net, (-1, *side, kernel.shape[-1]))


def skip(kind: str, **settings: object) -> keras.Layer:
    """A layer without weights: "half" or "double" of `filtered`, the latter with `side`."""
    return _skip()(kind, **settings)


@functools.cache
def _skip() -> type:
    @keras.saving.register_keras_serializable("gancli")
    class FilteredSkip(keras.layers.Layer):
        """Half or twice the side by the filter alone."""

        def __init__(self, kind: str, side: int | None = None, **settings: object) -> None:
            super().__init__(**settings)
            self.kind, self.side = kind, side

        def call(self, maps: Tensor) -> Tensor:
            """float (batch, side, side, channels) -> the same with another side."""
            return filtered.half(maps) if self.kind == "half" else filtered.double(maps, self.side)

        def compute_output_shape(self, shape: tuple) -> tuple:
            """The side doubled or halved."""
            side = (shape[1] + 1) // 2 if self.kind == "half" else self.side
            return (shape[0], side, side, shape[3])

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return super().get_config() | {"kind": self.kind, "side": self.side}

    return FilteredSkip
