"""ESPCN: three convolutions at low resolution and a pixel shuffle. Shi et al. 2016, arXiv:1609.05158.

Small: 37,200 weights at x4 in color. Equations 1 to 4, trained on the mean squared error (equation 5).

Differences from the paper:
- The network upscales color too (--color gray: only the luma, as in the paper, with the chroma upscaled bicubically).
- Larger crops, rotated and mirrored.
- Adam at a constant 1e-3; the paper lowers its rate from 1e-2 to 1e-4 as the error stops falling.
- EMA of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.options import option
from gancli.models.base import Batches
from gancli.models.families.super_resolution import SuperResolutionModel
from gancli.nn.architectures import super_resolution
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts


class ESPCN(SuperResolutionModel):
    """A network of three convolutions and a pixel shuffle (Shi et al. 2016)."""

    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(SuperResolutionModel.Options):
        """A higher learning rate, which so few layers tolerate."""

        depth: int = option(3, "number of convolutions (paper: 3)", low=2, high=64)
        width: int = option(
            64, "channels of the first convolution, twice those of the next (paper: 64)", low=1, high=1024
        )
        learning_rate: float = option(1e-3, "learning rate (paper: 1e-2)")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The generator, for images of any size."""
        chosen = self.options
        layers = super_resolution.espcn(self.scale, data.shape[2], width=chosen.width, depth=chosen.depth)
        return {"generator": Network(layers, self.adam())}

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step on the mean squared error of pixels, equation 5."""
        return self.pixel_step(batches)
