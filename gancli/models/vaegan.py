"""VAE-GAN. Larsen, Sønderby, Larochelle & Winther 2015, arXiv:1512.09300, Algorithm 1.

The decoder of a variational autoencoder is the generator of a GAN, and reconstructions are compared by the
discriminator's features Dis_l instead of pixels:

    encoder         L_prior + L_like
    generator       gamma L_like - L_GAN
    discriminator   -L_GAN,  L_GAN = log Dis(x) + log(1 - Dis(G(E(x)))) + log(1 - Dis(G(z)))

L_prior is the KL divergence of q(z | x) and N(0, 1), L_like ½‖Dis_l(x) - Dis_l(G(E(x)))‖².

Differences from the paper:
- Order: the three networks are updated one after the other, each against the current others: the generator decodes
  codes of the updated encoder, and the discriminator takes images of the updated generator. The paper and its code
  compute all gradients in one pass.
- Scales: L_like is a mean over features times `--likeness` (500), independent of the size of the network, and gamma
  (0.01) multiplies that product. The adversarial terms of reconstructions and of samples have weight 1 each, as that of
  real images (in the code: 1/2 for real, 1/4 for each of these, and 1 - gamma for the generator).
- The generator maximizes log Dis of its images; the paper and its code minimize log(1 - Dis).
- Each network is updated at every step; the code pauses one that is too far ahead.
- DCGAN's networks; Dis_l is the input of the logit.
- Adam instead of RMSprop.
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
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import dcgan
from gancli.nn.losses import gaussian_kl, mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


class VAEGAN(LatentModel, Decoder, Encoder, ConvolutionalNetworks):
    """The variational autoencoder with a learned similarity."""

    default_steps = 12_000
    ema_networks: ClassVar[tuple[str, ...]] = ("generator", "encoder")
    inference_networks = exports.decoder() | exports.mean_encoder()
    encoder: Network
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, DiscriminatorNorm, DCGANOptions, AdversarialRates, LatentModel.Options):
        """The paper's settings, narrower."""

        z_dim: int = option(50, "length of the latent vector (paper: 128)")
        likeness: float = option(500.0, "weight of the feature reconstruction loss in the encoder", low=0, high=1e6)
        gamma: float = option(0.01, "generator's weight of the feature loss relative to the GAN loss", low=0, high=1e6)

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
        """The networks of dcgan: the encoder has 2 z_dim outputs, the mean and the log variance of q(z | x)."""
        size, sizes = self.options.z_dim, dcgan_sizes(self)
        return {
            "encoder": Network(dcgan.discriminator(data.shape, outputs=2 * size, **sizes), self.adam()),
            "generator": Network(dcgan.generator(data.shape, size, **sizes), self.adam("g")),
            "discriminator": Network(
                dcgan.discriminator(data.shape, norm=self.options.d_norm, **sizes), self.adam("d")
            ),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1: encoder, generator, discriminator, each with the others frozen.

        Images are augmented where they are real or generated, not where their features are compared.
        """
        augment = regularization.augmentation_of(self)
        x = next(batches)["image"]
        z = self.noise()
        noise = self.noise()
        metrics: dict[str, Tensor] = {}
        outputs: list[Tensor] = []
        features, discriminator = frozen(self.discriminator, before="logit"), frozen(self.discriminator)
        real_features = tf.cast(features(x), tf.float32)

        def feature_loss(reconstruction: Tensor) -> Tensor:
            gap = real_features - tf.cast(features(reconstruction), tf.float32)
            return 0.5 * self.options.likeness * tf.reduce_mean(gap**2)

        def encoder_loss() -> Tensor:
            mean, log_variance = tf.split(self.encoder(x), 2, axis=1)
            metrics["kl"] = tf.reduce_mean(gaussian_kl(mean, log_variance))
            reconstruction = frozen(self.generator)(mean + tf.exp(0.5 * log_variance) * noise)
            metrics["reconstruction_loss"] = feature_loss(reconstruction)
            return metrics["kl"] + metrics["reconstruction_loss"]

        def generator_loss() -> Tensor:
            fakes = self.generator(code), self.generator(z)
            logits = [discriminator(augment(images)) for images in fakes]
            adversarial = tf.add_n([tf.reduce_mean(tf.nn.softplus(-fake)) for fake in logits])
            return self.options.gamma * feature_loss(fakes[0]) + adversarial

        def discriminator_loss() -> Tensor:
            outputs[:] = real, *fakes = [self.discriminator(images) for images in seen]
            metrics.update({"D(x)": mean_probability(real), "D(G(z))": mean_probability(fakes[1])})
            total = tf.reduce_mean(tf.nn.softplus(-real)) + sum(tf.reduce_mean(tf.nn.softplus(fake)) for fake in fakes)
            return total + regularization.penalty(self, metrics, self.discriminator, seen[0], seen[2])

        losses = {"encoder_loss": minimize(self.encoder, loss=encoder_loss)}
        mean, log_variance = tf.split(frozen(self.encoder)(x), 2, axis=1)
        code = mean + tf.exp(0.5 * log_variance) * noise
        losses["generator_loss"] = minimize(self.generator, loss=generator_loss)
        seen = [augment(images) for images in (x, frozen(self.generator)(code), frozen(self.generator)(z))]
        losses["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        metrics |= regularization.after_discriminator_step(self, self.discriminator, outputs[0], outputs[2])
        return losses | metrics

    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The mean of q(z | x), float32 (batch, z_size)."""
        return self.encoder.infer(images)[:, : self.options.z_dim]

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] from the generator."""
        return self.generator.infer(z)
