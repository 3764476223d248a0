"""Energy-based GAN. Zhao, Mathieu & LeCun 2016, arXiv:1609.03126, sections 2.1, 2.3 and 2.4.

The discriminator is an autoencoder whose energy D(x) = ‖dec(enc(x)) - x‖ is low for real images (section 2.3). It
minimizes D(x) + max(0, m - D(G(z))) (equation 1), and the generator D(G(z)) (equation 2) + 0.1 PT. The pulling-away
term PT of section 2.4, the mean squared cosine of the codes of two generated images, makes them differ. It is computed
from codes and squares the cosine, as in the paper but not in all implementations.

Differences from the paper:
- EMA of the weights.
- One dense autoencoder of 512 units with a code of 128, and the generator of `gan`, instead of its grid search on MNIST
  (the margin m = 10 and Adam 1e-3 are from that grid).
- The energy is the root of the summed squares over pixels in [-1, 1].
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, tf
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batches
from gancli.models.capabilities import Decoder
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.families.network_sizes import adversarial_units
from gancli.models.learning_rates import AdversarialRates
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import dense
from gancli.nn.losses import pulling_away
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


class EBGAN(LatentModel, Decoder):
    """The GAN whose discriminator is an autoencoder."""

    default_steps = 15_000
    metrics = SHARED | {
        "energy_real": Metric("E(x)", "mean energy of real images"),
        "energy_fake": Metric("E(G(z))", "the same of generated images"),
    }
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, AdversarialRates, PriorOptions, LatentModel.Options):
        """The paper's settings."""

        learning_rate: float = 1e-3
        margin: float = option(10.0, "energy margin of generated images in the discriminator loss", above=0)
        pulling_away: float = option(0.1, "weight of the pulling-away term (0 disables)", low=0, high=100)
        units: str = option("256,512,1024", "units of the generator's hidden layers, from z to the image")
        d_units: str = option("512", "units of the autoencoder's hidden layers, mirrored after the code")
        code: int = option(128, "units of the code of the autoencoder", low=1, high=4096)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator, and the autoencoder with code and reconstruction as outputs."""
        chosen, (units, d_units) = self.options, adversarial_units(self.options)
        return {
            "generator": Network(dense.generator(data.shape, chosen.z_dim, units=units), self.adam("g")),
            "discriminator": Network(dense.autoencoder(data.shape, chosen.code, units=d_units), self.adam("d")),
        }

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        adversarial_units(chosen)
        regularization.check(cls, chosen)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """The autoencoder minimizes equation 1, then the generator equation 2 and the pulling-away term."""
        augment = regularization.augmentation_of(self)
        real, fake = augment(next(batches)["image"]), augment(frozen(self.generator)(self.noise()))
        metrics: dict[str, Tensor] = {}
        energies: list[Tensor] = []

        def discriminator_loss() -> Tensor:
            energies[:] = (_energy(self.discriminator(images)[1], images) for images in (real, fake))
            real_energy, fake_energy = energies
            metrics.update(energy_real=tf.reduce_mean(real_energy), energy_fake=tf.reduce_mean(fake_energy))
            total = metrics["energy_real"] + tf.reduce_mean(tf.nn.relu(self.options.margin - fake_energy))
            return total + regularization.penalty(
                self, metrics, self.discriminator, real, fake, output=lambda critic, x: _energy(critic(x)[1], x)
            )

        def generator_loss() -> Tensor:
            image = augment(self.generator(z))
            code, reconstruction = frozen(self.discriminator)(image)
            energy = tf.reduce_mean(_energy(reconstruction, image))
            return energy + self.options.pulling_away * pulling_away(code)

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        beliefs = (-energy for energy in energies)  # high for real images
        metrics |= regularization.after_discriminator_step(self, self.discriminator, *beliefs, paired=True)
        z = self.noise()
        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] from the generator."""
        return self.generator.infer(z)


def _energy(reconstruction: Tensor, image: Tensor) -> Tensor:
    """‖reconstruction - image‖ of each image, float32 (batch,)."""
    return tf.sqrt(tf.reduce_sum((reconstruction - image) ** 2, axis=(1, 2, 3)) + 1e-8)
