"""R3GAN, a baseline without tricks. Huang, Gokaslan, Kuleshov & Tompkin 2024, arXiv:2501.05441, sections 2 and 4.

The relativistic pairing loss compares each generated image with a real one, so that modes which the generator drops
cost it something (Jolicoeur-Martineau 2018). Alone it need not converge; with zero-centered penalties on the slope at
real images (R1) and at generated ones (R2), both of weight γ, it does locally. Nothing is normalized: residual blocks
with grouped convolutions and Fix-up initialization, resampling by a filter, a learned basis of 4 x 4 pixels at both
ends. During a burn-in γ falls to a tenth, the learning rate to a quarter, and Adam's beta2 rises from 0.9 to 0.99.
The penalties are trained by second derivatives, in float32 whatever --precision says.

Differences from the paper:
- Width 32, doubled at each halving up to 128, and one block per level, instead of 768 everywhere and two; batches of 64
  instead of 256 or 512; a learning rate of 1e-3, which such narrow networks tolerate, instead of 2e-4 (paper: --preset
  paper for CIFAR-10, --preset paper-64 for faces; their number of steps is ours).
- The level of the image's own side is one strided 5 x 5 convolution at each end, as in dcgan (paper: --no-stem).
- Penalties are computed at every fourth discriminator step, with four times their weight (paper: --penalty-every 1).
- float32 for everything, which is faster than bfloat16 for these small convolutions.
- The burn-in takes 8,000 steps, not 20 million images.
- Generated images are clipped to [-1, 1], but not in training.
- The filter is (1, 3, 3, 1), from code of StyleGAN2 on.
- With --conditional the discriminator adds the projection of the class to its logit, where the paper's logit is the
  projection alone.
- No augmentation (authors' code: the operations of ADA with a probability that rises to .55 on CIFAR-10, .3 on faces).
- The EMA has a half-life of at most 5 % of the images so far; the paper's rises with a cosine.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.capabilities import Decoder
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.network_sizes import HalvingOptions, check_depth
from gancli.models.learning_rates import learning_rate, scheduled
from gancli.nn.architectures.dcgan import ladder
from gancli.nn.architectures.residual import r3gan
from gancli.nn.layers.class_conditional import with_projection
from gancli.nn.network import Network
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.nn.adversarial_step import AdversarialConfig

BETA2, LAST_BETA2 = 0.9, 0.99
LAST_RATE, LAST_PENALTY = 0.25, 0.1  # shares of the first learning rate and γ
PAPER = {
    "batch_size": 512,
    "width": 768,
    "max_width": 768,
    "level_blocks": 2,
    "stem": False,
    "penalty_every": 1,
    "learning_rate": 2e-4,
}


class R3GAN(AdversarialModel, Decoder):
    """The relativistic GAN with R1 and R2 and residual networks without normalization (Huang et al. 2024)."""

    default_steps = 12_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": PAPER | {"conditional": True, "r1": 0.05, "r2": 0.05, "burn_in": 39_062, "steps": 80_000},
        "paper-64": PAPER
        | {"batch_size": 256, "width": 384, "r1": 2.0, "r2": 2.0, "burn_in": 78_125, "steps": 160_000},
    }

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """The settings of every training."""

        precision: str = "float32"

    @dataclass(frozen=True)
    class Options(HalvingOptions, AdversarialModel.Options):
        """The paper's settings, smaller."""

        z_dim: int = 64
        learning_rate: float = option(1e-3, "learning rate before the burn-in (paper: 2e-4)")
        beta1: float = 0.0
        loss: str = "relativistic"
        r1: float = option(0.05, "R1 penalty weight γ before the burn-in (digits: 1, faces: 2)")
        r2: float = option(0.05, "R2 penalty weight γ before the burn-in (digits: 1, faces: 2)")
        penalty_every: int = option(4, "discriminator steps per penalty (paper: 1)")
        ema_rampup: float = option(0.05, "EMA half-life as a share of the updates so far")
        burn_in: int = option(8_000, "steps of the burn-in of γ, learning rate and beta2 (0: none)", low=0, high=10**9)
        width: int = option(32, "channels of the largest maps, doubled at each halving (paper: 768)", low=1, high=4096)
        max_width: int = option(128, "bound of that doubling (paper: 768)", low=1, high=8192)
        level_blocks: int = option(1, "residual blocks at each level (paper: 2)", low=1, high=100)
        expansion: int = option(2, "inner channels of a block per channel (paper: 2)", low=1, high=16)
        group_size: int = option(16, "inner channels per group of the 3x3 convolution (paper: 16)", low=1, high=4096)
        stem: bool = option(True, "strided convolution instead of blocks at the image's own side")
        conditional: bool = option(False, "class-conditional: class embedding beside z, projection discriminator")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more; labels too, if conditional."""
        plain = DataRequirements(cls.columns, nearest_side=at_least_8)
        return replace(plain, columns=("image", "label")) if chosen.conditional else plain

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        for name in ("spectral_norm", "equalized_lr"):
            if getattr(chosen, name):
                flag = f"--{name.replace('_', '-')}"
                raise OptionError(
                    f"{flag}: the blocks of r3gan begin with kernels of 0, which it would scale; leave it out"
                )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator, mirror images of each other."""
        chosen, side = self.options, data.shape[0]
        check_depth(chosen.depth, len(ladder(side, None)) - 1, side)
        sizes = r3gan.Sizes(
            chosen.width,
            chosen.max_width,
            blocks=chosen.level_blocks,
            expansion=chosen.expansion,
            group=chosen.group_size,
            stem=chosen.stem,
            depth=chosen.depth,
        )
        classes = len(data.classes) if "label" in self.columns else 0
        discriminator = self.with_minibatch_layers(r3gan.discriminator(data.shape, sizes))
        if classes:
            discriminator = with_projection(discriminator, classes)
        return {
            "generator": Network(r3gan.generator(data.shape, chosen.z_dim, sizes, classes=classes), self.adam("g")),
            "discriminator": Network(discriminator, self.adam("d")),
        }

    def adam(self, side: str = "") -> keras.optimizers.Optimizer:
        """Adam whose learning rate and beta2 change during the burn-in."""
        timing, rate = self.timing(side), learning_rate(self.options, side)
        updates = self.options.burn_in * timing.get("updates", 1)
        rates = scheduled(self, side, base=_annealed(rate, LAST_RATE * rate, updates), **timing)
        return adam(rates, beta1=self.options.beta1, beta2=_annealed(BETA2, LAST_BETA2, updates))

    def adversarial_config(self, loss: str, d_steps: int = 1) -> AdversarialConfig:
        """The configuration of a training step, with penalties that fall during the burn-in."""
        config, penalties = super().adversarial_config(loss, d_steps), regularization.penalties(self)
        share = _annealed(1.0, LAST_PENALTY, self.options.burn_in * self.options.d_steps)
        if not penalties or not callable(share):
            return config

        def falling(network: Network, *inputs: Tensor) -> Tensor:
            return share(network.optimizer.iterations.value) * penalties(network, *inputs)

        return replace(config, penalties=falling)


def _annealed(first: float, last: float, updates: int) -> float | Callable[[Tensor], Tensor]:
    """A number that goes from first to last along half a period of a cosine, or the last if there are no updates."""
    return keras.optimizers.schedules.CosineDecay(first, updates, alpha=last / first) if updates else last
