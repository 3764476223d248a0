"""The networks of the authors' MNIST code: a dense generator with ReLU, and maxout layers with dropout.

Goodfellow et al. 2014, section 5; layers and numbers from mnist.yaml of goodfeli/adversarial. Maxout: Goodfellow et
al. 2013, arXiv:1302.4389.
"""

from __future__ import annotations

import math

import numpy as np

from gancli.backend import keras

GENERATOR_RANGE, DISCRIMINATOR_RANGE = 0.05, 0.005  # weights from U(-range, range)
PIECES = 5


def generator(shape: tuple[int, ...], z_dim: int, *, units: int, scale: float) -> keras.Model:
    """float32 (batch, z_dim) -> (batch, *shape) in [-1, 1]; z is multiplied by `scale` first.

    2,503,984 parameters for (28, 28, 1), z_dim 100 and 1,200 units. The authors' sigmoid gives [0, 1], stretched here.
    """
    layers = keras.layers
    net = [keras.Input((z_dim,)), layers.Rescaling(scale, name="scale")]
    for number in (1, 2):
        net.append(_dense(units, GENERATOR_RANGE, f"dense_{number}", activation="relu"))
    net += [
        _dense(math.prod(shape), GENERATOR_RANGE, "pixels", activation="sigmoid", dtype="float32"),
        layers.Rescaling(2.0, -1.0, dtype="float32", name="stretch"),
        layers.Reshape(shape, dtype="float32", name="image"),
    ]
    return keras.Sequential(net, name="generator")


def begin_with_mean(network: keras.Model, mean: np.ndarray) -> None:
    """Set the output bias so that every image starts as the mean image, float (pixels,) in [0, 1]."""
    inside = np.clip(mean, 1e-7, 1 - 1e-7)  # the authors' bounds
    network.get_layer("pixels").bias.assign(np.log(inside / (1 - inside)))


def discriminator(
    shape: tuple[int, ...], *, units: int, input_dropout: float, dropout: float, max_norm: float | None = None
) -> keras.Model:
    """float32 (batch, *shape) in [-1, 1] -> logits (batch, 1): two maxout layers of `units` with five pieces each.

    max_norm: what the L2 norm of the weights into a unit may be after an update, if it is limited.
    1,231,441 parameters for (28, 28, 1) and 240 units. Its first layer brings pixels to the authors' [0, 1].
    """
    layers, limit = keras.layers, {"kernel_constraint": keras.constraints.MaxNorm(max_norm, axis=0)} if max_norm else {}
    net = [keras.Input(shape), layers.Rescaling(0.5, 0.5, dtype="float32", name="unit")]
    net.append(layers.Flatten(dtype="float32", name="flat"))
    for number, share in ((1, input_dropout), (2, dropout)):
        net += [
            layers.Dropout(share, seed=number, name=f"dropout_{number}"),
            _dense(units * PIECES, DISCRIMINATOR_RANGE, f"pieces_{number}", **limit),
            layers.Reshape((PIECES, units), name=f"reshape_{number}"),
            layers.GlobalMaxPooling1D(name=f"maxout_{number}"),
        ]
    net += [
        layers.Dropout(dropout, seed=3, name="dropout_3"),
        _dense(1, DISCRIMINATOR_RANGE, "logit", dtype="float32", **limit),
    ]
    return keras.Sequential(net, name="discriminator")


def _dense(units: int, limit: float, name: str, **more: object) -> keras.Layer:
    weights = keras.initializers.RandomUniform(-limit, limit)
    return keras.layers.Dense(units, kernel_initializer=weights, name=name, **more)
