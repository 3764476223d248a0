"""Generative adversarial network with dense layers. Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1.

The layers are exactly those of the dense GAN on MNIST in Keras-GAN's gan.py. The discriminator has an R1 penalty
(Mescheder et al. 2018, arXiv:1801.04406) at every fourth of its steps, which bears a higher learning rate.

Differences from the paper (which also takes one discriminator step per generator step):
- The generator maximizes log D(G(z)) from the first step on, as the paper advises for the start and the authors' code
  does.
- Adam instead of momentum.
- The R1 penalty.
- EMA of the weights.

Differences from Keras-GAN:
- The R1 penalty, and a learning rate of 1e-3, decaying to 0 in the second half, instead of 2e-4 (--preset keras-gan).
- The discriminator takes one Adam step on the mean loss of real and generated images, not one step on each.
- It ends in a logit; the sigmoid is part of the loss.
- Images for the discriminator are made with batch statistics in the generator's BatchNorm, not with moving ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.options import option
from gancli.models.capabilities import Decoder
from gancli.models.families import transformer_discriminator
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.network_sizes import adversarial_units
from gancli.models.families.transformer_discriminator import TransformerOptions
from gancli.nn.architectures import dense
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


class GAN(AdversarialModel, Decoder):
    """A GAN of dense networks, as in Keras-GAN."""

    default_steps = 40_000
    xla_faster_on_cpu = True
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "keras-gan": {
            "learning_rate": 2e-4,
            "lr_schedule": "constant",
            "r1": 0.0,
            "penalty_every": 1,
            "steps": 30_000,
        }
    }

    @dataclass(frozen=True)
    class Options(TransformerOptions, AdversarialModel.Options):
        """The layers of Keras-GAN."""

        batch_size: int = 32
        learning_rate: float = option(1e-3, "learning rate (Keras-GAN: 2e-4)")
        lr_schedule: str = "linear"
        r1: float = option(1.0, "R1 penalty weight γ, on real images (0 disables)")
        penalty_every: int = option(4, "discriminator steps per penalty")
        discriminator: str = option("dense", "kind of the discriminator", choices=("dense", "transformer"))
        units: str = option("256,512,1024", "units of the generator's hidden layers, from z to the image")
        d_units: str = option("512,256", "units of the discriminator's hidden layers, from the image on")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for images of the data's shape."""
        units, d_units = adversarial_units(self.options)
        generator = dense.generator(data.shape, self.options.z_dim, units=units)
        if transformer_discriminator.is_chosen(self.options):
            discriminator = transformer_discriminator.build(data.shape, self.options)
        else:
            discriminator = dense.discriminator(data.shape, units=d_units)
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(self.with_minibatch_layers(discriminator), self.adam("d")),
        }

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        adversarial_units(chosen)
        transformer_discriminator.check(chosen)
