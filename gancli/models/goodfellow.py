"""The first GAN, on MNIST. Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1 and section 5.

Layers and numbers are those of the authors' code (goodfeli/adversarial, mnist.yaml): z of 100 uniform numbers with unit
variance; a generator of two layers of 1,200 ReLU and a sigmoid, whose bias starts at the mean image; a discriminator of
two maxout layers of 240 units with five pieces, with dropout on its input (0.2) and its hidden layers (0.5), also in
the generator step; batches of 100; the first 50,000 images, with the other 10,000 for validation. Pixels enter the
discriminator in [0, 1].

The paper and its code differ: Algorithm 1 alternates, with fresh noise for each network, which is the default here; the
code updates both at once on one batch. Both maximize log D(G(z)), as section 3 advises. The authors' recipe is

    --updates simultaneous --optimizer sgd --learning-rate 0.1

SGD with a rate that is divided by 1.000004 at each update but not below 1e-6 (`--min-learning-rate`; from 0.1 that is
met after 2.88 million updates, so it changes no training of the default length), and a momentum that rises from 0.5 to
0.7 over the epochs 1 to 250, here linearly, in the code at the end of each epoch. With alternating updates this rate
lets the discriminator win within five epochs, and half of it within eight; so the default is Adam.

Differences from both:
- EMA of the generator's weights (--ema 0 disables).
- Different dropout masks for the two networks in a simultaneous step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models.base import Batches
from gancli.models.capabilities import Decoder
from gancli.models.config import TrainingConfig
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.goodfellow_optimizer import Goodfellow2014Options, goodfellow2014_optimizer
from gancli.nn import latents
from gancli.nn.adversarial_step import simultaneous_step
from gancli.nn.architectures import maxout
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts, Dataset


class Goodfellow(AdversarialModel, Decoder):
    """The GAN of Goodfellow et al. 2014 for MNIST: a dense generator and a maxout discriminator."""

    default_steps = 170_000  # 340 epochs of 500 batches

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """The authors' training set."""

        hold_out: bool = True

    @dataclass(frozen=True)
    class Options(Goodfellow2014Options, AdversarialModel.Options):
        """The authors' settings."""

        batch_size: int = 100
        learning_rate: float = option(2e-4, "learning rate (authors, SGD: 0.1)")
        updates: str = option(
            "alternating",
            "update order (alternating: Algorithm 1; simultaneous: both networks on one batch, the authors' code)",
            choices=("alternating", "simultaneous"),
        )
        prior: str = option("uniform", "distribution of the latent vector, scaled to unit variance")
        units: int = option(1200, "units of each of the generator's two hidden layers", low=1, high=65536)
        d_units: int = option(240, "units of each of the discriminator's two maxout layers", low=1, high=65536)
        input_dropout: float = option(0.2, "dropout rate of the discriminator's input", low=0, below=1)
        dropout: float = option(0.5, "dropout rate of the discriminator's hidden layers", low=0, below=1)
        max_norm: float | None = option(
            None, "maximum norm of a discriminator unit's weights (default: unlimited; authors, faces: 1.9365)", above=0
        )
        ema: float = 0.9999

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for images of the data's shape."""
        chosen = self.options
        scale = latents.to_unit_variance(chosen.prior)
        generator = maxout.generator(data.shape, chosen.z_dim, units=chosen.units, scale=scale)
        discriminator = maxout.discriminator(
            data.shape,
            units=chosen.d_units,
            input_dropout=chosen.input_dropout,
            dropout=chosen.dropout,
            max_norm=chosen.max_norm,
        )
        return {
            "generator": Network(generator, goodfellow2014_optimizer(self, "g")),
            "discriminator": Network(
                self.with_minibatch_layers(discriminator),
                goodfellow2014_optimizer(self, "d", **self.timing("d")),
            ),
        }

    def on_stage_start(self, number: int, dataset: Dataset) -> None:
        """Initialize the generator's output with the mean training image."""
        if number == 0:
            maxout.begin_with_mean(
                self.generator.model, dataset.mean_image(self.pipeline.training_rows(dataset)).ravel()
            )
            self.generator.reset_ema()

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if chosen.updates == "simultaneous" and chosen.d_steps > 1:
            raise OptionError(
                f"--d-steps {chosen.d_steps}: --updates simultaneous takes one step of each network; leave one out"
            )

    def adversarial_step(self, batches: Batches, *, loss: str, d_steps: int) -> dict[str, Tensor]:
        """Algorithm 1, or a simultaneous step as in the authors' code."""
        if self.options.updates == "alternating":
            return super().adversarial_step(batches, loss=loss, d_steps=d_steps)
        return simultaneous_step(self.generator, self.discriminator, batches, self.adversarial_config(loss))
