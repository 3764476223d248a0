"""Generative adversarial network with dense layers. Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1.

The layers are those of the lecture's dense GAN on MNIST (as in Keras-GAN's gan.py), to the digit.

Differences from the paper: the generator climbs log D(G(z)) from the first step, as the paper advises for the start
and the authors' code does; Adam instead of momentum; k = 1. From the lecture's code: the discriminator ends in a
logit, its sigmoid being part of the loss, and BatchNorm uses separate real and generated batches, both whole.
"""

from __future__ import annotations

from dataclasses import dataclass

from gancli.architectures import dense
from gancli.backend import Tensor
from gancli.data.dataset import DataFacts
from gancli.games import alternate
from gancli.latents import PRIORS
from gancli.models.base import Batches, Decoder, Model
from gancli.network import Network
from gancli.options import option


class GAN(Model, Decoder):
    """The dense GAN."""

    default_steps = 30_000  # the lecture's run
    xla_on_cpu = True

    @dataclass(frozen=True)
    class Options(Model.Options):
        """The lecture's settings."""

        batch_size: int = option(32, "images in a batch", low=2, high=65536)
        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        z: str = option("normal", "distribution of the latent vector", choices=PRIORS)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for images of the data's shape."""
        return {
            "generator": Network(dense.generator(data.shape, self.options.z_dim), self.adam()),
            "discriminator": Network(dense.discriminator(data.shape), self.adam()),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1 of Goodfellow et al. 2014."""
        return alternate(self.generator, self.discriminator, real=next(batches)["image"], noise=self.noise)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors, with BatchNorm's moving statistics."""
        return self.generator.infer(z)
