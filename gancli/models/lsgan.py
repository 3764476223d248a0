"""Least squares GAN. Mao et al. 2017, arXiv:1611.04076, equation 9: targets 1 for real and 0 for generated images.

The discriminator outputs a number instead of a probability, and its loss is the squared distance from the target, also
for images on the correct side of the boundary, so that the generator keeps a gradient there.

Differences from the paper:
- EMA of the weights.
- The networks of dcgan, a quarter as wide, not the paper's for 112 x 112.
- Adam 2e-4.
"""

from __future__ import annotations

from dataclasses import dataclass

from gancli.models.families.dcgan_networks import DCGANModel


class LSGAN(DCGANModel):
    """The networks of dcgan with the least-squares loss (Mao et al. 2017)."""

    default_steps = 6_000

    @dataclass(frozen=True)
    class Options(DCGANModel.Options):
        """The options of dcgan, with another loss."""

        loss: str = "least-squares"
