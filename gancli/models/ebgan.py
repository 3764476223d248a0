"""Energy-based GAN. Zhao, Mathieu & LeCun 2016, arXiv:1609.03126, sections 2.1, 2.3 and 2.4.

The discriminator is an autoencoder, and its energy D(x) = ‖dec(enc(x)) - x‖ is low where images are real (section 2.3).
It descends D(x) + max(0, m - D(G(z))) (equation 1), the generator D(G(z)) (equation 2) + 0.1 PT, with PT, the
pulling-away term of section 2.4, the mean squared cosine of the codes of two generated images: they are to differ. PT
looks at codes and squares the cosine, as the paper says and some code does not.

Differences from the paper: a moving average of the weights; one dense autoencoder of 512 units and a code of 128, and
the generator of `gan`, in place of its grid of networks on MNIST (the margin m = 10 and Adam 1e-3 are those of that
grid); the energy is the root of the summed squares over pixels in [-1, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, tf
from gancli.core.latents import PRIORS
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.capabilities import Decoder
from gancli.nn.architectures import dense
from gancli.nn.losses import pulling_away
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class EBGAN(Model, Decoder):
    """The GAN whose discriminator is an autoencoder."""

    default_steps = 15_000

    @dataclass(frozen=True)
    class Options(Model.Options):
        """The paper's settings."""

        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        prior: str = option("normal", "distribution of the latent vector", choices=PRIORS)
        learning_rate: float = 1e-3
        margin: float = option(10.0, "energy margin of generated images in the discriminator loss", above=0)
        pulling_away: float = option(0.1, "weight of the pulling-away term (0 disables)", low=0, high=100)
        code: int = option(128, "code size of the autoencoder", low=1, high=4096)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator, and the autoencoder that gives a code and an image."""
        return {
            "generator": Network(dense.generator(data.shape, self.options.z_dim), self.adam()),
            "discriminator": Network(dense.autoencoder(data.shape, self.options.code), self.adam()),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """The autoencoder descends equation 1, then the generator equation 2 and the pulling-away term."""
        real, fake, told = next(batches)["image"], frozen(self.generator)(self.noise()), {}

        def discriminator_loss() -> Tensor:
            of_real, of_fake = _energy(self.discriminator(real)[1], real), _energy(self.discriminator(fake)[1], fake)
            told.update(energy_real=tf.reduce_mean(of_real), energy_fake=tf.reduce_mean(of_fake))
            return told["energy_real"] + tf.reduce_mean(tf.nn.relu(self.options.margin - of_fake))

        def generator_loss() -> Tensor:
            image = self.generator(z)
            code, again = frozen(self.discriminator)(image)
            return tf.reduce_mean(_energy(again, image)) + self.options.pulling_away * pulling_away(code)

        told["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        z = self.noise()
        return told | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors, of the averaged generator where there is one."""
        return self.generator.infer(z)


def _energy(again: Tensor, image: Tensor) -> Tensor:
    """‖again - image‖ of each image, float32 (batch,)."""
    return tf.sqrt(tf.reduce_sum((again - image) ** 2, axis=(1, 2, 3)) + 1e-8)
