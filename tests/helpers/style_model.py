"""A model with a style space that trains in no time, for the commands that use one."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gancli.core.backend import keras, tf
from gancli.core.options import option
from gancli.models.capabilities import StyleBased
from gancli.models.families.latent import LatentModel
from gancli.nn.network import Network, minimize

LAYERS, SIZE = 6, 3


class Styled(LatentModel, StyleBased):
    """A dense mapping, and a synthesis that is linear in the styles up to the tanh of a pixel."""

    @dataclass(frozen=True)
    class Options(LatentModel.Options):
        z_dim: int = option(4, "length of the latent vector", low=1, high=4096)

    @property
    def w_size(self):
        return SIZE

    @property
    def style_layers(self):
        return LAYERS

    def build(self, data):
        z = keras.Input((self.options.z_dim,), name="z")
        style = keras.Sequential([z, keras.layers.Dense(SIZE, dtype="float32", name="style")], name="mapping")
        pixels = keras.layers.Dense(math.prod(data.shape), activation="tanh", dtype="float32", name="pixels")
        reshape = keras.layers.Reshape(data.shape, dtype="float32", name="image")
        flat = keras.layers.Flatten(name="flat")
        synthesis = keras.Sequential([keras.Input((LAYERS, SIZE)), flat, pixels, reshape], name="synthesis")
        repeat = keras.layers.RepeatVector(LAYERS, name="repeat")
        generator = keras.Model(z, synthesis(repeat(style(z))), name="generator")
        return {"generator": Network(generator, self.adam())}

    def train_step(self, batches):
        x = next(batches)["image"]
        return {"loss": minimize(self.generator, loss=lambda: tf.reduce_mean((self.generator(self.noise()) - x) ** 2))}

    def decode(self, z, condition=None):
        return self.generator.infer(z)

    def to_w(self, z, condition=None):
        return self.generator.inference_model.get_layer("mapping")(z)

    def from_w(self, w):
        return self.generator.inference_model.get_layer("synthesis")(w)

    def mean_w(self):
        return self.to_w(tf.zeros((1, self.z_size)))[0] + 0.25
