"""alpha-GAN. Rosca, Lakshminarayanan, Warde-Farley & Mohamed 2017, arXiv:1706.04987, Algorithm 1.

Autoencoder and GAN in one: an encoder, a generator that is also its decoder, a discriminator of images, and one of
codes that tells z's of the prior from codes of images, in place of the VAE's KL. With a and c the two discriminators'
logits, encoder and generator descend

    lambda E|x - G(E(x))| + E[-c(E(x))]            the encoder
    lambda E|x - G(E(x))| + E[-a(G(E(x)))] + E[-a(G(z))]   the generator

where -a = log(1 - D) - log D, and the discriminators tell x from G(E(x)) and G(z), and z from E(x), by cross-entropy.
(The first version of the paper swaps prior and codes in equations 16 and 17; here codes are to look like the prior.)

The four move in this order: encoder, generator, discriminator of images, of codes; each sees what those before it have
become.

Differences from the paper: DCGAN's networks for the image (the code discriminator is dense, without BatchNorm, as the
paper says); the absolute error is a mean over pixels and not a sum, so that lambda is another; a moving average of the
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
from gancli.nn.architectures import dcgan, dense
from gancli.nn.losses import mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class AlphaGAN(DCGANBackbone, Model, Decoder, Encoder):
    """The autoencoder with two discriminators."""

    default_steps = 12_000
    ema_networks: ClassVar[tuple[str, ...]] = ("generator", "encoder")
    prior = "normal"

    @dataclass(frozen=True)
    class Options(DCGANBackbone.Options, Model.Options):
        """The paper's settings, narrower."""

        z_dim: int = option(50, "length of the latent vector", low=1, high=4096)
        reconstruction_weight: float = option(40.0, "weight of the L1 reconstruction loss (lambda)", low=0, high=1e6)
        code_units: int = option(750, "hidden units of the code discriminator", low=1, high=65536)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Encoder, generator, and the discriminators of images and of codes."""
        size, sizes = self.options.z_dim, self.sizes()
        judge = dense.perceptron(
            size, 1, units=self.options.code_units, depth=2, name="code_discriminator", last="logit"
        )
        return {
            "encoder": Network(dcgan.discriminator(data.shape, outputs=size, **sizes), self.adam()),
            "generator": Network(dcgan.generator(data.shape, size, **sizes), self.adam()),
            "discriminator": Network(dcgan.discriminator(data.shape, **sizes), self.adam()),
            "code_discriminator": Network(judge, self.adam()),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1: encoder, generator, discriminator, code discriminator."""
        x, z, told = next(batches)["image"], self.noise(), {}
        apart = lambda again: self.options.reconstruction_weight * tf.reduce_mean(tf.abs(x - again))  # noqa: E731
        looks_real = lambda image: -tf.reduce_mean(frozen(self.discriminator)(image))  # noqa: E731
        looks_drawn = lambda code: -tf.reduce_mean(frozen(self.code_discriminator)(code))  # noqa: E731

        def encoder_loss() -> Tensor:
            code = self.encoder(x)
            told["reconstruction_loss"] = apart(frozen(self.generator)(code))
            return told["reconstruction_loss"] + looks_drawn(code)

        def generator_loss() -> Tensor:
            again = self.generator(code)
            return apart(again) + looks_real(again) + looks_real(self.generator(z))

        def discriminator_loss() -> Tensor:
            of_real, *of_made = (self.discriminator(images) for images in (x, again, made))
            told.update({"D(x)": mean_probability(of_real), "D(G(z))": mean_probability(of_made[1])})
            return _tells(of_real, *of_made)

        losses = {"encoder_loss": minimize(self.encoder, loss=encoder_loss)}
        code = frozen(self.encoder)(x)
        losses["generator_loss"] = minimize(self.generator, loss=generator_loss)
        again, made = frozen(self.generator)(code), frozen(self.generator)(z)
        losses["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        codes = lambda: _tells(self.code_discriminator(z), self.code_discriminator(code))  # noqa: E731
        losses["code_discriminator_loss"] = minimize(self.code_discriminator, loss=codes)
        return losses | told

    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The codes of images."""
        return self.encoder.infer(images)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors."""
        return self.generator.infer(z)


def _tells(real: Tensor, *made: Tensor) -> Tensor:
    """Cross-entropy of logits that tell real ones from made ones."""
    told = tf.reduce_mean(tf.nn.softplus(-real))
    return told + tf.add_n([tf.reduce_mean(tf.nn.softplus(logits)) for logits in made])
