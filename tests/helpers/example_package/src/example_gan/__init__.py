"""A GAN of dense networks with a hinge loss. Lim and Ye 2017, arXiv:1705.02894."""

from __future__ import annotations

import math
from dataclasses import dataclass

from gancli.core.backend import keras, tf
from gancli.core.options import option
from gancli.models.capabilities import Decoder
from gancli.models.families.latent import LatentModel
from gancli.nn.network import Network, frozen, minimize


class ExampleGAN(LatentModel, Decoder):
    """Each step updates both networks once."""

    default_steps = 3_000

    @dataclass(frozen=True)
    class Options(LatentModel.Options):
        """Each field is an option: --units and --margin of gancli train, units= and margin= of gancli.train."""

        units: int = option(128, "units of the hidden layers", low=1, high=65536)
        margin: float = option(1.0, "margin of the hinge loss", low=0, high=100)

    def build(self, data):
        """Two networks with names in checkpoints, for images of data.shape: height, width, channels."""
        layers, units, shape = keras.layers, self.options.units, data.shape
        generator = [
            layers.Dense(units, activation="relu", name="hidden"),
            layers.Dense(math.prod(shape), activation="tanh", dtype="float32", name="pixels"),
            layers.Reshape(shape, dtype="float32", name="image"),
        ]
        discriminator = [
            layers.Flatten(name="flat"),
            layers.Dense(units, activation="leaky_relu", name="hidden"),
            layers.Dense(1, dtype="float32", name="score"),
        ]
        first = keras.Sequential([keras.Input((self.options.z_dim,)), *generator], name="generator")
        second = keras.Sequential([keras.Input(shape), *discriminator], name="discriminator")
        return {"generator": Network(first, self.adam()), "discriminator": Network(second, self.adam())}

    def train_step(self, batches):
        """One update of each network; returns the metrics to record."""
        x, fake, z = next(batches)["image"], frozen(self.generator)(self.noise()), self.noise()

        def discriminator_loss():
            margin = self.options.margin
            real, generated = self.discriminator(x), self.discriminator(fake)
            return tf.reduce_mean(tf.nn.relu(margin - real)) + tf.reduce_mean(tf.nn.relu(margin + generated))

        def generator_loss():
            return -tf.reduce_mean(frozen(self.discriminator)(self.generator(z)))

        metrics = {"discriminator_loss": minimize(self.discriminator, loss=discriminator_loss)}
        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z, condition=None):
        """Images float32 (batch, height, width, channels) in [-1, 1] of latent vectors float32 (batch, z_dim)."""
        return self.generator.infer(z)
