"""Discriminators of StyleGAN (that of the progressive GAN, at one resolution) and StyleGAN2 (residual).

StyleGAN2's gains, √2 of each LeakyReLU and 1 / √2 of each residual sum, are in the kernels and biases before them,
which gives the same functions.
"""

from __future__ import annotations

import math

from gancli.core.backend import Tensor, keras
from gancli.nn.architectures.style_based import convolutions
from gancli.nn.architectures.style_based.mapping import GAIN, normal
from gancli.nn.architectures.style_based.random_layers import LEAK
from gancli.nn.architectures.style_based.synthesis import Sizes
from gancli.nn.layers.minibatch_stddev import minibatch_stddev


def plain(maps: Sizes, channels: int, *, group: int = 4) -> keras.Model:
    """Karras et al. 2018, 1710.10196, table 2, with a filter before each convolution of stride 2.

    float32 (batch, side, side, channels) -> logits float32 (batch, 1). maps: sides and channels, the smallest first.
    group: images compared by the minibatch standard deviation, 0 for none.
    """
    image, net = _first(maps, channels)
    for (side, _), (_, width) in zip(maps[:0:-1], maps[-2::-1], strict=True):
        net = _convolved(net, net.shape[-1], f"conv_{side}")
        net = _convolved(net, width, f"down_{side}", direction="down")
    return _ending(image, net, maps[0], group)


def residual(maps: Sizes, channels: int, *, group: int = 4) -> keras.Model:
    """Karras et al. 2020, 1912.04958, figure 7c. Arguments: as of `plain`."""
    image, net = _first(maps, channels)
    for (side, _), (_, width) in zip(maps[:0:-1], maps[-2::-1], strict=True):
        short = convolutions.skip("half", name=f"half_{side}")(net)
        short = convolutions.convolution(width, 1, deviation=_deviation(short, 1, math.sqrt(0.5)), name=f"skip_{side}")(
            short
        )
        net = _convolved(net, net.shape[-1], f"conv_{side}")
        net = _convolved(net, width, f"down_{side}", direction="down", gain=1.0)
        net = keras.layers.Add(name=f"sum_{side}")([net, short])
    return _ending(image, net, maps[0], group)


def _deviation(net: Tensor, size: int, gain: float) -> float:
    return gain / math.sqrt(size**2 * net.shape[-1])


def _first(maps: Sizes, channels: int) -> tuple[Tensor, Tensor]:
    side, width = maps[-1]
    image = keras.Input((side, side, channels), name="image")
    return image, _convolved(image, width, "from_image", size=1)


def _convolved(net: Tensor, width: int, name: str, *, size: int = 3, direction: str = "", gain: float = GAIN) -> Tensor:
    """A convolution, a bias and LeakyReLU. gain: √2, or 1 before a residual sum."""
    deviation = _deviation(net, size, gain)
    settings = {"deviation": deviation, "direction": direction, "use_bias": True}
    net = convolutions.convolution(width, size, **settings, name=name)(net)
    return keras.layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{name}")(net)


def _ending(image: Tensor, net: Tensor, last: tuple[int, int], group: int) -> keras.Model:
    """The minibatch standard deviation, a convolution, and two dense layers."""
    layers, (_, width) = keras.layers, last
    if group:
        net = minibatch_stddev(net, group=group)
    net = layers.Flatten(name="flat")(_convolved(net, width, "conv_last"))
    net = layers.Dense(width, kernel_initializer=normal(_deviation(net, 1, GAIN)), name="dense")(net)
    net = layers.LeakyReLU(negative_slope=LEAK, name="leaky_dense")(net)
    logit = layers.Dense(1, kernel_initializer=normal(_deviation(net, 1, 1.0)), dtype="float32", name="logit")(net)
    return keras.Model(image, logit, name="discriminator")
