"""Dense generator and discriminator: the layers of the dense GAN (as in Keras-GAN's gan.py)."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from gancli.core.backend import keras

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
