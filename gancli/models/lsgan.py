"""Least squares GAN. Mao et al. 2017, arXiv:1611.04076, equation 9: the targets 1 for real, 0 for generated images.

The discriminator is asked for a number and not for a probability: it pays the squared distance from its target, also
for images on the right side of the boundary, so that the generator keeps a gradient there.

Differences from the paper: a moving average of the weights; the networks are those of dcgan, a quarter as wide, not
the paper's of 112 x 112; Adam 2e-4.
"""

from __future__ import annotations

from dataclasses import dataclass

from gancli.models.families.dcgan_networks import DCGANModel


class LSGAN(DCGANModel):
    """The GAN with the least-squares loss."""

    default_steps = 6_000

    @dataclass(frozen=True)
    class Options(DCGANModel.Options):
        """The options of dcgan, with another loss."""

        loss: str = "least-squares"
