"""Convolutional generator and discriminator of Radford, Metz & Chintala 2015, section 3 and figure 1.

The paper shows them for 64 pixels: 4 -> 8 -> 16 -> 32 -> 64. Any other side is halved as often, rounding up, until it
is 4 or less: 28 -> 14 -> 7 -> 4. Stopping at 7 would leave the discriminator without a global view: each unit
before the last would cover 13 of 28 pixels.
"""

from __future__ import annotations

import functools
import math

from gancli.core.backend import Tensor, keras
from gancli.nn.layers import strided_conv
from gancli.nn.layers.batch_norm import batch_norm, layer_norm
from gancli.nn.layers.class_conditional import conditional_batch_norm
from gancli.nn.layers.pixel_norm import pixel_norm_layer

LEAK = 0.2
SMALLEST = 4
WEIGHT_DEVIATION = 0.02
BATCH_NORM_MOMENTUM = 0.9  # Keras' .99 needs some 500 steps to warm up; early samples would be gray


def ladder(size: int, depth: int | None = None) -> list[int]:
    """Sides of the feature maps from the smallest to the image: 64 -> [4, 8, 16, 32, 64], 28 -> [4, 7, 14, 28].

    depth: number of halvings; None: until a side of 4 or less.
    """
    sides = [size]
    while sides[0] > SMALLEST if depth is None else len(sides) <= depth:
        sides.insert(0, (sides[0] + 1) // 2)
    return sides


def deepest(size: int, kernel: int) -> int:
    """The largest number of halvings in which each weight of every kernel still meets a pixel.

    oneDNN leaves the bfloat16 gradients of other weights uninitialized.
    """
    sides = [size]
    while sides[-1] > 1 and sides[-1] >= kernel - (kernel - 2 + sides[-1] % 2) // 2:
        sides.append((sides[-1] + 1) // 2)
    return len(sides) - 1


def generator(
    shape: tuple[int, int, int],
    z_dim: int,
    *,
    width: int,
    kernel: int,
    depth: int | None = None,
    classes: int = 0,
    deviation: float | None = WEIGHT_DEVIATION,
    last: str | None = "tanh",
    norm: str = "batch",
) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]; `width` channels before the image, doubled at each level.

    At 64 x 64 x 3 with width 128, kernel 5 and z_dim 100: 18,885,760 trainable parameters, as the authors' code has.
    depth: see `ladder`. classes: if not 0, a second input, one-hot labels float32 (batch, classes), is concatenated to
    the input of every layer. deviation: of the initial weights; None: He et al. 2015, by fan-in. last: the final
    activation, if any. norm: "batch", "pixel", "none", or "conditional": BatchNorm whose gains and biases the label
    sets, instead of being concatenated.
    """
    layers = keras.layers
    sides = ladder(shape[0], depth)
    first = width * 2 ** (len(sides) - 2)
    z, label = keras.Input((z_dim,), name="z"), labels(classes)
    joins = None if norm == "conditional" else label
    normed = functools.partial(_generator_norm, norm, label)
    net = joined(z, joins, into="project")
    net = layers.Dense(sides[0] ** 2 * first, use_bias=False, kernel_initializer=_weights(deviation), name="project")(
        net
    )
    if norm == "batch":  # before the reshape, as in the authors' code
        net = layers.ReLU(name="relu_project")(normed(net, "norm_project"))
        net = layers.Reshape((sides[0], sides[0], first), name="reshape")(net)
    else:
        net = layers.Reshape((sides[0], sides[0], first), name="reshape")(net)
        net = layers.ReLU(name="relu_project")(normed(net, "norm_project"))
    for floor, side in enumerate(sides[1:-1], start=1):
        net = _up(joined(net, joins, into=f"up_{side}"), first // 2**floor, kernel, deviation, side)
        net = layers.ReLU(name=f"relu_{side}")(normed(net, f"norm_{side}"))
    net = _up(joined(net, joins, into="image"), shape[2], kernel, deviation, sides[-1])  # no BatchNorm: guideline 2
    image = layers.Activation(last, dtype="float32", name="image")(net)
    return keras.Model([z] if label is None else [z, label], image, name="generator")


def discriminator(
    shape: tuple[int, int, int],
    *,
    width: int,
    kernel: int,
    depth: int | None = None,
    classes: int = 0,
    norm: str = "batch",
    deviation: float | None = WEIGHT_DEVIATION,
    outputs: int = 1,
) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, outputs); the generator's mirror image.

    At 64 x 64 x 3 with width 128 and kernel 5: 17,232,768 trainable parameters, as the authors' code has.
    depth, classes, deviation: as in the generator. norm: "batch"; "layer", over all of an image, with a gain and a
    bias per channel, so that images are treated one by one (Gulrajani et al. 2017, section 4); or "none", where
    convolutions have biases.
    """
    layers, sides = keras.layers, ladder(shape[0], depth)[-2::-1]
    image, label = keras.Input(shape, name="image"), labels(classes)
    net = image
    for floor, side in enumerate(sides):
        down = _down(width * 2**floor, kernel, deviation, name=f"down_{side}", use_bias=norm == "none")
        net = down(joined(net, label, into=f"down_{side}"))
        if floor and norm == "batch":  # no BatchNorm on the input: guideline 2
            net = _norm(f"norm_{side}")(net)
        if floor and norm == "layer":
            net = layer_norm(epsilon=1e-5, name=f"norm_{side}")(net)
        net = layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{side}")(net)
    net = joined(layers.Flatten(name="flat")(net), label, into="logit")
    logit = layers.Dense(
        outputs, use_bias=False, kernel_initializer=_weights(deviation), dtype="float32", name="logit"
    )(net)
    return keras.Model([image] if label is None else [image, label], logit, name="discriminator")


def labels(classes: int) -> Tensor | None:
    """An input of one-hot labels, float32 (batch, classes); None without classes."""
    return keras.Input((classes,), name="label") if classes else None


def joined(net: Tensor, label: Tensor | None, *, into: str) -> Tensor:
    """Vectors or maps with the one-hot label concatenated to their channels, if there is one.

    into: the layer that takes them, for layer names.
    """
    if label is None:
        return net
    layers = keras.layers
    if len(net.shape) == 4:
        height, width = net.shape[1:3]
        label = layers.RepeatVector(height * width, name=f"labels_into_{into}")(label)
        label = layers.Reshape((height, width, label.shape[-1]), name=f"label_map_into_{into}")(label)
    return layers.Concatenate(name=f"join_into_{into}")([net, label])


def _weights(deviation: float | None) -> keras.initializers.Initializer:
    """A new initializer for each layer: one that is used twice repeats its numbers."""
    return keras.initializers.RandomNormal(0.0, deviation) if deviation else keras.initializers.HeNormal()


def _norm(name: str) -> keras.Layer:
    return batch_norm(
        momentum=BATCH_NORM_MOMENTUM,
        epsilon=1e-5,
        gamma_initializer=keras.initializers.RandomNormal(1.0, WEIGHT_DEVIATION),  # as the authors' code
        name=name,
    )


def _generator_norm(kind: str, label: Tensor | None, net: Tensor, name: str) -> Tensor:
    """The generator's normalization of maps or rows."""
    if kind == "conditional":
        return conditional_batch_norm(momentum=BATCH_NORM_MOMENTUM, epsilon=1e-5, name=name)([net, label])
    if kind == "pixel":
        return pixel_norm_layer(name=name)(net)
    return _norm(name)(net) if kind == "batch" else net


def _up(net: Tensor, channels: int, kernel: int, deviation: float | None, target: int) -> Tensor:
    """Upsample to `target`, twice the side or one less: the paper's fractionally strided convolution."""
    inputs = net.shape[-1] * kernel**2 / 4  # with stride 2 an output depends on a quarter of the kernel
    first = _weights(deviation or math.sqrt(2 / inputs))  # Keras would use the fan-out
    return strided_conv.up_layer(channels, kernel, target, kernel_initializer=first, name=f"up_{target}")(net)


def _down(channels: int, kernel: int, deviation: float | None, *, name: str, use_bias: bool) -> keras.Layer:
    return strided_conv.down_layer(
        channels, kernel, use_bias=use_bias, kernel_initializer=_weights(deviation), name=name
    )
