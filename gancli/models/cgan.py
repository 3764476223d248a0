"""Conditional generative adversarial nets. Mirza & Osindero 2014, arXiv:1411.1784, section 4.1.

Both networks take the class. The generator has 200 ReLU for z (uniform, 100 numbers) and 1,000 for the class, then
1,200 for both and a sigmoid for each pixel; the discriminator has maxout layers for the image (240 units, five pieces)
and for the class (50, five), then for both (240, four). Batches of 100; dropout of 0.5 in both networks.

Differences from the paper:
- The generator has 1,000 units for z and 200 for the class, and BatchNorm: as printed it makes images of a class that
  are nearly alike. Batches of 50, and twice the learning rate for the generator. --preset paper has the paper's
  networks and batches, trained by Adam.
- The generator maximizes log D(G(z|y)) instead of minimizing log(1 - D(G(z|y))), the objective that the paper prints
  (--loss minimax).
- Training does not stop at the best log-likelihood of validation images: it takes all its steps, on all training images
  (--hold-out --eval-every 1000 --eval-score parzen keeps the best checkpoint by that measure, and --patience stops).
- Adam with beta1 0.5. The paper's is --preset paper --optimizer sgd --learning-rate 0.1; its rate is divided by
  1.000004 at each update, as in the code of 2014 (the paper prints 1.00004), but not below 1e-6 (--min-learning-rate;
  met after 2.88 million updates).
- No dropout in the generator (paper: --generator-dropout 0.5).
- z from U(-1, 1), scaled to unit variance as in the code of 2014, not from [0, 1].
- EMA of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.options import option
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.goodfellow_optimizer import Goodfellow2014Options, goodfellow2014_optimizer
from gancli.nn import latents
from gancli.nn.architectures import maxout
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


NETWORKS = ("normalized", "paper")


class CGAN(AdversarialModel, Decoder):
    """A class-conditional GAN of maxout networks (Mirza & Osindero 2014)."""

    columns = ("image", "label")
    default_steps = 12_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {
            "network": "paper",
            "batch_size": 100,
            "learning_rate": 2e-4,
            "g_lr_ratio": 1.0,
            "lr_schedule": "constant",
            "steps": 20_000,
        }
    }

    @dataclass(frozen=True)
    class Options(Goodfellow2014Options, AdversarialModel.Options):
        """The paper's sizes, and settings with which images of a class differ."""

        batch_size: int = option(50, "batch size (paper: 100)")
        learning_rate: float = option(5e-4, "learning rate (paper, SGD: 0.1)")
        g_lr_ratio: float = 2.0
        lr_schedule: str = "linear"
        prior: str = option("uniform", "distribution of the latent vector, scaled to unit variance")
        units: int = option(1200, "units of the generator's joint hidden layer (paper: 1200)", low=1, high=65536)
        d_units: int = option(240, "units of the discriminator's maxout layers (paper: 240)", low=1, high=65536)
        network: str = option(
            "normalized", "generator (normalized: BatchNorm, most units for z)", choices=NETWORKS, absent="paper"
        )
        dropout: float = option(0.5, "dropout rate of the discriminator's hidden layers", low=0, below=1)
        generator_dropout: float = option(0.0, "dropout rate of the generator (paper: 0.5)", low=0, below=1)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for the data's shape and classes."""
        chosen, classes = self.options, len(data.classes)
        generator = maxout.conditional_generator(
            data.shape,
            chosen.z_dim,
            classes,
            scale=latents.to_unit_variance(chosen.prior),
            dropout=chosen.generator_dropout,
            units=chosen.units,
            normalized=chosen.network == "normalized",
        )
        discriminator = maxout.conditional_discriminator(
            data.shape, classes, dropout=chosen.dropout, units=chosen.d_units
        )
        return {
            "generator": Network(generator, goodfellow2014_optimizer(self, "g")),
            "discriminator": Network(
                self.with_minibatch_layers(discriminator),
                goodfellow2014_optimizer(self, "d", **self.timing("d")),
            ),
        }
