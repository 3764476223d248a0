"""Generative adversarial network with dense layers. Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1.

The layers are those of the lecture's dense GAN on MNIST (as in Keras-GAN's gan.py), to the digit.

k is 1, as in the paper's experiments. Differences from the paper: the generator climbs log D(G(z)) from the first step,
as the paper advises for the start and the authors' code does; Adam instead of momentum; a moving average of the
weights. Differences from the lecture's code: the discriminator takes one Adam step on the mean of the costs of real and
of generated images, where that code takes one step on each; it ends in a logit, its sigmoid being part of the loss;
images for the discriminator are made with the batch's statistics in the generator's BatchNorm, where that code predicts
them with the moving ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.models.base import Model
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import Adversarial
from gancli.nn.architectures import dense
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class GAN(Adversarial, Model, Decoder):
    """The dense GAN."""

    default_steps = 30_000  # the lecture's run
    xla_faster_on_cpu = True

    @dataclass(frozen=True)
    class Options(Adversarial.Options, Model.Options):
        """The lecture's settings."""

        batch_size: int = 32

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for images of the data's shape."""
        return {
            "generator": Network(dense.generator(data.shape, self.options.z_dim), self.adam()),
            "discriminator": Network(self.tricks(dense.discriminator(data.shape)), self.adam()),
        }
