"""Auxiliary classifier GAN. Odena, Olah & Shlens 2016, arXiv:1610.09585, section 4.

The generator takes a class label besides z. The discriminator has two heads: real or generated, and the class. Both
networks maximize L_C, the log-likelihood of the correct class, on real and generated images alike. The discriminator
also maximizes L_S, that of the correct source, and the generator its own part of L_S, log D(G(z, c)). There is no
eleventh class for generated images, which some implementations have: a generated image keeps the class that it was
conditioned on.

Differences from the paper:
- Networks of dcgan, with the label concatenated to z and a second head next to the logit; the paper's are for
  32 x 32 and 128 x 128.
- No dropout in the discriminator.
- The generator maximizes log D instead of minimizing log(1 - D).
- Generated images have the classes of the batch's real ones.
- EMA of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batches, one_hot
from gancli.models.capabilities import ConvolutionalNetworks, Decoder
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.dcgan_networks import DCGANOptions, DiscriminatorNorm, dcgan_sizes
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import dcgan
from gancli.nn.losses import ADVERSARIAL_LOSSES, auxiliary_class_loss
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


class ACGAN(LatentModel, Decoder, ConvolutionalNetworks):
    """The class-conditional GAN whose discriminator has a second head for the class (Odena et al. 2016)."""

    columns = ("image", "label")
    default_steps = 6_000
    metrics = SHARED | {"class_cost": Metric("class", "class loss of the discriminator")}
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(
        RegularizationOptions, DiscriminatorNorm, DCGANOptions, AdversarialRates, PriorOptions, LatentModel.Options
    ):
        """The options of dcgan, and the weight of the classification loss."""

        loss: str = option("non-saturating", "adversarial loss", choices=tuple(ADVERSARIAL_LOSSES))
        aux_weight: float = option(1.0, "weight of the auxiliary classification loss (paper: 1)", low=0, high=100)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        regularization.check(cls, chosen, has_batchnorm=chosen.batchnorm_advice(), loss=chosen.loss)

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images with labels."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator of z and a label, and discriminator with two heads."""
        sizes, classes = dcgan_sizes(self), len(data.classes)
        z, label = keras.Input((self.options.z_dim,), name="z"), keras.Input((classes,), name="label")
        unconditional = dcgan.generator(data.shape, self.options.z_dim + classes, **sizes)
        generator = keras.Model(
            [z, label], unconditional(keras.layers.Concatenate(name="join")([z, label])), name="generator"
        )
        source = dcgan.discriminator(data.shape, norm=self.options.d_norm, **sizes)
        class_logits = keras.layers.Dense(classes, dtype="float32", name="classes")(source.get_layer("logit").input)
        discriminator = keras.Model(source.inputs, [source.output, class_logits], name="discriminator")
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(discriminator, self.adam("d")),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """The discriminator maximizes L_S + L_C, then the generator L_C - L_S."""
        loss, weight = ADVERSARIAL_LOSSES[self.options.loss], self.options.aux_weight
        augment, batch = regularization.augmentation_of(self), next(batches)
        label = one_hot(batch["label"], self.data.classes)
        image, fake = augment(batch["image"]), augment(frozen(self.generator)(self.noise(), label))
        metrics: dict[str, Tensor] = {}
        sources: list[Tensor] = []

        def discriminator_loss() -> Tensor:
            (real_source, real_class), (fake_source, fake_class) = self.discriminator(image), self.discriminator(fake)
            sources[:] = real_source, fake_source
            metrics.update(loss.metrics(*sources))
            metrics["class_cost"] = 0.5 * (
                auxiliary_class_loss(real_class, label) + auxiliary_class_loss(fake_class, label)
            )
            total = loss.discriminator(*sources) + weight * metrics["class_cost"]
            return total + regularization.penalty(
                self, metrics, self.discriminator, image, fake, output=lambda critic, x: critic(x)[0]
            )

        def generator_loss() -> Tensor:
            judge = frozen(self.discriminator)
            source, class_logits = judge(augment(self.generator(z, label)))
            adversarial = loss.of_generator(source, lambda: judge(augment(batch["image"]))[0])
            return adversarial + weight * auxiliary_class_loss(class_logits, label)

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        metrics |= regularization.after_discriminator_step(
            self, self.discriminator, *sources, paired=loss.pair is not None, middle=loss.middle
        )
        z = self.noise()
        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1]; condition: one-hot labels."""
        return self.generator.infer(z, condition)
