"""Networks of R3GAN, without normalization: Huang, Gokaslan, Kuleshov & Tompkin 2024 (arXiv:2501.05441), section 4.

A block adds to its input a 1 x 1 convolution to more channels, a grouped 3 x 3 convolution (Xie et al. 2017), and a
1 x 1 convolution back, with leaky ReLUs between them. Without normalization the signal stays in bounds by Fix-up
initialization (Zhang et al. 2019): the last convolution of each block begins at 0, so that a block begins as the
identity, and the others are smaller the more blocks there are.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gancli.core.backend import Tensor, keras
from gancli.nn.architectures.dcgan import labels, ladder
from gancli.nn.architectures.residual.resizing import doubled, halved, widths
from gancli.nn.layers import spatial_basis, strided_conv
from gancli.nn.layers.grouped_conv import grouped_conv
from gancli.nn.layers.image_range import clip_at_inference

LEAK = 0.2
GAIN = math.sqrt(2.0 / (1.0 + LEAK**2))  # He et al. 2015, of a leaky ReLU
STEM_KERNEL = 5


class Sizes(NamedTuple):
    """Sizes of both networks.

    Attributes: `width`, channels of the largest maps; `most`, see `resizing.widths`; `blocks` at each level;
    `expansion`, inner channels of a block per channel; `group`, inner channels of each group of its 3 x 3 convolution;
    `stem`, whether a strided convolution replaces the level of the image's own side; `depth`, see `dcgan.ladder`.
    """

    width: int
    most: int
    blocks: int = 2
    expansion: int = 2
    group: int = 16
    stem: bool = False
    depth: int | None = None

    def levels(self, side: int) -> tuple[list[int], list[int]]:
        """Sides of the levels from the smallest on, and their channels."""
        sides = ladder(side, self.depth)
        sides = sides[:-1] if self.stem else sides
        return sides, widths(sides, self.width, self.most)


def generator(shape: tuple[int, int, int], z_dim: int, sizes: Sizes, *, classes: int = 0) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape), at inference in [-1, 1].

    classes: if not 0, a second input, one-hot labels float32 (batch, classes), is embedded in z_dim numbers, which join
    z.
    """
    layers, (sides, channels) = keras.layers, sizes.levels(shape[0])
    z, label = keras.Input((z_dim,), name="z"), labels(classes)
    net = z
    if label is not None:
        embedding = layers.Dense(z_dim, use_bias=False, kernel_initializer=_normal(1.0), name="embedding")(label)
        net = layers.Concatenate(name="join")([z, embedding])
    net = _dense(channels[0], "basis_weights")(net)
    net = spatial_basis.from_rows(sides[0], name="basis")(net)
    net = _blocks(net, sizes, sides[0], len(sides))
    for side, maps in zip(sides[1:], channels[1:], strict=True):
        if maps != net.shape[-1]:
            net = _convolution(maps, f"to_{side}")(net)
        net = doubled(net, side, "up_filtered", f"up_{side}")
        net = _blocks(net, sizes, side, len(sides))
    net = _to_image(net, shape, sizes)
    image = clip_at_inference(dtype="float32", name="image")(net)
    return keras.Model([z] if label is None else [z, label], image, name="generator")


def discriminator(shape: tuple[int, int, int], sizes: Sizes) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, 1); the generator's mirror image."""
    layers, (sides, channels) = keras.layers, sizes.levels(shape[0])
    image = keras.Input(shape, name="image")
    if sizes.stem:
        first = _he(STEM_KERNEL**2 * shape[2])
        net = strided_conv.down_layer(channels[-1], STEM_KERNEL, kernel_initializer=first, name="from_image")(image)
        net = layers.LeakyReLU(negative_slope=LEAK, name="leaky_from_image")(net)
    else:
        net = _convolution(channels[-1], "from_image")(image)
    for side, smaller, maps in zip(sides[:0:-1], sides[-2::-1], channels[-2::-1], strict=True):
        net = _blocks(net, sizes, side, len(sides))
        net = halved(net, "down_filtered", f"down_{smaller}")
        if maps != net.shape[-1]:
            net = _convolution(maps, f"to_{smaller}")(net)
    net = _blocks(net, sizes, sides[0], len(sides))
    net = spatial_basis.to_rows(net.shape[1], dtype="float32", name="basis")(net)
    logit = _dense(1, "logit", dtype="float32")(net)
    return keras.Model(image, logit, name="discriminator")


def _to_image(net: Tensor, shape: tuple[int, int, int], sizes: Sizes) -> Tensor:
    if not sizes.stem:
        return _convolution(shape[2], "to_image")(net)
    net = keras.layers.LeakyReLU(negative_slope=LEAK, name="leaky_to_image")(net)
    first = _he(net.shape[-1] * STEM_KERNEL**2 / 4)  # with stride 2 an output depends on a quarter of the kernel
    return strided_conv.up_layer(shape[2], STEM_KERNEL, shape[0], kernel_initializer=first, name="to_image")(net)


def _blocks(net: Tensor, sizes: Sizes, side: int, levels: int) -> Tensor:
    for number in range(1, sizes.blocks + 1):
        net = block(net, sizes, f"block_{side}_{number}", total=sizes.blocks * levels)
    return net


def block(net: Tensor, sizes: Sizes, name: str, *, total: int) -> Tensor:
    """Maps float (batch, side, side, channels) -> the same. total: the number of blocks of the network."""
    layers, channels = keras.layers, net.shape[-1]
    inner = channels * sizes.expansion
    groups = max(inner // sizes.group, 1)
    groups = next(count for count in range(groups, 0, -1) if inner % count == 0)
    gain = GAIN * total**-0.25  # Zhang et al. 2019, equation 14, with three layers in each branch
    part = _convolution(inner, f"{name}_expand", gain=gain, use_bias=True)(net)
    part = layers.LeakyReLU(negative_slope=LEAK, name=f"{name}_leaky_1")(part)
    part = grouped_conv(inner, 3, groups, kernel_initializer=_scaled(gain), name=f"{name}_grouped")(part)
    part = layers.LeakyReLU(negative_slope=LEAK, name=f"{name}_leaky_2")(part)
    part = layers.Conv2D(channels, 1, use_bias=False, kernel_initializer="zeros", name=f"{name}_project")(part)
    return layers.Add(name=f"{name}_sum")([net, part])


def _convolution(maps: int, name: str, *, gain: float = 1.0, use_bias: bool = False) -> keras.Layer:
    """A 1 x 1 convolution."""
    return keras.layers.Conv2D(maps, 1, use_bias=use_bias, kernel_initializer=_scaled(gain), name=name)


def _dense(units: int, name: str, **settings: object) -> keras.Layer:
    return keras.layers.Dense(units, use_bias=False, kernel_initializer=_scaled(1.0), name=name, **settings)


def _scaled(gain: float) -> keras.initializers.Initializer:
    """N(0, gain² / inputs)."""
    return keras.initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")


def _normal(deviation: float) -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, deviation)


def _he(inputs: float) -> keras.initializers.Initializer:
    return _normal(math.sqrt(2.0 / inputs))
