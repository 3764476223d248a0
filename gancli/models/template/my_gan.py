"""A generative adversarial network to change. Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1.

The first line above is what a list of models shows. Write here which paper the model is from, and in what it differs.

    gancli train --model my_gan.py --data digits
    gancli sample --model my_gan.py
    gancli models my_gan.py --summary
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, tf
from gancli.core.options import option
from gancli.models.base import Batches
from gancli.models.capabilities import Decoder
from gancli.models.families.latent import LatentModel
from gancli.models.learning_rates import AdversarialRates
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class MyGAN(LatentModel, Decoder):
    """A generator and a discriminator with dense layers."""

    default_steps = 5_000
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(AdversarialRates, LatentModel.Options):
        """Each field is a flag of gancli train: this one --units. Change a default by writing `z_dim: int = 64`."""

        units: int = option(256, "units of each hidden layer", low=1, high=65536)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The networks, by their names in checkpoints. data.shape: height, width and channels of the images.

        Give every layer a name of its own, and outputs dtype="float32", as layers may compute in half precision.
        """
        layers, units = keras.layers, self.options.units
        generator = keras.Sequential(
            [
                keras.Input((self.options.z_dim,), name="z"),
                layers.Dense(units, activation="relu", name="hidden_1"),
                layers.Dense(units, activation="relu", name="hidden_2"),
                layers.Dense(math.prod(data.shape), activation="tanh", dtype="float32", name="pixels"),
                layers.Reshape(data.shape, dtype="float32", name="image"),
            ],
            name="generator",
        )
        discriminator = keras.Sequential(
            [
                keras.Input(data.shape, name="image"),
                layers.Flatten(name="flat"),
                layers.Dense(units, name="hidden_1"),
                layers.LeakyReLU(negative_slope=0.2, name="leaky_1"),
                layers.Dense(units, name="hidden_2"),
                layers.LeakyReLU(negative_slope=0.2, name="leaky_2"),
                layers.Dense(1, dtype="float32", name="logit"),
            ],
            name="discriminator",
        )
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(discriminator, self.adam("d")),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1. At each step:

        1.  x ~ data, z ~ p(z)
        2.  update D to minimize  -log D(x) - log(1 - D(G(z)))
        3.  z ~ p(z)
        4.  update G to minimize  -log D(G(z))

        The discriminator outputs a logit a, so that -log D = softplus(-a) and -log(1 - D) = softplus(a). Only the
        networks that `minimize` names are updated; others take part as `frozen`. Returns: the metrics to record.
        """
        x = next(batches)["image"]  # float32 (batch, height, width, channels) in [-1, 1]
        fake = frozen(self.generator)(self.noise())

        def discriminator_loss() -> Tensor:
            real_logit, fake_logit = self.discriminator(x), self.discriminator(fake)
            return tf.reduce_mean(tf.nn.softplus(-real_logit)) + tf.reduce_mean(tf.nn.softplus(fake_logit))

        def generator_loss() -> Tensor:
            return tf.reduce_mean(tf.nn.softplus(-frozen(self.discriminator)(self.generator(z))))

        metrics = {"discriminator_loss": minimize(self.discriminator, loss=discriminator_loss)}
        z = self.noise()
        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] for gancli sample, interpolate and the scores."""
        return self.generator.infer(z)
