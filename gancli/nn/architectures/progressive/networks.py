"""Generator and discriminator of Karras et al. 2018, table 2, which grow from 4 pixels to the image.

Each resolution has a block of two convolutions. While a new one fades in, its share rises from 0 to 1: the image is
(1 - share) of the upsampled image of the resolution below and share of its own, and what the discriminator's block
gives is mixed with the features of the downsampled image in the same way (figure 2 of the paper). Sides that are no
power of 2 are halved rounding up: 28 -> 14 -> 7 -> 4.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from typing import NamedTuple

from gancli.core.backend import Tensor, keras, tf
from gancli.nn.architectures.dcgan import LEAK, SMALLEST, ladder
from gancli.nn.layers.minibatch_stddev import minibatch_stddev_layer
from gancli.nn.layers.pixel_norm import pixel_norm_layer

INITIALIZER = "he_normal"  # each layer makes its own; an equalized learning rate begins from others
# Gains of kernels, by layer: 1 where no rectifier follows. The first is the authors': 4 = root of the 16 pixels.
GAINS = {"first": math.sqrt(2.0) / 4, "logit": 1.0} | {f"image_{level}": 1.0 for level in range(16)}


class Growing(NamedTuple):
    """A network that grows.

    Attributes: `whole`, all resolutions: its second input is `shares`, float32 (batch, resolutions - 1), the share of
    each resolution but the first; `parts`, for each resolution the layers up to it, with the same weights: its second
    input is the share of that resolution alone, float32 (batch, 1); the first has none.
    """

    whole: keras.Model
    parts: tuple[keras.Model, ...]


class Sizes(NamedTuple):
    """`sides` of the resolutions, from the smallest; `channels` of their maps; `colors` of the image."""

    sides: tuple[int, ...]
    channels: tuple[int, ...]
    colors: int


def sides(shape: tuple[int, int, int]) -> tuple[int, ...]:
    """Sides of the resolutions of an image (side, side, colors): 64 -> (4, 8, 16, 32, 64)."""
    return tuple(ladder(shape[0]))


def sizes(shape: tuple[int, int, int], *, width: int, full_width_side: int) -> Sizes:
    """Resolutions of an image (side, side, colors) and their channels: `width` up to a side, beyond it half as many at
    each doubling.

    With width 512 up to 32 pixels, the channels of table 2: 512 at 4 to 32 pixels, 256 at 64, 16 at 1024.
    """
    levels = sides(shape)
    nominal = [SMALLEST * 2**level for level in range(len(levels))]  # 28 pixels have the channels of 32
    channels = [max(1, min(width, width * full_width_side // side)) for side in nominal]
    return Sizes(levels, tuple(channels), shape[2])


def down(images: Tensor, side: int) -> Tensor:
    """Images at half their side, rounded up, until it is `side`: means of two by two pixels."""
    while images.shape[1] > side:
        images = tf.nn.avg_pool2d(images, 2, 2, "SAME")
    return images


def up(images: Tensor, side: int) -> Tensor:
    """Images of a side that is half of `side`, rounded up, with each pixel four times: the right inverse of `down`."""
    wide = tf.repeat(tf.repeat(images, 2, axis=1), 2, axis=2)
    return wide[:, :side, :side]


def faded(images: Tensor, share: Tensor) -> Tensor:
    """Images (batch, side, side, colors) with 1 - share of their details left out, as the authors fade real images."""
    side = images.shape[1]
    return share * images + (1.0 - share) * up(down(images, (side + 1) // 2), side)


def generator(sizes: Sizes, z_dim: int) -> Growing:
    """float32 (batch, z_dim) and shares -> (batch, side, side, colors), about [-1, 1]: no activation limits it.

    At 1024 x 1024 x 3 with width 512 and z_dim 512: 23,086,795 parameters; the authors' code, whose first layer has
    one bias per channel instead of one per number, has 7,680 fewer.
    """
    layers, smallest, first = keras.layers, sizes.sides[0], sizes.channels[0]
    z = keras.Input((z_dim,), name="z")
    net = pixel_norm_layer(name="norm_z")(z)  # on the hypersphere
    net = layers.Dense(smallest**2 * first, kernel_initializer=INITIALIZER, name="first")(net)
    net = layers.Reshape((smallest, smallest, first), name="reshape")(net)
    net = pixel_norm_layer(name="norm_first")(_leaky("leaky_first")(net))
    net = _through(_normalized_conv(first, f"{smallest}_b"), net)
    images = [_image(net, sizes, 0)]
    for level, (side, channels) in enumerate(zip(sizes.sides[1:], sizes.channels[1:], strict=True), start=1):
        net = _enlarged(net, side, f"up_{side}")
        for part in "ab":
            net = _through(_normalized_conv(channels, f"{side}_{part}"), net)
        images.append(_image(net, sizes, level))
    return _mixed_images(z, images, sizes.sides)


def _image(net: Tensor, sizes: Sizes, level: int) -> Tensor:
    """The image of one resolution, in float32."""
    net = keras.layers.Conv2D(sizes.colors, 1, kernel_initializer=INITIALIZER, name=f"image_{level}")(net)
    return keras.layers.Identity(dtype="float32", name=f"image_{level}_float32")(net)


def _mixed_images(z: Tensor, images: list[Tensor], sides: tuple[int, ...]) -> Growing:
    """The network of all images, and those up to each resolution."""

    def mixed(below: Tensor, level: int, share: Tensor, name: str) -> Tensor:
        below = _enlarged(below, sides[level], f"up_{name}_{sides[level]}", dtype="float32")
        share = keras.layers.Reshape((1, 1, 1), dtype="float32", name=f"share_{name}_{sides[level]}")(share)
        return _mixed(below, images[level], share)

    shares, share = keras.Input((len(sides) - 1,), name="shares"), keras.Input((1,), name="share")
    parts, whole = [keras.Model(z, images[0], name="generator")], images[0]
    for level in range(1, len(sides)):
        parts.append(keras.Model([z, share], mixed(images[level - 1], level, share, "part"), name="generator"))
        whole = mixed(whole, level, shares[:, level - 1 : level], "whole")
    return Growing(keras.Model([z, shares], whole, name="generator"), tuple(parts))


def discriminator(sizes: Sizes, *, group: int) -> Growing:
    """float32 (batch, side, side, colors) and shares -> logits (batch, 1), linear as the critic of WGAN.

    At 1024 x 1024 x 3 with width 512: 23,087,249 parameters. group: images that minibatch standard deviation compares,
    0 for none.
    """
    held = [_block_layers(sizes, level, group) for level in range(len(sizes.sides))]
    return Growing(_whole_discriminator(sizes, held), tuple(_part()(held[: level + 1]) for level in range(len(held))))


class _Block(NamedTuple):
    """The layers of a resolution: from an image to features, and from features to those of half the side."""

    from_image: tuple[keras.Layer, ...]
    down: tuple[keras.Layer, ...]


def _block_layers(sizes: Sizes, level: int, group: int) -> _Block:
    """Layers from features to those of the resolution below; of the smallest, to the logit."""
    layers, side, channels = keras.layers, sizes.sides[level], sizes.channels[level]
    from_image = _rectified_conv(channels, f"from_{side}", kernel=1)
    if level:
        first, second = _rectified_conv(channels, f"{side}_a"), _rectified_conv(sizes.channels[level - 1], f"{side}_b")
        return _Block(from_image, (*first, *second, _halving(f"down_{side}")))
    compared = (minibatch_stddev_layer(group, name="minibatch_stddev"),) if group else ()
    dense = layers.Dense(channels, kernel_initializer=INITIALIZER, name="dense")
    logit = layers.Dense(1, kernel_initializer=INITIALIZER, dtype="float32", name="logit")
    last = (layers.Flatten(name="flat"), dense, _leaky("leaky_dense"), logit)
    return _Block(from_image, (*compared, *_rectified_conv(channels, f"{side}_a"), *last))


def _whole_discriminator(sizes: Sizes, held: list[_Block]) -> keras.Model:
    """The discriminator of the largest images, with a share of each resolution."""
    top = len(held) - 1
    image = keras.Input((sizes.sides[-1], sizes.sides[-1], sizes.colors), name="image")
    shares, smaller, net = keras.Input((top,), name="shares"), image, _through(held[top].from_image, image)
    for level in range(top, 0, -1):
        side = sizes.sides[level]
        net = _through(held[level].down, net)
        smaller = _halving(f"down_image_{side}")(smaller)
        share = keras.layers.Reshape((1, 1, 1), name=f"share_{side}")(shares[:, level - 1 : level])
        net = _mixed(_through(held[level - 1].from_image, smaller), net, share)
    return keras.Model([image, shares], _through(held[0].down, net), name="discriminator")


@functools.cache
def _part() -> type:
    """The class, defined when Keras is first used."""

    class Part(keras.Model):
        """The discriminator up to a resolution. It only calls layers, so that they stay in one graph, the whole's."""

        def __init__(self, held: list[_Block]) -> None:
            super().__init__(name="discriminator", dtype="float32")  # each layer casts what it is given
            self.from_image, self.down = ([list(layers) for layers in column] for column in zip(*held, strict=True))
            self.built = True

        def call(self, inputs: Tensor | list[Tensor], training: bool = False) -> Tensor:
            """An image, and the share of the newest resolution if there is one below it -> the logit."""
            image, share = inputs if isinstance(inputs, list) else (inputs, None)
            net = _through(self.down[-1], _through(self.from_image[-1], image))
            if share is not None:
                smaller = _through(self.from_image[-2], down(image, (image.shape[1] + 1) // 2))
                net = _mixed(smaller, net, tf.cast(tf.reshape(share, (-1, 1, 1, 1)), net.dtype))
            for layers in self.down[-2::-1]:
                net = _through(layers, net)
            return net

    return Part


def _through(layers: Sequence[keras.Layer], net: Tensor) -> Tensor:
    for layer in layers:
        net = layer(net)
    return net


def _rectified_conv(channels: int, name: str, *, kernel: int = 3) -> tuple[keras.Layer, ...]:
    conv = keras.layers.Conv2D(channels, kernel, padding="same", kernel_initializer=INITIALIZER, name=f"conv_{name}")
    return conv, _leaky(f"leaky_{name}")


def _normalized_conv(channels: int, name: str) -> tuple[keras.Layer, ...]:
    return (*_rectified_conv(channels, name), pixel_norm_layer(name=f"norm_{name}"))


def _leaky(name: str) -> keras.Layer:
    return keras.layers.LeakyReLU(negative_slope=LEAK, name=name)


def _halving(name: str) -> keras.Layer:
    return keras.layers.AveragePooling2D(2, padding="same", name=name)


def _enlarged(net: Tensor, side: int, name: str, **settings: object) -> Tensor:
    """Maps of twice the side, or one less, with each pixel four times."""
    net = keras.layers.UpSampling2D(2, name=name, **settings)(net)
    rest = net.shape[1] - side
    return keras.layers.Cropping2D(((0, rest), (0, rest)), name=f"{name}_cropped", **settings)(net) if rest else net


def _mixed(below: Tensor, own: Tensor, share: Tensor) -> Tensor:
    """(1 - share) below + share own: exactly one of them where the share is 0 or 1. share: (batch, 1, 1, 1)."""
    return (1.0 - share) * below + share * own
