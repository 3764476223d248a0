"""Least squares GAN. Mao et al. 2017, arXiv:1611.04076, equation 9: the targets 1 for real, 0 for generated images.

The discriminator is asked for a number and not for a probability: it pays the squared distance from its target, also
for images on the right side of the boundary, so that the generator keeps a gradient there.

Differences from the paper: a moving average of the weights; the networks are those of dcgan, a quarter as wide, not
the paper's of 112 x 112; Adam 2e-4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.models.base import Model
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import Adversarial, DCGANBackbone
from gancli.nn.architectures import dcgan
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class LSGAN(DCGANBackbone, Adversarial, Model, Decoder):
    """The GAN with least squares."""

    default_steps = 6_000
    normalizes_batches = True

    @dataclass(frozen=True)
    class Options(DCGANBackbone.Options, Adversarial.Options, Model.Options):
        """The settings of dcgan, with another game."""

        loss: str = "least-squares"

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator of dcgan."""
        return {
            "generator": Network(dcgan.generator(data.shape, self.options.z_dim, **self.sizes()), self.adam()),
            "discriminator": Network(self.tricks(dcgan.discriminator(data.shape, **self.sizes())), self.adam()),
        }
