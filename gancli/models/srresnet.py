"""SRResNet: super-resolution by a residual network. Ledig et al. 2017, arXiv:1609.04802, sections 2.1 and 3.2.

A deep residual network at low resolution, sub-pixel convolutions at its end, and the mean squared pixel error
(equation 4). Random crops of 96 x 96, downscaled bicubically as the batch is made; low-resolution images are in [0, 1],
high-resolution ones in [-1, 1].

    gancli train --model srresnet --data photos/ --depth 16 --width 64     the paper's sizes
    gancli upscale small.png

Differences from the paper:
- An average after each shuffle, without which losses other than the pixel error leave checkerboard artifacts in uniform
  areas (`--no-anti-checkerboard`; Sugawara et al. 2018, arXiv:1806.02658).
- Crops are also rotated and mirrored (`--no-rotate`).
- The learning rate drops to a tenth for the last fifth of the training (`--lr-drop-step`).
- Fewer and narrower blocks by default, for a CPU.
- A learning rate of 4e-4 (`--learning-rate`; paper: 1e-4) and 20,000 steps (paper: a million).
- EMA of the weights.
- The paper says once that its images were downscaled bicubically, and once that they were blurred by a Gaussian first.
  Here there is no blur, as its table of bicubic results requires.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.options import option
from gancli.models.base import Batches
from gancli.models.families.super_resolution import LRStepOptions, SuperResolutionModel, stepped_rate
from gancli.nn.architectures import super_resolution
from gancli.nn.network import Network
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts


class SRResNet(SuperResolutionModel):
    """The residual network of Ledig et al. 2017 without a discriminator."""

    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(LRStepOptions, SuperResolutionModel.Options):
        """A quarter of the paper's."""

        depth: int = option(8, "residual blocks (paper: 16)", low=1, high=64)
        width: int = option(32, "channels of the convolutions (paper: 64)", low=1, high=512)
        anti_checkerboard: bool = option(True, "average neighboring pixels after each upsampling (paper: no)")
        learning_rate: float = option(4e-4, "learning rate (paper: 1e-4)")
        lr_drop_step: int | None = option(
            None, "step at which --lr-schedule step drops to a tenth (default: after four fifths; paper: never)"
        )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The generator, for images of any size."""
        chosen = self.options
        sizes = {"blocks": chosen.depth, "width": chosen.width, "anti_checkerboard": chosen.anti_checkerboard}
        layers = super_resolution.generator(self.scale, data.shape[2], **sizes)
        return {"generator": Network(layers, adam(stepped_rate(self), beta1=chosen.beta1))}

    def resolved_options(self) -> dict[str, object]:
        """Where the rate falls: it stays there if the training is made longer."""
        if self.options.lr_schedule != "step":
            return super().resolved_options()
        return {"lr_drop_step": self.options.lr_drop_step or max(1, round(0.8 * self.total_steps()))}

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step on the mean squared error of pixels, equation 4."""
        return self.pixel_step(batches)
