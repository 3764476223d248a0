"""pix2pix: paired image-to-image translation. Isola et al. 2017, arXiv:1611.07004.

The generator is a U-Net; the discriminator classifies patches of the input image together with its translation. The
generator minimizes equation 4: -log D(x, G(x)), and 100 times the mean absolute difference from the true image.

    gancli train --model pix2pix --data facades/                                   A and B side by side in each picture
    gancli train --model pix2pix --data camvid.zip --direction b-to-a --image-size 64      label maps to photographs
    gancli translate map.png

Pairs are `trainA` and `trainB` with the same names, pictures that hold A and B side by side, or pictures (A) and their
label maps in color (B).

Differences from the paper:
- Networks half as wide by default.
- Instance normalization, which BatchNorm is for the paper's batches of one.
- Dropout only in training, so that an image has one translation.
- Half of the discriminator's loss, as in the paper, and a learning rate that decays linearly to 0 in the second half,
  as in the authors' later code.
- The generator is updated first, and the discriminator is trained on the images from before (in the code the
  discriminator is updated first).
- The discriminator's last two convolutions keep the size of their maps.
- EMA of the generator's weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, tf
from gancli.core.options import option
from gancli.models import exports, regularization
from gancli.models.base import Batches
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.image_translation import ImageTranslationModel
from gancli.models.families.network_sizes import check_depth
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import image_translation
from gancli.nn.losses import ADVERSARIAL_LOSSES, mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


def power_of_two(side: int) -> int:
    """The largest power of two that is not above it, at least 16."""
    return max(16, 2 ** (side.bit_length() - 1))


class Pix2Pix(ImageTranslationModel):
    """A U-Net that translates images, and a discriminator of pairs of patches (Isola et al. 2017)."""

    columns: ClassVar[tuple[str, ...]] = ("image", "other")
    default_steps = 20_000
    inference_networks = exports.translator("generator", "the trained one")
    metrics = SHARED | {"difference": Metric("L1", "mean absolute difference from the true image")}
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, ImageTranslationModel.Options):
        """U-Net and losses."""

        loss: str = option("non-saturating", "adversarial loss", choices=tuple(ADVERSARIAL_LOSSES))
        depth: int | None = option(None, "number of halvings by the U-Net (default: down to one pixel)", low=1, high=10)
        direction: str = option("a-to-b", "direction of translation", choices=("a-to-b", "b-to-a"))
        l1_weight: float = option(100.0, "weight of the L1 loss", low=0, high=10_000)
        adversarial_weight: float = option(
            1.0, "weight of the adversarial loss (0: no discriminator, L1 only)", low=0, high=1000
        )
        dropout: float = option(0.5, "dropout rate of the decoder's first three layers", low=0, below=1)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The generator, and the discriminator if its weight is not 0."""
        chosen, channels = self.options, data.shape[2]
        check_depth(chosen.depth, self.halvings, data.shape[0])
        depth = chosen.depth or self.halvings
        layers = image_translation.unet(depth, (channels, channels), width=chosen.width, dropout=chosen.dropout)
        networks = {"generator": Network(layers, self.adam("g"))}
        if chosen.adversarial_weight:
            networks["discriminator"] = Network(
                image_translation.patches(2 * channels, width=chosen.width), self.adam("d")
            )
        return networks

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        has_discriminator = chosen.adversarial_weight > 0
        loss = chosen.loss if has_discriminator else ""
        regularization.check(
            cls, chosen, loss=loss, has_discriminator=has_discriminator, sees_pairs="their counterparts"
        )

    @property
    def directions(self) -> tuple[str, ...]:
        """The trained direction."""
        return (self.options.direction,)

    @property
    def multiple(self) -> int:
        """The side that sides of images must be multiples of."""
        return 2 ** (self.options.depth or self.halvings)

    @property
    def halvings(self) -> int:
        """How often images can be halved, down to one pixel."""
        return self.data.shape[0].bit_length() - 1

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts:
        """Images of the paper's size, or of the size and color in the settings."""
        from gancli.data.dataset import DataFacts

        return DataFacts("example", cls.example_shape(config, chosen), 2, cls.columns)

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Pairs of images."""
        return DataRequirements(cls.columns, nearest_side=power_of_two, paired=True)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step of the generator, then of the discriminator."""
        loss, chosen = ADVERSARIAL_LOSSES[self.options.loss], self.options
        batch = next(batches)
        x, y = batch["image"], batch["other"]
        if chosen.direction == "b-to-a":
            x, y = y, x
        fake: dict[str, Tensor] = {}
        metrics: dict[str, Tensor] = {}
        outputs: list[Tensor] = []

        def generator_loss() -> Tensor:
            fake["y"] = self.generator(x)
            metrics["difference"] = tf.reduce_mean(tf.abs(fake["y"] - y))
            total = chosen.l1_weight * metrics["difference"]
            if not chosen.adversarial_weight:
                return total
            judge = frozen(self.discriminator)
            output = judge(tf.concat([x, fake["y"]], axis=-1))
            adversarial = loss.of_generator(output, lambda: judge(tf.concat([x, y], axis=-1)))
            return total + chosen.adversarial_weight * adversarial

        def discriminator_loss() -> Tensor:
            both = y, tf.stop_gradient(fake["y"])
            outputs[:] = (self.discriminator(tf.concat([x, one], axis=-1)) for one in both)
            if loss.is_logit:
                metrics.update(p_real=mean_probability(outputs[0]), p_fake=mean_probability(outputs[1]))
            else:
                metrics.update(loss.metrics(*outputs))
            return loss.discriminator(*outputs) + regularization.penalty(
                self, metrics, self.discriminator, *both, output=lambda critic, y: critic(tf.concat([x, y], axis=-1))
            )

        metrics["generator_loss"] = minimize(self.generator, loss=generator_loss)
        if chosen.adversarial_weight:
            metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
            metrics |= regularization.after_discriminator_step(self, self.discriminator, *outputs)
        return metrics

    def translate(self, images: Tensor, direction: str) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1], sides multiples of `multiple` -> their translations."""
        return self.generator.infer(images)
