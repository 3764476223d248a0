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
from gancli.models.base import Batches, one_hot
from gancli.models.capabilities import ConvolutionalNetworks, Decoder
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.dcgan_networks import DCGANOptions, dcgan_sizes
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates
from gancli.nn.architectures import dcgan
from gancli.nn.losses import ADVERSARIAL_LOSSES, auxiliary_class_loss
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class ACGAN(LatentModel, Decoder, ConvolutionalNetworks):
    """The class-conditional GAN whose discriminator has a second head for the class (Odena et al. 2016)."""

    columns = ("image", "label")
    default_steps = 6_000
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(DCGANOptions, AdversarialRates, PriorOptions, LatentModel.Options):
        """The options of dcgan, and the weight of the classification loss."""

        aux_weight: float = option(1.0, "weight of the auxiliary classification loss (paper: 1)", low=0, high=100)

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
        source = dcgan.discriminator(data.shape, **sizes)
        class_logits = keras.layers.Dense(classes, dtype="float32", name="classes")(source.get_layer("logit").input)
        discriminator = keras.Model(source.inputs, [source.output, class_logits], name="discriminator")
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(discriminator, self.adam("d")),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """The discriminator maximizes L_S + L_C, then the generator L_C - L_S."""
        loss = ADVERSARIAL_LOSSES["non-saturating"]
        weight = self.options.aux_weight
        batch = next(batches)
        image, label = batch["image"], one_hot(batch["label"], self.data.classes)
        fake = frozen(self.generator)(self.noise(), label)
        metrics: dict[str, Tensor] = {}

        def discriminator_loss() -> Tensor:
            (real_source, real_class), (fake_source, fake_class) = self.discriminator(image), self.discriminator(fake)
            metrics.update(loss.metrics(real_source, fake_source))
            metrics["class_cost"] = 0.5 * (
                auxiliary_class_loss(real_class, label) + auxiliary_class_loss(fake_class, label)
            )
            return loss.real(real_source) + loss.fake(fake_source) + weight * metrics["class_cost"]

        def generator_loss() -> Tensor:
            source, class_logits = frozen(self.discriminator)(self.generator(z, label))
            return loss.generator(source) + weight * auxiliary_class_loss(class_logits, label)

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        z = self.noise()
        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1]; condition: one-hot labels."""
        return self.generator.infer(z, condition)
