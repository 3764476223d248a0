"""Wasserstein GAN. Arjovsky, Chintala & Bottou 2017, arXiv:1701.07875, Algorithm 1.

The critic climbs E f(x) - E f(G(z)), RMSProp moves both networks by 5e-5, and after each update every weight of the
critic is brought back into [-0.01, 0.01], so that its slope is bounded. No sigmoid, no logarithm, no momentum. Five
steps of the critic for each of the generator; 100 in the first 25, and in every 500th of the authors' code, so that
the critic is near its optimum. `distance`, the critic's estimate, grows and shrinks with the true distance, up to a
constant factor.

Differences from the paper: a moving average of the weights; RMSProp's small number, 1e-7, stands inside the root, as
Keras has it; the networks are those of dcgan; the 100 steps come in the first 25 alone; the clip comes
after the update as in Algorithm 1, before it in the authors' code, and binds BatchNorm's gains too, as there. The
document's claims that this ends mode collapse and that it replaces the KL divergence are not the paper's: it saw no
collapse, and what it replaces is the Jensen-Shannon divergence.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import keras
from gancli.core.options import option
from gancli.models.base import Model, Stage
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import Adversarial, DCGANBackbone
from gancli.nn.architectures import dcgan
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts

RMS_DECAY = 0.99  # PyTorch's, which the authors used; Keras' is 0.9


class WGAN(DCGANBackbone, Adversarial, Model, Decoder):
    """The GAN whose critic is clipped."""

    default_steps = 4_000
    normalizes_batches = True

    @dataclass(frozen=True)
    class Options(DCGANBackbone.Options, Adversarial.Options, Model.Options):
        """The paper's settings."""

        learning_rate: float = 5e-5
        loss: str = "wasserstein"
        d_steps: int = option(5, "critic steps per generator step")
        weight_clip: float = option(0.01, "bound on every critic weight", low=None, above=0)
        warmup_steps: int = option(
            25, "first generator steps with more critic steps (not counted by --epochs)", low=0, high=10**6
        )
        warmup_d_steps: int = option(100, "critic steps per generator step during warm-up", low=1, high=10_000)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and critic of dcgan."""
        return {
            "generator": Network(dcgan.generator(data.shape, self.options.z_dim, **self.sizes()), self._rmsprop()),
            "discriminator": Network(self.tricks(dcgan.discriminator(data.shape, **self.sizes())), self._rmsprop()),
        }

    def _rmsprop(self) -> keras.optimizers.Optimizer:
        return keras.optimizers.RMSprop(self.options.learning_rate, rho=RMS_DECAY)

    def stages(self) -> list[Stage]:
        """The opening with more critic steps, then Algorithm 1."""
        *before, last = super().stages()
        steps = min(self.options.warmup_steps, last.steps)
        opening = functools.partial(self.play, game=self.options.loss, k=self.options.warmup_d_steps)
        first = [Stage("critic", steps, opening)] if steps else []
        return [*before, *first, last._replace(steps=last.steps - steps)]
