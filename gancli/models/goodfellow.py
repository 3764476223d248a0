"""The first GAN, on MNIST. Goodfellow et al. 2014, arXiv:1406.2661, Algorithm 1 and section 5.

Layers and numbers are those of the authors' code (goodfeli/adversarial, mnist.yaml): z of 100 uniform numbers of unit
variance; a generator of two layers of 1,200 ReLU and a sigmoid, whose bias starts at the mean image; a discriminator
of two maxout layers of 240 units with five pieces, dropout on its input (.2) and its hidden layers (.5), on in the
generator's step too; batches of 100; the first 50,000 images, the other 10,000 being for validation. Pixels enter the
discriminator as [0, 1].

The paper and its code differ: Algorithm 1 alternates, with fresh noise for each player, which is the default here; the
code moves both at once on one batch. Both climb log D(G(z)), as section 3 advises. The authors' recipe is

    --updates simultaneous --optimizer sgd --learning-rate 0.1

SGD with a rate divided by 1.000004 at each update but not below 1e-6 (`--min-learning-rate`; from 0.1 that floor is met
after 2.88 million updates, so it changes no training of the default length), and a momentum that rises from .5 to .7
over the epochs 1 to 250, here in a line, in the code at each epoch's end. With the alternation that rate lets the
discriminator win within five epochs, and half of it within eight; so the default is Adam.

Differences from both: the moving average of the generator's weights (--ema 0 leaves it out), which neither has; other
masks of dropout for the two players in the simultaneous step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core import latents
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.capabilities import Decoder
from gancli.models.config import TrainingConfig
from gancli.models.families.adversarial import Adversarial, Goodfellow2014Optimizer
from gancli.nn.adversarial_step import together
from gancli.nn.architectures import maxout
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts, Dataset


class Goodfellow(Goodfellow2014Optimizer, Adversarial, Model, Decoder):
    """The GAN of 2014."""

    default_steps = 170_000  # 340 epochs of 500 batches

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """The authors' training set."""

        hold_out: bool = True

    @dataclass(frozen=True)
    class Options(Goodfellow2014Optimizer.Options, Adversarial.Options, Model.Options):
        """The authors' settings."""

        batch_size: int = 100
        learning_rate: float = option(2e-4, "learning rate (authors, SGD: 0.1)")
        updates: str = option(
            "alternating",
            "update order (alternating: Algorithm 1; simultaneous: both networks on one batch, the authors' code)",
            choices=("alternating", "simultaneous"),
        )
        prior: str = option("uniform", "distribution of the latent vector, scaled to unit variance")
        generator_units: int = option(1200, "units of the generator's two hidden layers", low=1, high=65536)
        maxout_units: int = option(240, "units of the discriminator's two maxout layers", low=1, high=65536)
        input_dropout: float = option(0.2, "dropout rate of the discriminator's input", low=0, below=1)
        dropout: float = option(0.5, "dropout rate of the discriminator's hidden layers", low=0, below=1)
        max_norm: float | None = option(
            None, "maximum norm of the weights into a discriminator unit (authors, faces: 1.9365)", above=0
        )
        ema: float = 0.9999

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for images of the data's shape."""
        chosen = self.options
        scale = latents.to_unit_variance(chosen.prior)
        generator = maxout.generator(data.shape, chosen.z_dim, units=chosen.generator_units, scale=scale)
        discriminator = maxout.discriminator(
            data.shape,
            units=chosen.maxout_units,
            input_dropout=chosen.input_dropout,
            dropout=chosen.dropout,
            max_norm=chosen.max_norm,
        )
        return {
            "generator": Network(generator, self.optimizer()),
            "discriminator": Network(self.tricks(discriminator), self.optimizer()),
        }

    def begin(self, number: int, dataset: Dataset) -> None:
        """Let the generator start from the mean of the images that are trained on."""
        if number == 0:
            maxout.begin_with_mean(self.generator.layers, dataset.mean_image(self.training_rows(dataset)).ravel())
            self.generator.reset_ema()

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that do not go together."""
        super().check(config, chosen)
        if chosen.updates == "simultaneous" and chosen.d_steps > 1:
            raise OptionError(
                f"--d-steps {chosen.d_steps}: in --updates simultaneous both players move once; leave one out"
            )

    def play(self, batches: Batches, *, game: str, k: int) -> dict[str, Tensor]:
        """Algorithm 1, or both players at once as in the authors' code."""
        if self.options.updates == "alternating":
            return super().play(batches, game=game, k=k)
        return together(self.generator, self.discriminator, batches, self.rules(game))
