"""SRResNet: super-resolution by a residual network. Ledig et al. 2017, arXiv:1609.04802, sections 2.1 and 3.2.

A deep residual network at the low resolution, sub-pixel convolutions at its end, and the mean squared error of pixels
(equation 4). Crops of 96 x 96 at random, reduced by the bicubic kernel as the batch is made; images of low resolution
in [0, 1], of high resolution in [-1, 1].

    gancli train --model srresnet --data photos/ --blocks 16 --width 64     the paper's
    gancli upscale small.png

Differences from the paper: a mean after each shuffle, without which losses other than that of pixels leave a lattice in
plain areas (`--no-anti-checkerboard`; Sugawara et al. 2018, arXiv:1806.02658); crops are also turned and mirrored
(`--no-rotate`); the rate falls to a tenth for the last fifth of the training (`--lr-drop-step`); fewer and narrower
blocks by default, for a CPU; a step size of 4e-4 (`--learning-rate`; the paper: 1e-4); 20,000 steps (the paper: a
million); a moving average of the weights. The paper says of its images once that they were reduced by a bicubic kernel,
once that they were blurred by a Gaussian first: here it is the kernel alone, as its table of bicubic results demands.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.families.super_resolution import Upscaling
from gancli.nn.architectures import super_resolution
from gancli.nn.network import Network
from gancli.nn.optimizers import adam, piecewise_constant

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts


class SRResNet(Upscaling, Model):
    """The residual network alone."""

    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(Upscaling.Options, Model.Options):
        """A quarter of the paper's."""

        blocks: int = option(8, "residual blocks (paper: 16)", low=1, high=64)
        width: int = option(32, "channels (paper: 64)", low=1, high=512)
        anti_checkerboard: bool = option(True, "average neighboring pixels after each upsampling (paper: no)")
        learning_rate: float = option(4e-4, "learning rate (paper: 1e-4)")
        lr_drop_step: int | None = option(
            None, "step at which the learning rate drops to a tenth (default: after four fifths; paper: never)", low=1
        )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The generator, for images of any size."""
        chosen = self.options
        sizes = {"blocks": chosen.blocks, "width": chosen.width, "anti_checkerboard": chosen.anti_checkerboard}
        layers = super_resolution.generator(self.scale, data.shape[2], **sizes)
        rate, at = chosen.learning_rate, self.resolved()["lr_drop_step"]
        return {"generator": Network(layers, adam(piecewise_constant({0: rate, at: 0.1 * rate}), beta1=chosen.beta1))}

    def resolved(self) -> dict[str, object]:
        """Where the rate falls: it stays there if the training is made longer."""
        return {"lr_drop_step": self.options.lr_drop_step or max(1, round(0.8 * self.total_steps()))}

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equation 4."""
        return self.pixel_step(batches)
