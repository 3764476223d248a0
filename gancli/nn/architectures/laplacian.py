"""The networks of a Laplacian pyramid of GANs, Denton et al. 2015, and its downsampling and upsampling.

Layers and numbers from the authors' code for CIFAR-10 (facebook/eyescream). A level's generator takes noise and the
upsampled coarse image and outputs details; its discriminator takes the sum of both.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from gancli.core.backend import Tensor, keras, np, tf
from gancli.nn.architectures.dcgan import joined, labels
from gancli.nn.layers.batch_norm import batch_norm

SMALLEST_CONVOLVED = 12  # smaller sides have dense networks, as the discriminator's convolutions are not padded
DEPTH, MOST_DENSE = 2, 20  # hidden layers of every network: the paper's, and the most
DROPOUT = 0.5
MOMENTUM = 0.9  # of BatchNorm


class Sizes(NamedTuple):
    """Sizes of the networks of all levels. depth: convolutions or hidden layers. classes: of the labels, or 0.

    d_norm: normalization in the convolutional discriminators of `laplacian_dcgan`; those here have none.
    """

    z_dim: int
    width: int
    depth: int
    units: int
    d_units: int
    classes: int
    d_norm: str = "none"


def networks(shape: tuple[int, int, int], sizes: Sizes, *, is_coarsest: bool) -> tuple[keras.Model, keras.Model]:
    """Generator and discriminator of a level with images of this shape."""
    shared = {"classes": sizes.classes, "depth": sizes.depth}
    if is_coarsest:
        return (
            coarsest_generator(shape, sizes.z_dim, units=sizes.units, **shared),
            coarsest_discriminator(shape, units=sizes.d_units, **shared),
        )
    return (
        generator(shape, width=sizes.width, units=sizes.units, **shared),
        discriminator(shape, width=sizes.width, units=sizes.d_units, **shared),
    )


def down(images: Tensor, side: int) -> Tensor:
    """Smaller images, float32 (batch, side, side, channels): each pixel the mean of those it covers."""
    return images if images.shape[1] == side else tf.image.resize(images, (side, side), "area")


def up(images: Tensor, side: int) -> Tensor:
    """Larger images, float32 (batch, side, side, channels), bilinear."""
    return tf.image.resize(images, (side, side), "bilinear")


def up_by_layers(images: Tensor, side: int) -> Tensor:
    """The same by two dense layers with fixed weights, for programs that round the size of an enlarged image down."""
    ops, source = keras.ops, images.shape[1]
    at = np.clip((np.arange(side) + 0.5) * (source / side) - 0.5, 0, source - 1)
    shares = np.maximum(0, 1 - np.abs(at - np.arange(source)[:, None]))
    net = ops.transpose(images, (0, 3, 1, 2))
    for name in ("columns", "rows"):
        layer = keras.layers.Dense(side, use_bias=False, trainable=False, dtype="float32", name=f"{name}_{side}")
        layer.build((None, source))
        layer.set_weights([shares])
        net = ops.transpose(layer(net), (0, 1, 3, 2))
    return ops.transpose(net, (0, 2, 3, 1))


def deepest(side: int) -> int:
    """The largest depth for images of this side: after each convolution of a discriminator, 5x5 pixels must be left."""
    return 1 + (side - 5) // 4 if side >= SMALLEST_CONVOLVED else MOST_DENSE


def coarsest_generator(
    shape: tuple[int, int, int], z_dim: int, *, units: int, classes: int, depth: int = DEPTH
) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]: two dense layers (`depth`) of `units` ReLU.

    classes: if not 0, a second input, one-hot labels float32 (batch, classes).
    """
    z, label = keras.Input((z_dim,), name="z"), labels(classes)
    net = _dense(joined(z, label, into="hidden"), units, depth, is_normed=True)
    image = _pixels(net, shape, activation="tanh")
    return keras.Model(_inputs(z, label=label), image, name="generator")


def coarsest_discriminator(shape: tuple[int, int, int], *, units: int, classes: int, depth: int = DEPTH) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, 1): two dense layers (`depth`) of `units` ReLU with dropout."""
    layers, label = keras.layers, labels(classes)
    image = keras.Input(shape, name="image")
    net = joined(layers.Flatten(name="flat")(image), label, into="hidden")
    net = _dense(net, units, depth, dropout=DROPOUT)
    return keras.Model(_inputs(image, label=label), _logit(net), name="discriminator")


def generator(shape: tuple[int, int, int], *, width: int, units: int, classes: int, depth: int = DEPTH) -> keras.Model:
    """Noise float32 (batch, side, side, 1) and the upsampled coarse image (batch, *shape) -> its sum with details.

    Two convolutions (`depth`) of 7x7 with `width` ReLU and one of 5x5 to the channels; 218,179 parameters for
    (32, 32, 3) and 64. Below 12 pixels dense layers of `units`. classes: a further input, the class as an additional
    plane.
    """
    layers, label = keras.layers, labels(classes)
    side, channels = shape[0], shape[2]
    noise, coarse = keras.Input((side, side, 1), name="noise"), keras.Input(shape, name="coarse")
    net = layers.Concatenate(name="join")([coarse, noise, *_plane(label, side)])
    if side < SMALLEST_CONVOLVED:
        details = _pixels(_dense(layers.Flatten(name="flat")(net), units, depth), shape, weights=faint())
    else:
        for number in range(1, depth + 1):
            net = layers.Conv2D(width, 7, padding="same", activation="relu", **he(), name=f"convolve_{number}")(net)
        details = layers.Conv2D(channels, 5, padding="same", dtype="float32", **faint(), name="details")(net)
    image = layers.Add(dtype="float32", name="image")([coarse, details])
    return keras.Model(_inputs(noise, coarse, label=label), image, name="generator")


def discriminator(
    shape: tuple[int, int, int], *, width: int, units: int, classes: int, depth: int = DEPTH
) -> keras.Model:
    """float32 (batch, *shape), the sum of coarse image and details -> logits (batch, 1).

    Two convolutions (`depth`) of 5x5 with `width` ReLU, the last of stride 2, none padded, dropout before the logit:
    116,545 parameters for (32, 32, 3) and 64. Below 12 pixels as the coarsest.
    """
    if shape[0] < SMALLEST_CONVOLVED:
        return coarsest_discriminator(shape, units=units, classes=classes, depth=depth)
    layers, label = keras.layers, labels(classes)
    image = keras.Input(shape, name="image")
    net = layers.Concatenate(name="join")([image, *_plane(label, shape[0])]) if classes else image
    for number in range(1, depth + 1):
        stride = 2 if number == depth else 1
        net = layers.Conv2D(width, 5, strides=stride, activation="relu", **he(), name=f"convolve_{number}")(net)
    net = layers.Dropout(DROPOUT, name="dropout")(layers.Flatten(name="flat")(net))
    return keras.Model(_inputs(image, label=label), _logit(net), name="discriminator")


def _inputs(*inputs: Tensor, label: Tensor | None) -> list[Tensor]:
    return [*inputs] if label is None else [*inputs, label]


def _plane(label: Tensor | None, side: int) -> list[Tensor]:
    """The class as a plane, by a dense ReLU layer; nothing without classes."""
    if label is None:
        return []
    layers = keras.layers
    plane = layers.Dense(side * side, activation="relu", name="class_plane")(label)
    return [layers.Reshape((side, side, 1), name="class_map")(plane)]


def _dense(net: Tensor, units: int, depth: int, *, dropout: float = 0.0, is_normed: bool = False) -> Tensor:
    layers = keras.layers
    for number in range(1, depth + 1):
        net = layers.Dense(units, **he(), name=f"hidden_{number}")(net)
        net = batch_norm(momentum=MOMENTUM, epsilon=1e-5, name=f"norm_{number}")(net) if is_normed else net
        net = layers.ReLU(name=f"relu_{number}")(net)
        net = layers.Dropout(dropout, name=f"dropout_{number}")(net) if dropout else net
    return net


def _pixels(
    net: Tensor, shape: tuple[int, int, int], *, activation: str | None = None, weights: dict | None = None
) -> Tensor:
    layers, weights = keras.layers, weights or _small()
    net = layers.Dense(math.prod(shape), activation=activation, dtype="float32", **weights, name="pixels")(net)
    return layers.Reshape(shape, dtype="float32", name="maps")(net)


def _logit(net: Tensor) -> Tensor:
    return keras.layers.Dense(1, dtype="float32", **_small(), name="logit")(net)


def he() -> dict[str, object]:
    """Initial weights of He et al. 2015, by fan-in."""
    return {"kernel_initializer": keras.initializers.HeNormal()}


def _small() -> dict[str, object]:
    return {"kernel_initializer": keras.initializers.RandomNormal(0.0, 0.02)}


def faint() -> dict[str, object]:
    """Initial weights such that details before training are about as small as those of real images."""
    return {"kernel_initializer": keras.initializers.RandomNormal(0.0, 0.005)}
