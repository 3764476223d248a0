"""Conditional generative adversarial nets. Mirza & Osindero 2014, arXiv:1411.1784, section 4.1.

Both networks take the class. The generator has 200 ReLU for z (uniform, 100 numbers) and 1,000 for the class, then
1,200 for both and a sigmoid for each pixel; the discriminator has maxout layers for the image (240 units, five pieces)
and for the class (50, five), then for both (240, four). Batches of 100; dropout of 0.5 in both networks.

Differences from the paper:
- The generator maximizes log D(G(z|y)) instead of minimizing log(1 - D(G(z|y))), the objective that the paper prints
  (--loss minimax).
- Training does not stop at the best log-likelihood of validation images: it takes all its steps, on all training images
  (--hold-out --eval-every 1000 --eval-score parzen keeps the best checkpoint by that measure, and --patience stops).
- Adam with learning rate 2e-4 and beta1 0.5. The paper's is --optimizer sgd --learning-rate 0.1; its rate is divided by
  1.000004 at each update, as in the code of 2014 (the paper prints 1.00004), but not below 1e-6 (--min-learning-rate;
  met after 2.88 million updates).
- No dropout in the generator (paper: --generator-dropout 0.5).
- z from U(-1, 1), scaled to unit variance as in the code of 2014, not from [0, 1].
- EMA of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.options import option
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.goodfellow_optimizer import Goodfellow2014Options, goodfellow2014_optimizer
from gancli.nn import latents
from gancli.nn.architectures import maxout
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class CGAN(AdversarialModel, Decoder):
    """A class-conditional GAN of maxout networks (Mirza & Osindero 2014)."""

    columns = ("image", "label")
    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(Goodfellow2014Options, AdversarialModel.Options):
        """The paper's settings."""

        batch_size: int = 100
        learning_rate: float = option(2e-4, "learning rate (paper, SGD: 0.1)")
        prior: str = option("uniform", "distribution of the latent vector, scaled to unit variance")
        units: int = option(1200, "units of the generator's joint hidden layer (paper: 1200)", low=1, high=65536)
        d_units: int = option(240, "units of the discriminator's maxout layers (paper: 240)", low=1, high=65536)
        g_norm: str = option(
            "batch", "normalization in the generator (paper: none)", choices=("batch", "none"), absent="none"
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
            norm=chosen.g_norm,
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
