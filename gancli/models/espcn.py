"""ESPCN: three convolutions at the low resolution, channels shuffled to pixels. Shi et al. 2016, arXiv:1609.05158.

Light: 37,200 weights at x4 for colors. Equations 1 to 4, the mean squared error (equation 5).

Differences from the paper: colours are enlarged by the network too (`--color gray`: the luma alone, as the paper does,
the colours by the bicubic kernel); larger crops, turned and mirrored; Adam at a constant 1e-3, where the paper lowers
its rate from 1e-2 to 1e-4 as the error stops to fall; a moving average of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.families.super_resolution import Upscaling
from gancli.nn.architectures import super_resolution
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts


class ESPCN(Upscaling, Model):
    """The sub-pixel network."""

    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(Upscaling.Options, Model.Options):
        """Those of all, and a step size that so few layers bear."""

        learning_rate: float = option(1e-3, "learning rate (paper: 1e-2)")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The generator, for images of any size."""
        return {"generator": Network(super_resolution.espcn(self.scale, data.shape[2]), self.adam())}

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equation 5."""
        return self.pixel_step(batches)
