"""Dense generator and discriminator: the layers of the dense GAN (as in Keras-GAN's gan.py)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gancli.core.backend import keras
from gancli.nn.layers.batch_norm import batch_norm

LEAK = 0.2
UNITS, DISCRIMINATOR_UNITS, AUTOENCODER_UNITS = (256, 512, 1024), (512, 256), (512,)
BATCH_NORM_MOMENTUM = 0.8


def generator(shape: tuple[int, ...], z_dim: int, *, units: Sequence[int] = UNITS) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]. 1,493,520 parameters for (28, 28, 1) and z_dim 100."""
    layers = keras.layers
    net = [keras.Input((z_dim,), name="z")]
    for count, name in _named(units):
        net += [
            layers.Dense(count, name=f"dense_{name}"),
            layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{name}"),
            layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"norm_{name}"),
        ]
    net += [
        layers.Dense(math.prod(shape), activation="tanh", dtype="float32", name="pixels"),
        layers.Reshape(shape, dtype="float32", name="image"),
    ]
    return keras.Sequential(net, name="generator")


def discriminator(shape: tuple[int, ...], *, units: Sequence[int] = DISCRIMINATOR_UNITS) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, 1). 533,505 parameters for (28, 28, 1)."""
    layers = keras.layers
    net = [keras.Input(shape, name="image"), layers.Flatten(name="flat")]
    for count, name in _named(units):
        net += [
            layers.Dense(count, name=f"dense_{name}"),
            layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{name}"),
        ]
    net += [layers.Dense(1, dtype="float32", name="logit")]
    return keras.Sequential(net, name="discriminator")


def normalized_generator(shape: tuple[int, ...], z_dim: int, *, units: Sequence[int]) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]: hidden layers with BatchNorm and ReLU, then a sigmoid.

    Nowozin et al. 2016 (1606.00709), section 3; the sigmoid's [0, 1] is scaled here. 2,511,184 parameters for
    (28, 28, 1), z_dim 100 and two layers of 1,200 units.
    """
    layers = keras.layers
    net = [keras.Input((z_dim,), name="z")]
    for count, name in _named(units):
        net += [
            layers.Dense(count, use_bias=False, name=f"dense_{name}"),
            batch_norm(momentum=BATCH_NORM_MOMENTUM, name=f"norm_{name}"),
            layers.ReLU(name=f"relu_{name}"),
        ]
    net += [
        layers.Dense(math.prod(shape), activation="sigmoid", dtype="float32", name="pixels"),
        layers.Rescaling(2.0, -1.0, dtype="float32", name="stretch"),
        layers.Reshape(shape, dtype="float32", name="image"),
    ]
    return keras.Sequential(net, name="generator")


def elu_discriminator(shape: tuple[int, ...], *, units: Sequence[int]) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> numbers (batch, 1): hidden layers with exponential linear units.

    Nowozin et al. 2016 (1606.00709), section 3; pixels are scaled to its [0, 1] first. 246,481 parameters for
    (28, 28, 1) and two layers of 240 units.
    """
    layers = keras.layers
    net = [
        keras.Input(shape, name="image"),
        layers.Rescaling(0.5, 0.5, dtype="float32", name="unit"),
        layers.Flatten(dtype="float32", name="flat"),
    ]
    for count, name in _named(units):
        net += [layers.Dense(count, activation="elu", name=f"dense_{name}")]
    net += [layers.Dense(1, dtype="float32", name="logit")]
    return keras.Sequential(net, name="discriminator")


def autoencoder(shape: tuple[int, ...], code: int, *, units: Sequence[int] = AUTOENCODER_UNITS) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> a code (batch, code) and the reconstruction in [-1, 1].

    units: of the hidden layers before the code, mirrored after it.
    """
    layers = keras.layers
    image = keras.Input(shape, name="image")
    net = layers.Flatten(name="flat")(image)
    for number, count in enumerate(units):
        net = layers.Dense(count, activation="relu", name=f"encoder_{number}" if number else "encoder")(net)
    net = coded = layers.Dense(code, activation="relu", name="code")(net)
    for number, count in enumerate(reversed(units)):
        net = layers.Dense(count, activation="relu", name=f"decoder_{number}" if number else "decoder")(net)
    net = layers.Dense(math.prod(shape), activation="tanh", dtype="float32", name="pixels")(net)
    return keras.Model(image, [coded, layers.Reshape(shape, dtype="float32", name="again")(net)], name="autoencoder")


def perceptron(
    size: int, outputs: int, *, units: int, depth: int, name: str, last: str, first: str = "z"
) -> keras.Model:
    """float32 (batch, size) -> (batch, outputs) through `depth` ReLU layers and a linear one named `last`.

    first: the name of the input.
    """
    layers = keras.layers
    net = [keras.Input((size,), name=first)]
    for number in range(1, depth + 1):
        net.append(layers.Dense(units, activation="relu", name=f"dense_{number}"))
    net.append(layers.Dense(outputs, dtype="float32", name=last))
    return keras.Sequential(net, name=name)


def _named(units: Sequence[int]) -> Iterator[tuple[int, str]]:
    """Each number of units with the name of its layer: the number, and its place if it has occurred before."""
    for place, count in enumerate(units):
        yield count, f"{count}_{place}" if count in units[:place] else str(count)
