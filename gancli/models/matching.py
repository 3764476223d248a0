"""A conditional GAN with a matching-aware discriminator. Reed et al. 2016, arXiv:1605.05396, section 4.2, on digits.

The discriminator sees three kinds of pairs: a real image with its label is real; a real image with another label is
fake; a generated image with the label that it was made for is fake. So it learns whether the image matches the label,
and not only whether it is real. The networks are those of gmlove/leifeng_course (week 9), for gray images of 28 x 28:
the label embedded in 200 numbers next to z, and a plane of 4 x 4 in the discriminator.

--mismatch-weight is the weight of each of the two kinds of fakes: 0.5 as in Algorithm 1 of the paper, 1 as in
leifeng_course. The wrong label is drawn uniformly from the others. p_real, p_wrong and p_fake, the discriminator's mean
probabilities, are recorded.

Differences from the paper:
- EMA of the weights.
- Labels instead of sentences; the label is replaced in a mismatched pair, as in the paper, not the image, as in its
  code.
- The generator's labels are drawn uniformly, not taken from the batch.

Differences from leifeng_course:
- Images are generated with BatchNorm's moving statistics.
- Values above white are clipped.
- z has one distribution, U(-1, 1), for training and sampling (its sampling script uses N(0, 1)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, tf
from gancli.core.errors import DataError
from gancli.core.options import option
from gancli.models import exports, regularization
from gancli.models.base import Batches, one_hot
from gancli.models.capabilities import Decoder
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.dcgan_networks import DiscriminatorNorm
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import matching
from gancli.nn.losses import SEPARABLE_LOSSES, mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


class Matching(LatentModel, Decoder):
    """The conditional GAN whose discriminator also learns whether image and label match."""

    columns = ("image", "label")
    default_steps = 5_000
    inference_networks = exports.clipped_decoder()
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, DiscriminatorNorm, AdversarialRates, PriorOptions, LatentModel.Options):
        """The settings of leifeng_course."""

        batch_size: int = 32
        prior: str = "uniform"
        width: int = option(
            16, "channels of the largest feature maps, doubled at each level (leifeng_course: 16)", low=1, high=1024
        )
        depth: int = option(4, "hidden convolutions of each network (leifeng_course: 4, the least)", low=4, high=64)
        loss: str = option("non-saturating", "adversarial loss", choices=tuple(SEPARABLE_LOSSES))
        mismatch_weight: float = option(
            0.5, "weight of mismatched pairs, and of generated pairs (leifeng_course: 1)", above=0, high=10
        )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for the data's classes."""
        if len(data.classes) < 2:
            raise DataError(f"matching needs two classes or more, and '{data.name}' has {len(data.classes)}")
        classes, sizes = len(data.classes), {"width": self.options.width, "depth": self.options.depth}
        return {
            "generator": Network(matching.generator(self.options.z_dim, classes, **sizes), self.adam("g")),
            "discriminator": Network(
                matching.discriminator(classes, norm=self.options.d_norm, **sizes), self.adam("d")
            ),
        }

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        regularization.check(cls, chosen, has_batchnorm=chosen.batchnorm_advice(), loss=chosen.loss)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1 of Reed et al. 2016."""
        loss, weight = SEPARABLE_LOSSES[self.options.loss], self.options.mismatch_weight
        augment, batch = regularization.augmentation_of(self), next(batches)
        label, wrong_label = self._one_hot(batch["label"]), self._one_hot(self._other_labels(batch["label"]))
        image, fake = augment(batch["image"]), augment(frozen(self.generator)(self.noise(), label))
        outputs: dict[str, Tensor] = {}
        metrics: dict[str, Tensor] = {}

        def discriminator_loss() -> Tensor:
            outputs["p_real"] = self.discriminator(image, label)
            outputs["p_wrong"] = self.discriminator(image, wrong_label)
            outputs["p_fake"] = self.discriminator(fake, label)
            fakes = loss.fake(outputs["p_wrong"]) + loss.fake(outputs["p_fake"])
            return (
                loss.real(outputs["p_real"])
                + weight * fakes
                + regularization.penalty(
                    self, metrics, self.discriminator, image, fake, output=lambda critic, x: critic(x, label)
                )
            )

        def generator_loss() -> Tensor:
            return loss.generator(frozen(self.discriminator)(augment(self.generator(z, wanted)), wanted))

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        real, fakes = outputs["p_real"], outputs["p_fake"]
        metrics |= regularization.after_discriminator_step(self, self.discriminator, real, fakes, middle=loss.middle)
        z, wanted = self.noise(), self._one_hot(self._random_labels())
        metrics["generator_loss"] = minimize(self.generator, loss=generator_loss)
        if not loss.is_logit:
            return metrics | loss.metrics(real, fakes)
        return metrics | {name: mean_probability(logits) for name, logits in outputs.items()}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1]; condition: one-hot labels."""
        return tf.minimum(self.generator.infer(z, condition), 1.0)

    def _one_hot(self, labels: Tensor) -> Tensor:
        return one_hot(labels, self.data.classes)

    def _other_labels(self, labels: Tensor) -> Tensor:
        """A random other label for each."""
        classes = len(self.data.classes)
        return (labels + self.random.uniform(tf.shape(labels), 1, classes, tf.int32)) % classes

    def _random_labels(self) -> Tensor:
        return self.random.uniform([self.options.batch_size], 0, len(self.data.classes), tf.int32)

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Gray images of 28 x 28 pixels with labels."""
        return DataRequirements(cls.columns, nearest_side=lambda side: matching.SIDE, channels=1)
