"""Spectral normalization for GANs. Miyato, Kataoka, Koyama & Yoshida 2018, arXiv:1802.05957, appendix B, table 4.

Every kernel of the discriminator is divided by its largest singular value, so that each layer, and with it the whole
discriminator, has a bounded slope at no cost in second derivatives. Residual networks with the hinge loss; Adam 2e-4
with beta1 0 and beta2 0.9; several discriminator steps per generator step.

With --conditional the discriminator takes the class by projection, and the generator by the gains and biases of
BatchNorm: Miyato & Koyama 2018, arXiv:1802.05637.

Differences from the paper:
- Width 16, doubled at each halving up to 128, instead of 256 (generator) and 128 (discriminator) at each level, one
  discriminator step instead of five, and a learning rate of 4e-4, which such narrow networks tolerate, so that a CPU
  makes images in minutes (paper: --preset paper).
- float32, which is faster than bfloat16 for these small convolutions.
- Any image side, not only 32: the generator begins at 4 pixels or less, the discriminator ends at 8 or less.
- The power iteration moves once per update, from a start that has converged (gancli.nn.regularization.spectral_norm).
- The learning rate is constant (paper: linear decay to 0, in the preset).
- EMA of the weights.
- Samples use BatchNorm's moving statistics, so that an image does not depend on the others of its batch.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core.options import option
from gancli.models.capabilities import Decoder
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.network_sizes import HalvingOptions, check_depth
from gancli.models.learning_rates import scheduled
from gancli.nn.architectures.dcgan import ladder
from gancli.nn.architectures.residual import sngan
from gancli.nn.layers.class_conditional import with_projection
from gancli.nn.network import Network
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gancli.core.backend import keras
    from gancli.data.dataset import DataFacts

BETA2 = 0.9


class SNGAN(AdversarialModel, Decoder):
    """The GAN of residual networks with a spectrally normalized discriminator (Miyato et al. 2018)."""

    default_steps = 10_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {
            "width": 256,
            "d_width": 128,
            "max_width": 1,
            "d_steps": 5,
            "learning_rate": 2e-4,
            "lr_schedule": "linear",
            "lr_decay_start": 0,
            "steps": 100_000,
        }
    }

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """The settings of every training."""

        precision: str = "float32"

    @dataclass(frozen=True)
    class Options(HalvingOptions, AdversarialModel.Options):
        """The paper's settings, narrower."""

        z_dim: int = 128
        learning_rate: float = option(4e-4, "learning rate (paper: 2e-4)")
        beta1: float = 0.0
        width: int = option(
            16, "channels of the generator's largest maps, doubled at each halving (paper: 256)", low=1, high=2048
        )
        d_width: int = option(
            16, "channels of the discriminator's largest maps, doubled at each halving (paper: 128)", low=1, high=2048
        )
        max_width: int = option(128, "bound of that doubling (paper: 1, the same width everywhere)", low=1, high=8192)
        loss: str = "hinge"
        d_steps: int = option(1, "discriminator steps per generator step (paper: 5)")
        spectral_norm: bool = True
        conditional: bool = option(False, "class-conditional: projection discriminator, BatchNorm with class gains")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more; labels too, if conditional."""
        plain = DataRequirements(cls.columns, nearest_side=at_least_8)
        return replace(plain, columns=("image", "label")) if chosen.conditional else plain

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator of residual blocks."""
        chosen, side = self.options, data.shape[0]
        check_depth(chosen.depth, len(ladder(side, None)) - 1, side)
        classes = len(data.classes) if "label" in self.columns else 0
        generator = sngan.generator(
            data.shape,
            chosen.z_dim,
            width=chosen.width,
            most=chosen.max_width,
            depth=chosen.depth,
            classes=classes,
        )
        discriminator = self.with_minibatch_layers(
            sngan.discriminator(data.shape, width=chosen.d_width, most=chosen.max_width)
        )
        if classes:
            discriminator = with_projection(discriminator, classes)
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(discriminator, self.adam("d")),
        }

    def adam(self, side: str = "") -> keras.optimizers.Optimizer:
        """Adam with beta2 0.9."""
        return adam(scheduled(self, side, **self.timing(side)), beta1=self.options.beta1, beta2=BETA2)
