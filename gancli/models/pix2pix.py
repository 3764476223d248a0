"""pix2pix: from images to the others of their pairs. Isola et al. 2017, arXiv:1611.07004.

The generator is a U-Net, the discriminator sees patches of the image together with what belongs to it. The generator
descends equation 4: -log D(x, G(x)), and 100 times the mean absolute difference from the true other.

    gancli train --model pix2pix --data facades/                                   A and B side by side in each picture
    gancli train --model pix2pix --data camvid.zip --direction b-to-a --image-size 64      label maps to photographs
    gancli translate map.png

Pairs are `trainA` and `trainB` with the same names, pictures that hold A and B side by side, or pictures (A) and their
label maps in colours (B).

Differences from the paper: networks half as wide by default; instance normalization, which BatchNorm is for the batch
of one that the paper trains with; dropout in training alone, so that an image has one translation; half of the
discriminator's cost, as the paper says, and a rate that falls in a line to 0 for the second half, as in the authors'
later code; the generator moves first, and the discriminator judges what it made before (in the code the discriminator
moves first); the discriminator's last two convolutions keep the size of their maps; a moving average of the generator's
weights.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, tf
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.families.image_translation import Translating
from gancli.models.families.lr_decay import Decaying
from gancli.nn.architectures import image_translation
from gancli.nn.losses import GAMES
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Request
    from gancli.models.config import TrainingConfig


class Pix2Pix(Translating, Decaying, Model):
    """A U-Net and its discriminator."""

    columns: ClassVar[tuple[str, ...]] = ("image", "other")
    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(Translating.Options, Decaying.Options, Model.Options):
        """Of the U-Net and its costs."""

        direction: str = option("a-to-b", "translation direction", choices=("a-to-b", "b-to-a"))
        l1_weight: float = option(100.0, "weight of the L1 loss", low=0, high=10_000)
        adversarial_weight: float = option(
            1.0, "weight of the adversarial loss (0: no discriminator, L1 only)", low=0, high=1000
        )
        dropout: float = option(0.5, "dropout rate of the decoder's first three layers", low=0, below=1)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The generator, and the discriminator if its weight is not 0."""
        chosen, channels = self.options, data.shape[2]
        layers = image_translation.unet(data.shape[0], (channels, channels), width=chosen.width, dropout=chosen.dropout)
        networks = {"generator": Network(layers, self.adam())}
        if chosen.adversarial_weight:
            networks["discriminator"] = Network(
                image_translation.patches(2 * channels, width=chosen.width), self.adam()
            )
        return networks

    @property
    def directions(self) -> tuple[str, ...]:
        """The one that was learned."""
        return (self.options.direction,)

    @property
    def multiple(self) -> int:
        """Of what sides of images must be multiples."""
        return self.data.shape[0]

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts:
        """The paper's photographs, or others of the size and colors asked for."""
        from gancli.data.dataset import DataFacts

        return DataFacts("example", cls.example_shape(config), 2, cls.columns)

    @classmethod
    def request(cls, config: TrainingConfig, chosen: Options, data_dir: str | None = None) -> Request:
        """Pairs."""
        return replace(super().request(config, chosen, data_dir), paired=True)

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """The power of 2 below it, 16 or more."""
        return max(16, 2 ** (side.bit_length() - 1))

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """One step of the generator, one of the discriminator."""
        game, chosen, told, made, batch = GAMES["non-saturating"], self.options, {}, {}, next(batches)
        given, wanted = batch["image"], batch["other"]
        if chosen.direction == "b-to-a":
            given, wanted = wanted, given

        def cost() -> Tensor:
            made["image"] = self.generator(given)
            told["difference"] = tf.reduce_mean(tf.abs(made["image"] - wanted))
            loss = chosen.l1_weight * told["difference"]
            if not chosen.adversarial_weight:
                return loss
            judged = frozen(self.discriminator)(tf.concat([given, made["image"]], axis=-1))
            return loss + chosen.adversarial_weight * game.generator(judged)

        def judging() -> Tensor:
            both = wanted, tf.stop_gradient(made["image"])
            real, fake = (self.discriminator(tf.concat([given, one], axis=-1)) for one in both)
            told.update(p_real=tf.reduce_mean(tf.sigmoid(real)), p_fake=tf.reduce_mean(tf.sigmoid(fake)))
            return game.real(real) + game.fake(fake)

        told["generator_loss"] = minimize(self.generator, loss=cost)
        if chosen.adversarial_weight:
            told["discriminator_loss"] = minimize(self.discriminator, loss=judging)
        return told

    def translate(self, images: Tensor, direction: str) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1], sides multiples of `multiple` -> the other of each."""
        return self.generator.infer(images)
