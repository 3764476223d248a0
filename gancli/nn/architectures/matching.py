"""The conditional convolutional networks of leifeng_course, layer by layer (gmlove/leifeng_course, week 9)."""

from __future__ import annotations

from gancli.core.backend import Tensor, keras
from gancli.nn.layers.batch_norm import layer_norm

SIDE = 28  # the transposed convolutions reach no other: 4 -> 8 -> 19 -> 23 -> 27 -> 28
WIDTH, DEPTH = 16, 4  # of leifeng_course: channels of the largest maps, hidden convolutions
MOMENTUM = 0.9
EMBEDDING = 200  # of the label, twice the length of z: the author found smaller ones to lose control


def generator(z_dim: int, classes: int, *, width: int = WIDTH, depth: int = DEPTH) -> keras.Model:
    """z float32 (batch, z_dim) and one-hot labels (batch, classes) -> images (batch, 28, 28, 1) from -1 on.

    335,913 trainable parameters for z_dim 100 and ten classes. The last ReLU gives [0, ∞), stretched here to [-1, ∞).
    width: channels of the largest maps, doubled at each level. depth: hidden convolutions; the fourth reaches 27
    pixels, and those after it keep them.
    """
    layers = keras.layers
    z, label = keras.Input((z_dim,), name="z"), keras.Input((classes,), name="label")
    net = layers.Dense(EMBEDDING, activation="relu", name="embedding")(label)
    net = layers.Concatenate(name="join")([z, net])
    few = max(1, width // 2)
    net = layers.Dense(16 * few, activation="relu", name="project")(net)
    net = layers.Reshape((4, 4, few), name="reshape")(net)
    reaching = [(8 * width, 2, "same"), (4 * width, 2, "valid"), (2 * width, 1, "valid"), (width, 1, "valid")]
    kept = [(width, 1, "same")] * (depth - DEPTH)
    for number, (channels, stride, padding) in enumerate([*reaching, *kept], start=1):
        net = layers.Conv2DTranspose(channels, 5, stride, padding, activation="relu", name=f"up_{number}")(net)
        net = layers.BatchNormalization(momentum=MOMENTUM, name=f"norm_{number}")(net)
    net = layers.Conv2DTranspose(1, 2, activation="relu", dtype="float32", name=f"up_{depth + 1}")(net)
    image = layers.Rescaling(2.0, -1.0, dtype="float32", name="image")(net)
    return keras.Model([z, label], image, name="generator")


def discriminator(classes: int, *, width: int = WIDTH, depth: int = DEPTH, norm: str = "batch") -> keras.Model:
    """Images float32 (batch, 28, 28, 1) in [-1, 1] and one-hot labels (batch, classes) -> logits (batch, 1).

    99,089 trainable parameters for ten classes. The label is one plane of 4 x 4 beside the 64 maps of the image.
    width, depth: as in the generator; the fourth convolution is the last, and those beyond it keep the size before.
    norm: "batch"; "layer", over all of an image; or "none".
    """
    layers = keras.layers
    image, label = keras.Input((SIDE, SIDE, 1), name="image"), keras.Input((classes,), name="label")
    net = layers.Rescaling(0.5, 0.5, name="unit")(image)
    for number, channels in enumerate((width, 2 * width, 4 * width), start=1):
        net = layers.Conv2D(channels, 3, 2, "same", activation="relu", name=f"down_{number}")(net)
        net = _normed(net, norm, f"norm_{number}") if number < 3 else net
    for number in range(DEPTH, depth):
        net = layers.Conv2D(4 * width, 3, padding="same", activation="relu", name=f"keep_{number}")(net)
    plane = layers.Reshape((4, 4, 1), name="plane")(layers.Dense(16, name="label_plane")(label))
    net = layers.Concatenate(name="join")([net, plane])
    net = layers.Conv2D(8 * width, 3, 2, "same", activation="relu", name="down_4")(net)
    logit = layers.Dense(1, dtype="float32", name="logit")(layers.Flatten(name="flat")(net))
    return keras.Model([image, label], logit, name="discriminator")


def _normed(net: Tensor, norm: str, name: str) -> Tensor:
    if norm == "layer":
        return layer_norm(epsilon=1e-5, name=name)(net)
    return keras.layers.BatchNormalization(momentum=MOMENTUM, name=name)(net) if norm == "batch" else net
