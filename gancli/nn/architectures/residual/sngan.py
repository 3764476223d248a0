"""Residual networks of SNGAN: Miyato et al. 2018, appendix B, table 4, after Gulrajani et al. 2017, appendix F.

A block adds two 3 x 3 convolutions, each after its activation, to a shortcut. It doubles the side before its first
convolution, or halves it after its second, and so does the shortcut, through a 1 x 1 convolution; that is computed on
the smaller maps, where it gives the same numbers.
"""

from __future__ import annotations

from gancli.core.backend import Tensor, keras
from gancli.nn.architectures.dcgan import BATCH_NORM_MOMENTUM, labels, ladder
from gancli.nn.architectures.residual.resizing import doubled, halved, widths
from gancli.nn.layers.batch_norm import batch_norm
from gancli.nn.layers.class_conditional import conditional_batch_norm

LAST_SIDE = 8  # the discriminator halves its maps down to this or less, as the paper's does from 32 pixels
LAST_BLOCKS = 2


def generator(
    shape: tuple[int, int, int], z_dim: int, *, width: int, most: int = 1, depth: int | None = None, classes: int = 0
) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]; `width` channels before the image.

    most: see `resizing.widths`. depth: see `dcgan.ladder`. classes: if not 0, a second input, one-hot labels float32
    (batch, classes), sets the gains and biases of BatchNorm. At 32 x 32 x 3 with width 256 and z_dim 128: 4,276,739
    trainable parameters.
    """
    layers, sides = keras.layers, ladder(shape[0], depth)
    channels = widths(sides[1:], width, most)
    z, label = keras.Input((z_dim,), name="z"), labels(classes)
    net = layers.Dense(sides[0] ** 2 * channels[0], kernel_initializer=_glorot(1.0), name="project")(z)
    net = layers.Reshape((sides[0], sides[0], channels[0]), name="reshape")(net)
    for side, maps in zip(sides[1:], channels, strict=True):
        net = _up_block(net, label, maps, side)
    net = layers.ReLU(name="relu_image")(_norm(net, label, "norm_image"))
    net = layers.Conv2D(shape[2], 3, padding="same", kernel_initializer=_glorot(1.0), name="to_image")(net)
    image = layers.Activation("tanh", dtype="float32", name="image")(net)
    return keras.Model([z] if label is None else [z, label], image, name="generator")


def discriminator(shape: tuple[int, int, int], *, width: int, most: int = 1) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, 1); `width` channels after the first block.

    Blocks halve the maps until their side is 8 or less, at least once; two more keep it, and the sum over all places is
    the input of `logit`. At 32 x 32 x 3 with width 128: 1,053,825 trainable parameters.
    """
    layers, sides = keras.layers, [shape[0], (shape[0] + 1) // 2]
    while sides[-1] > LAST_SIDE:
        sides.append((sides[-1] + 1) // 2)
    image = keras.Input(shape, name="image")
    net = image
    for number, maps in enumerate(reversed(widths(sides[1:], width, most))):
        net = _block(net, maps, f"down_{sides[number]}", halves=True, is_first=number == 0)
    for number in range(1, LAST_BLOCKS + 1):
        net = _block(net, net.shape[-1], f"last_{number}", halves=False)
    net = layers.ReLU(name="relu")(net)
    count = net.shape[1] * net.shape[2]
    net = layers.GlobalAveragePooling2D(dtype="float32", name="mean")(net)
    net = layers.Rescaling(float(count), dtype="float32", name="sum")(net)
    logit = layers.Dense(1, kernel_initializer=_glorot(1.0), dtype="float32", name="logit")(net)
    return keras.Model(image, logit, name="discriminator")


def _up_block(net: Tensor, label: Tensor | None, maps: int, side: int) -> Tensor:
    layers, name = keras.layers, f"up_{side}"
    shortcut = _convolution(maps, 1, 1.0, f"{name}_shortcut")(net)
    shortcut = doubled(shortcut, side, "up_nearest", f"{name}_shortcut_resized")
    net = layers.ReLU(name=f"{name}_relu_1")(_norm(net, label, f"{name}_norm_1"))
    net = doubled(net, side, "up_nearest", f"{name}_resized")
    net = _convolution(maps, 3, 2.0, f"{name}_1")(net)
    net = layers.ReLU(name=f"{name}_relu_2")(_norm(net, label, f"{name}_norm_2"))
    net = _convolution(maps, 3, 2.0, f"{name}_2")(net)
    return layers.Add(name=f"{name}_sum")([shortcut, net])


def _block(net: Tensor, maps: int, name: str, *, halves: bool, is_first: bool = False) -> Tensor:
    """A block of the discriminator; the first has no activation before the image."""
    layers, shortcut = keras.layers, net
    if not is_first:
        net = layers.ReLU(name=f"{name}_relu_1")(net)
    net = layers.ReLU(name=f"{name}_relu_2")(_convolution(maps, 3, 2.0, f"{name}_1")(net))
    net = _convolution(maps, 3, 2.0, f"{name}_2")(net)
    if halves:
        net = halved(net, "down_mean", f"{name}_resized")
        shortcut = halved(shortcut, "down_mean", f"{name}_shortcut_resized")
        shortcut = _convolution(maps, 1, 1.0, f"{name}_shortcut")(shortcut)
    return layers.Add(name=f"{name}_sum")([shortcut, net])


def _norm(net: Tensor, label: Tensor | None, name: str) -> Tensor:
    settings = {"momentum": BATCH_NORM_MOMENTUM, "epsilon": 1e-5, "name": name}
    return batch_norm(**settings)(net) if label is None else conditional_batch_norm(**settings)([net, label])


def _convolution(maps: int, kernel: int, scale: float, name: str) -> keras.Layer:
    return keras.layers.Conv2D(maps, kernel, padding="same", kernel_initializer=_glorot(scale), name=name)


def _glorot(scale: float) -> keras.initializers.Initializer:
    """Uniform, of variance 2 scale / (inputs + outputs): 2 within blocks, 1 elsewhere, as in the authors' code."""
    return keras.initializers.VarianceScaling(scale, "fan_avg", "uniform")
