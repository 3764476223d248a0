"""alpha-GAN. Rosca, Lakshminarayanan, Warde-Farley & Mohamed 2017, arXiv:1706.04987, Algorithm 1.

An autoencoder and a GAN in one: an encoder, a generator that is also the decoder, a discriminator of images, and a code
discriminator that separates samples of the prior from codes of images, in place of the VAE's KL divergence. With a and
c the logits of the two discriminators, encoder and generator minimize

    lambda E|x - G(E(x))| + E[-c(E(x))]            the encoder
    lambda E|x - G(E(x))| + E[-a(G(E(x)))] + E[-a(G(z))]   the generator

where -a = log(1 - D) - log D. The discriminators separate x from G(E(x)) and G(z), and z from E(x), by cross-entropy.
(The first version of the paper swaps prior and codes in equations 16 and 17; here codes should match the prior.)

The update order is encoder, generator, discriminator, code discriminator; each uses the networks that were already
updated.

Differences from the paper:
- DCGAN's networks for images. The code discriminator is dense, without BatchNorm, as in the paper.
- The absolute error is a mean over pixels, not a sum, so lambda has another scale.
- EMA of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, tf
from gancli.core.options import option
from gancli.models import exports, regularization
from gancli.models.base import Batches
from gancli.models.capabilities import ConvolutionalNetworks, Decoder, Encoder
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.dcgan_networks import DCGANOptions, DiscriminatorNorm, dcgan_sizes
from gancli.models.families.latent import LatentModel
from gancli.models.learning_rates import AdversarialRates
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import dcgan, dense
from gancli.nn.losses import mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


class AlphaGAN(LatentModel, Decoder, Encoder, ConvolutionalNetworks):
    """An autoencoder with discriminators of images and of codes (Rosca et al. 2017)."""

    default_steps = 12_000
    metrics = SHARED | {"code_discriminator_loss": Metric("C", "loss of the code discriminator")}
    ema_networks: ClassVar[tuple[str, ...]] = ("generator", "encoder")
    adversaries: ClassVar[tuple[str, ...]] = ("discriminator", "code_discriminator")
    inference_networks = exports.decoder() | exports.encoder()
    encoder: Network
    generator: Network
    discriminator: Network
    code_discriminator: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, DiscriminatorNorm, DCGANOptions, AdversarialRates, LatentModel.Options):
        """The paper's settings, narrower."""

        z_dim: int = 50
        reconstruction_weight: float = option(40.0, "weight of the L1 reconstruction loss (lambda)", low=0, high=1e6)
        code_units: int = option(750, "hidden units of the code discriminator", low=1, high=65536)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        regularization.check(cls, chosen, has_batchnorm=chosen.batchnorm_advice())

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Encoder, generator, and the discriminators of images and of codes."""
        size, sizes = self.options.z_dim, dcgan_sizes(self)
        code_discriminator = dense.perceptron(
            size, 1, units=self.options.code_units, depth=2, name="code_discriminator", last="logit"
        )
        return {
            "encoder": Network(dcgan.discriminator(data.shape, outputs=size, **sizes), self.adam()),
            "generator": Network(dcgan.generator(data.shape, size, **sizes), self.adam("g")),
            "discriminator": Network(
                dcgan.discriminator(data.shape, norm=self.options.d_norm, **sizes), self.adam("d")
            ),
            "code_discriminator": Network(code_discriminator, self.adam("d")),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1: encoder, generator, discriminator, code discriminator. Penalties are on that of images."""
        augment = regularization.augmentation_of(self)
        x, z = next(batches)["image"], self.noise()
        metrics: dict[str, Tensor] = {}
        outputs: list[Tensor] = []

        def l1_loss(reconstruction: Tensor) -> Tensor:
            return self.options.reconstruction_weight * tf.reduce_mean(tf.abs(x - reconstruction))

        def image_loss(image: Tensor) -> Tensor:
            return -tf.reduce_mean(frozen(self.discriminator)(augment(image)))

        def encoder_loss() -> Tensor:
            code = self.encoder(x)
            metrics["reconstruction_loss"] = l1_loss(frozen(self.generator)(code))
            return metrics["reconstruction_loss"] - tf.reduce_mean(frozen(self.code_discriminator)(code))

        def generator_loss() -> Tensor:
            reconstruction = self.generator(code)
            return l1_loss(reconstruction) + image_loss(reconstruction) + image_loss(self.generator(z))

        def discriminator_loss() -> Tensor:
            outputs[:] = [self.discriminator(images) for images in seen]
            metrics.update({"D(x)": mean_probability(outputs[0]), "D(G(z))": mean_probability(outputs[2])})
            penalty = regularization.penalty(self, metrics, self.discriminator, seen[0], seen[2])
            return _cross_entropy(*outputs) + penalty

        def code_discriminator_loss() -> Tensor:
            return _cross_entropy(self.code_discriminator(z), self.code_discriminator(code))

        losses = {"encoder_loss": minimize(self.encoder, loss=encoder_loss)}
        code = frozen(self.encoder)(x)
        losses["generator_loss"] = minimize(self.generator, loss=generator_loss)
        seen = [augment(images) for images in (x, frozen(self.generator)(code), frozen(self.generator)(z))]
        losses["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        metrics |= regularization.after_discriminator_step(self, self.discriminator, outputs[0], outputs[2])
        losses["code_discriminator_loss"] = minimize(self.code_discriminator, loss=code_discriminator_loss)
        if self.options.weight_clip:
            self.code_discriminator.clip(self.options.weight_clip)
        return losses | metrics

    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The output of the encoder, float32 (batch, z_size)."""
        return self.encoder.infer(images)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] from the generator."""
        return self.generator.infer(z)


def _cross_entropy(real: Tensor, *fakes: Tensor) -> Tensor:
    """Cross-entropy of the logits of real inputs and of generated ones."""
    loss = tf.reduce_mean(tf.nn.softplus(-real))
    return loss + tf.add_n([tf.reduce_mean(tf.nn.softplus(logits)) for logits in fakes])
