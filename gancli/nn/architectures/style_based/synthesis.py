"""Synthesis networks, styles -> image, of StyleGAN and StyleGAN2.

Sides are those of gancli.nn.architectures.dcgan.ladder: 64 -> 4, 8, 16, 32, 64, and 28 -> 4, 7, 14, 28. There are two
styles for each side, float32 (batch, 2 sides, w_size). StyleGAN2's LeakyReLU has a gain of √2 that keeps the variance
of its input; here the next convolution has it, as a factor of its demodulation, or of its style.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from gancli.core.backend import Tensor, keras
from gancli.nn.architectures.style_based import convolutions
from gancli.nn.architectures.style_based.mapping import GAIN, normal
from gancli.nn.architectures.style_based.styles import layer

Sizes = Sequence[tuple[int, int]]  # side and channels of the feature maps, the smallest first


def sizes(sides: Sequence[int], width: int, most: int) -> Sizes:
    """`width` channels at the image's side, doubled at each halving up to `most`."""
    return [(side, min(most, width * 2**floor)) for floor, side in reversed(list(enumerate(reversed(sides))))]


def skip_synthesis(maps: Sizes, channels: int, w_size: int) -> keras.Model:
    """StyleGAN2: modulated convolutions, and an image that is upsampled and added to at each side.

    Karras et al. 2020, 1912.04958, figures 2c and 7b. Returns: styles -> image float32 (batch, side, side, channels),
    clipped to [-1, 1] at inference.
    """
    layers = keras.layers
    styles, style = _styles(2 * len(maps), w_size)
    (side, width), *larger = maps
    net = layer("LearnedConstant", side, width, name="constant")(styles)
    net = _modulated(net, style(0), width, f"conv_{side}", gain=1.0)
    image = _to_image(net, style(1), channels, side)
    for number, (side, width) in enumerate(larger, start=1):
        net = _modulated(net, style(2 * number - 1), width, f"up_{side}", direction="up", side=side)
        net = _modulated(net, style(2 * number), width, f"conv_{side}")
        larger_image = convolutions.skip("double", side=side, dtype="float32", name=f"double_to_{side}")(image)
        more = _to_image(net, style(2 * number + 1), channels, side)
        image = layers.Add(dtype="float32", name=f"add_to_image_{side}")([larger_image, more])
    return keras.Model(styles, layer("Clipped", dtype="float32", name="image")(image), name="synthesis")


def adain_synthesis(maps: Sizes, channels: int, w_size: int) -> keras.Model:
    """StyleGAN: noise, bias, LeakyReLU and AdaIN after each convolution. Karras et al. 2019, 1812.04948, figure 1b."""
    styles, style = _styles(2 * len(maps), w_size)
    (side, width), *larger = maps
    net = layer("LearnedConstant", side, width, name="constant")(styles)
    net = _normalized(net, style(0), f"constant_{side}")
    net = _normalized(_convolved(net, width, f"conv_{side}"), style(1), f"conv_{side}")
    for number, (side, width) in enumerate(larger, start=1):
        net = _convolved(net, width, f"up_{side}", direction="up", side=side)
        net = _normalized(net, style(2 * number), f"up_{side}")
        net = _normalized(_convolved(net, width, f"conv_{side}"), style(2 * number + 1), f"conv_{side}")
    deviation = 1.0 / math.sqrt(width)
    image = keras.layers.Conv2D(channels, 1, kernel_initializer=normal(deviation), name="to_image")(net)
    return keras.Model(styles, layer("Clipped", dtype="float32", name="image")(image), name="synthesis")


def _styles(count: int, w_size: int) -> tuple[Tensor, Callable[[int], Tensor]]:
    """The input, and a function of a layer's number that gives its row."""
    styles = keras.Input((count, w_size), name="styles")
    return styles, lambda number: styles[:, number]


def _affine(style: Tensor, outputs: int, name: str, *, first: str) -> Tensor:
    """A: w -> the style of a layer, with biases of `first`."""
    return keras.layers.Dense(
        outputs,
        kernel_initializer=normal(1.0 / math.sqrt(style.shape[-1])),
        bias_initializer=first,
        dtype="float32",
        name=f"style_{name}",
    )(style)


def _modulated(net: Tensor, style: Tensor, width: int, name: str, *, gain: float = GAIN, **more: object) -> Tensor:
    inputs = net.shape[-1]
    style = _affine(style, inputs, name, first="ones")
    deviation = 1.0 / math.sqrt(9 * inputs)
    net = convolutions.modulated(width, deviation=deviation, gain=gain, name=name, **more)(net, style)
    return layer("NoiseAndActivation", name=f"noise_{name}")(net)


def _to_image(net: Tensor, style: Tensor, channels: int, side: int) -> Tensor:
    """A modulated 1x1 convolution without demodulation: float (batch, side, side, channels)."""
    inputs, name = net.shape[-1], f"to_image_{side}"
    style = _affine(style, inputs, name, first="ones")
    settings = {"deviation": 1.0 / math.sqrt(inputs), "gain": GAIN, "demodulate": False, "use_bias": True}
    return convolutions.modulated(channels, 1, **settings, name=name)(net, style)


def _convolved(net: Tensor, width: int, name: str, **more: object) -> Tensor:
    deviation = GAIN / math.sqrt(9 * net.shape[-1])
    return convolutions.convolution(width, deviation=deviation, name=name, **more)(net)


def _normalized(net: Tensor, style: Tensor, name: str) -> Tensor:
    net = layer("NoiseAndActivation", each=True, name=f"noise_{name}")(net)
    return layer("AdaIN", name=f"adain_{name}")(net, _affine(style, 2 * net.shape[-1], name, first="zeros"))
