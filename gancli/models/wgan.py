"""Wasserstein GAN. Arjovsky, Chintala & Bottou 2017, arXiv:1701.07875, Algorithm 1.

The critic maximizes E f(x) - E f(G(z)). RMSProp updates both networks with learning rate 5e-5, and after each update
every critic weight is clipped to [-0.01, 0.01], which bounds the critic's gradient. No sigmoid, no logarithm, no
momentum. Five critic steps per generator step; 100 in the first 25 generator steps, and in every 500th of the authors'
code, so that the critic is near its optimum. `distance`, the critic's estimate, follows the true distance up to a
constant factor. (The paper saw no mode collapse, and replaces the Jensen-Shannon divergence.) These are the numbers of
--preset paper.

Differences from the paper:
- One critic step per generator step, a critic's learning rate of 1e-3, three times that for the generator, both
  decaying to 0 in the second half, and bounds of 0.03. So digits appear in minutes, and `distance` is that of a critic
  further from its optimum.
- EMA of the weights.
- RMSProp's epsilon, 1e-7, is inside the root, as in Keras.
- The networks of dcgan.
- The 100 critic steps come in the first 25 generator steps only.
- Weights are clipped after the update, as in Algorithm 1 (before it in the authors' code), including BatchNorm's gains,
  as in that code.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gancli.core.backend import keras
from gancli.core.options import option
from gancli.models.base import Stage
from gancli.models.families.dcgan_networks import DCGANModel
from gancli.models.learning_rates import scheduled

RMS_DECAY = 0.99  # PyTorch's default, which the authors used; Keras' is 0.9


class WGAN(DCGANModel):
    """The Wasserstein GAN with weight clipping (Arjovsky et al. 2017), with the networks of dcgan."""

    default_steps = 7_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {
            "learning_rate": 5e-5,
            "g_lr_ratio": 1.0,
            "lr_schedule": "constant",
            "d_steps": 5,
            "weight_clip": 0.01,
            "warmup_steps": 25,
        }
    }

    @dataclass(frozen=True)
    class Options(DCGANModel.Options):
        """Settings for minutes; the paper's are a preset."""

        learning_rate: float = option(1e-3, "learning rate (paper: 5e-5)")
        g_lr_ratio: float = 3.0
        lr_schedule: str = "linear"
        loss: str = "wasserstein"
        d_steps: int = option(1, "critic steps per generator step (paper: 5)")
        weight_clip: float = option(0.03, "bound on every critic weight (paper: 0.01)", low=None, above=0)
        warmup_steps: int = option(
            0,
            "first generator steps with more critic steps (paper: 25; not counted by --epochs)",
            low=0,
            high=10**6,
        )
        warmup_d_steps: int = option(100, "critic steps per generator step during warm-up", low=1, high=10_000)

    def optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """RMSProp."""
        return keras.optimizers.RMSprop(scheduled(self, side, **self.timing(side)), rho=RMS_DECAY)

    def timing(self, side: str) -> dict[str, object]:
        """More critic steps in the warm-up."""
        chosen = self.options
        each = {"critic": chosen.warmup_d_steps}
        pieces = [(stage.steps, each.get(stage.name, chosen.d_steps)) for stage in self.stages()]
        return {"pieces": pieces} if side == "d" else {}

    def stages(self) -> list[Stage]:
        """A warm-up with more critic steps, then Algorithm 1."""
        *before, last = super().stages()
        steps = min(self.options.warmup_steps, last.steps)
        step = functools.partial(self.adversarial_step, loss=self.options.loss, d_steps=self.options.warmup_d_steps)
        warmup = [Stage("critic", steps, step)] if steps else []
        return [*before, *warmup, last._replace(steps=last.steps - steps)]
