"""Dense generator and discriminator: the layers of the dense GAN (as in Keras-GAN's gan.py)."""

from __future__ import annotations

import math

from gancli.core.backend import keras

LEAK = 0.2
BATCH_NORM_MOMENTUM = 0.8


def generator(shape: tuple[int, ...], z_dim: int) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]. 1,493,520 parameters for (28, 28, 1) and z_dim 100."""
    layers = keras.layers
    net = [keras.Input((z_dim,))]
    for units in (256, 512, 1024):
        net += [
            layers.Dense(units, name=f"dense_{units}"),
            layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{units}"),
            layers.BatchNormalization(momentum=BATCH_NORM_MOMENTUM, name=f"norm_{units}"),
        ]
    net += [
        layers.Dense(math.prod(shape), activation="tanh", dtype="float32", name="pixels"),
        layers.Reshape(shape, dtype="float32", name="image"),
    ]
    return keras.Sequential(net, name="generator")


def discriminator(shape: tuple[int, ...]) -> keras.Model:
    """float32 (batch, *shape) -> logits (batch, 1). 533,505 parameters for (28, 28, 1)."""
    layers = keras.layers
    net = [keras.Input(shape), layers.Flatten(name="flat")]
    for units in (512, 256):
        net += [
            layers.Dense(units, name=f"dense_{units}"),
            layers.LeakyReLU(negative_slope=LEAK, name=f"leaky_{units}"),
        ]
    net += [layers.Dense(1, dtype="float32", name="logit")]
    return keras.Sequential(net, name="discriminator")


def autoencoder(shape: tuple[int, ...], code: int) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> a code (batch, code) and the image again, in [-1, 1]."""
    layers = keras.layers
    image = keras.Input(shape, name="image")
    net = layers.Flatten(name="flat")(image)
    net = layers.Dense(512, activation="relu", name="encoder")(net)
    coded = layers.Dense(code, activation="relu", name="code")(net)
    net = layers.Dense(512, activation="relu", name="decoder")(coded)
    net = layers.Dense(math.prod(shape), activation="tanh", dtype="float32", name="pixels")(net)
    return keras.Model(image, [coded, layers.Reshape(shape, dtype="float32", name="again")(net)], name="autoencoder")


def perceptron(size: int, outputs: int, *, units: int, depth: int, name: str, last: str) -> keras.Model:
    """float32 (batch, size) -> (batch, outputs) through `depth` layers of ReLU, then a linear one named `last`."""
    layers = keras.layers
    net = [keras.Input((size,))]
    for number in range(1, depth + 1):
        net.append(layers.Dense(units, activation="relu", name=f"dense_{number}"))
    net.append(layers.Dense(outputs, dtype="float32", name=last))
    return keras.Sequential(net, name=name)
