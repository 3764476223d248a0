"""Auxiliary classifier GAN. Odena, Olah & Shlens 2016, arXiv:1610.09585, section 4.

The generator is given a class beside z; the discriminator has two heads, real or generated, and which class. Both
players climb L_C, the log-likelihood of the right class, of real and generated images alike; the discriminator climbs
L_S, that of the right source, and the generator climbs its own part of L_S, log D(G(z, c)). There is no eleventh
class for generated images, which some code has: an image that is generated keeps the class it was made for.

Differences from the paper: the networks are those of dcgan with the label joined to z and a second head beside the
logit, not the paper's of 32 x 32 and 128 x 128; no dropout in the discriminator; the generator climbs log D instead of
descending log(1 - D); the classes of generated images are those of the batch's real ones; a moving average of the
weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras
from gancli.core.latents import PRIORS
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import DCGANBackbone
from gancli.nn.architectures import dcgan
from gancli.nn.losses import GAMES, auxiliary_class_loss
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class ACGAN(DCGANBackbone, Model, Decoder):
    """The GAN whose discriminator also names the class."""

    columns = ("image", "label")
    default_steps = 6_000

    @dataclass(frozen=True)
    class Options(DCGANBackbone.Options, Model.Options):
        """The settings of dcgan, and the weight of the class."""

        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        prior: str = option("normal", "distribution of the latent vector", choices=PRIORS)
        aux_weight: float = option(1.0, "weight of the auxiliary classification loss (paper: 1)", low=0, high=100)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator of z and a label, and discriminator with two heads."""
        sizes, classes = self.sizes(), len(data.classes)
        z, label = keras.Input((self.options.z_dim,), name="z"), keras.Input((classes,), name="label")
        plain = dcgan.generator(data.shape, self.options.z_dim + classes, **sizes)
        generator = keras.Model([z, label], plain(keras.layers.Concatenate(name="join")([z, label])), name="generator")
        judge = dcgan.discriminator(data.shape, **sizes)
        named = keras.layers.Dense(classes, dtype="float32", name="classes")(judge.get_layer("logit").input)
        discriminator = keras.Model(judge.inputs, [judge.output, named], name="discriminator")
        return {"generator": Network(generator, self.adam()), "discriminator": Network(discriminator, self.adam())}

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """The discriminator climbs L_S + L_C, then the generator L_C - L_S."""
        game, weight, told = GAMES["non-saturating"], self.options.aux_weight, {}
        batch = next(batches)
        image, label = batch["image"], self.one_hot(batch["label"])
        fake = frozen(self.generator)(self.noise(), label)

        def discriminator_loss() -> Tensor:
            (real_source, real_class), (fake_source, fake_class) = self.discriminator(image), self.discriminator(fake)
            told.update(game.told(real_source, fake_source))
            told["class_cost"] = 0.5 * (
                auxiliary_class_loss(real_class, label) + auxiliary_class_loss(fake_class, label)
            )
            return game.real(real_source) + game.fake(fake_source) + weight * told["class_cost"]

        def generator_loss() -> Tensor:
            source, named = frozen(self.discriminator)(self.generator(z, label))
            return game.generator(source) + weight * auxiliary_class_loss(named, label)

        told["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        z = self.noise()
        return told | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors and one-hot labels."""
        return self.generator.infer(z, condition)
