"""VAE-GAN. Larsen, Sønderby, Larochelle & Winther 2015, arXiv:1512.09300, Algorithm 1.

The decoder of a variational autoencoder is the generator of a GAN, and what a reconstruction is compared in are the
discriminator's features Dis_l, not pixels:

    encoder         L_prior + L_like
    generator       gamma L_like - L_GAN
    discriminator   -L_GAN,  L_GAN = log Dis(x) + log(1 - Dis(G(E(x)))) + log(1 - Dis(G(z)))

L_prior is the KL of q(z | x) and N(0, 1), L_like ½‖Dis_l(x) - Dis_l(G(E(x)))‖².

Differences from the paper. Order: the three networks move one after the other, each against the others as they are by
then: the generator decodes codes of the encoder that has moved, and the discriminator sees images of the generator that
has moved; the paper, and its code, take all gradients from one pass. Scales: L_like is a mean over features times
`--likeness` (500), so that it does not grow with the network, and gamma (0.01) weighs that product; the game's terms of
reconstructions and of drawn images count 1 each, as the real ones' (the code: 1/2 for real, 1/4 for each of these, and
1 - gamma for the generator's game). The generator climbs log Dis of what it makes instead of descending log(1 - Dis),
as the paper and its code do. No player waits for the other, as in the code, where one that is too far ahead pauses.
Further: DCGAN's networks; Dis_l is what its logit is computed from; Adam instead of RMSprop; a moving average of the
weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, tf
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.capabilities import Decoder, Encoder
from gancli.models.families.adversarial import DCGANBackbone
from gancli.nn.architectures import dcgan
from gancli.nn.losses import gaussian_kl, mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class VAEGAN(DCGANBackbone, Model, Decoder, Encoder):
    """The variational autoencoder with a learned likeness."""

    default_steps = 12_000
    ema_networks: ClassVar[tuple[str, ...]] = ("generator", "encoder")
    prior = "normal"

    @dataclass(frozen=True)
    class Options(DCGANBackbone.Options, Model.Options):
        """The paper's settings, narrower."""

        z_dim: int = option(50, "length of the latent vector (paper: 128)", low=1, high=4096)
        likeness: float = option(500.0, "weight of the feature reconstruction loss in the encoder", low=0, high=1e6)
        gamma: float = option(0.01, "weight of that loss relative to the GAN loss in the generator", low=0, high=1e6)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Encoder, generator and discriminator."""
        size, sizes = self.options.z_dim, self.sizes()
        return {
            "encoder": Network(dcgan.discriminator(data.shape, outputs=2 * size, **sizes), self.adam()),
            "generator": Network(dcgan.generator(data.shape, size, **sizes), self.adam()),
            "discriminator": Network(dcgan.discriminator(data.shape, **sizes), self.adam()),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1: encoder, generator, discriminator, each with the others frozen."""
        x, drawn, noise, told = next(batches)["image"], self.noise(), self.noise(), {}
        features, judge = frozen(self.discriminator, before="logit"), frozen(self.discriminator)
        of_real = tf.cast(features(x), tf.float32)

        def unlike(again: Tensor) -> Tensor:
            gap = of_real - tf.cast(features(again), tf.float32)
            return 0.5 * self.options.likeness * tf.reduce_mean(gap**2)

        def encoder_loss() -> Tensor:
            mean, log_variance = tf.split(self.encoder(x), 2, axis=1)
            told["kl"] = tf.reduce_mean(gaussian_kl(mean, log_variance))
            told["reconstruction_loss"] = unlike(frozen(self.generator)(mean + tf.exp(0.5 * log_variance) * noise))
            return told["kl"] + told["reconstruction_loss"]

        def generator_loss() -> Tensor:
            again, made = self.generator(z), self.generator(drawn)
            game = tf.add_n([tf.reduce_mean(tf.nn.softplus(-judge(images))) for images in (again, made)])
            return self.options.gamma * unlike(again) + game

        def discriminator_loss() -> Tensor:
            real, *fakes = (self.discriminator(images) for images in (x, again, made))
            told.update({"D(x)": mean_probability(real), "D(G(z))": mean_probability(fakes[1])})
            return tf.reduce_mean(tf.nn.softplus(-real)) + tf.add_n(
                [tf.reduce_mean(tf.nn.softplus(fake)) for fake in fakes]
            )

        losses = {"encoder_loss": minimize(self.encoder, loss=encoder_loss)}
        mean, log_variance = tf.split(frozen(self.encoder)(x), 2, axis=1)
        z = mean + tf.exp(0.5 * log_variance) * noise
        losses["generator_loss"] = minimize(self.generator, loss=generator_loss)
        again, made = frozen(self.generator)(z), frozen(self.generator)(drawn)
        losses["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        return losses | told

    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The mean of q(z | x)."""
        return self.encoder.infer(images)[:, : self.options.z_dim]

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors."""
        return self.generator.infer(z)
