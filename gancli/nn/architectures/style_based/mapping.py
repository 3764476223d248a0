"""The mapping network, z -> w, and a generator made of it and a synthesis network. Karras et al. 2019, 1812.04948."""

from __future__ import annotations

import math

from gancli.core.backend import keras
from gancli.nn.architectures.dcgan import labels
from gancli.nn.architectures.style_based.random_layers import LEAK
from gancli.nn.architectures.style_based.styles import layer
from gancli.nn.layers.pixel_norm import pixel_norm_layer

GAIN = math.sqrt(2.0)
RATE = 0.01  # of the mapping network's learning rate: the paper, appendix C


def mapping(z_dim: int, w_size: int, *, depth: int, classes: int = 0) -> keras.Model:
    """float32 (batch, z_dim) -> w, float32 (batch, w_size): z scaled to length √z_dim, `depth` dense LeakyReLU layers.

    classes: a second input, one-hot labels float32 (batch, classes), of which a linear embedding of z_dim numbers is
    joined to z. The layer `mean_w` holds the moving average of w.
    """
    layers = keras.layers
    z, label = keras.Input((z_dim,), name="z"), labels(classes)
    net = z
    if label is not None:
        embedding = layers.Dense(
            z_dim, use_bias=False, kernel_initializer=normal(1.0), dtype="float32", name="label_embedding"
        )
        net = layers.Concatenate(dtype="float32", name="join_label")([net, embedding(label)])
    net = pixel_norm_layer(dtype="float32", name="unit_z")(net)
    for number in range(depth):
        deviation = GAIN / math.sqrt(net.shape[-1])
        net = layers.Dense(w_size, kernel_initializer=normal(deviation), dtype="float32", name=f"map_{number}")(net)
        net = layers.LeakyReLU(negative_slope=LEAK, dtype="float32", name=f"leaky_map_{number}")(net)
    w = layer("MeanOfW", dtype="float32", name="mean_w")(net)
    return keras.Model([z] if label is None else [z, label], w, name="mapping")


def generator(mapped: keras.Model, synthesis: keras.Model, *, mixing: float) -> keras.Model:
    """float32 (batch, z_dim) -> images float32 (batch, side, side, channels).

    mapped, synthesis: kept as layers "mapping" and "synthesis". mixing: probability of style mixing in training, with
    the w of other z, drawn by the layer `other_z`. Further inputs are those of the mapping network.
    """
    inputs = [keras.Input(one.shape[1:], name=one.name) for one in mapped.inputs]
    rows = inputs
    if mixing:
        rows = [
            layer("Appended", draws=one.name == "z", dtype="float32", name=f"other_{one.name}")(one) for one in inputs
        ]
    w = mapped(rows if len(rows) > 1 else rows[0])
    count = synthesis.input.shape[1]
    styles = layer("StyleMixing", count, mixing, dtype="float32", name="styles")(w)
    return keras.Model(inputs if len(inputs) > 1 else inputs[0], synthesis(styles), name="generator")


def normal(deviation: float) -> keras.initializers.Initializer:
    """A new initializer for each layer: one that is used twice repeats its numbers."""
    return keras.initializers.RandomNormal(0.0, deviation)
