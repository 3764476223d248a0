"""A conditional GAN with a matching-aware discriminator. Reed et al. 2016, arXiv:1605.05396, section 4.2, on digits.

The discriminator sees three kinds of pairs: a real image with its label is real; a real image with another label is
fake; a generated image with the label it was made for is fake. So it learns whether the image is what the label says,
and not only whether it is real. The networks are those of the lecture's code (gmlove/leifeng_course, week 9), for
images of 28 x 28 in grey: the label embedded in 200 numbers beside z, and a plane of 4 x 4 in the discriminator.

--mismatch-weight says how much the two kinds of fakes count: 0.5 each as in Algorithm 1 of the paper, 1 as in the
lecture's code. The wrong label is any of the others, each as likely. p_real, p_wrong and p_fake, the discriminator's
mean beliefs, are recorded.

Differences from the paper: a moving average of the weights; labels instead of sentences, and the wrong one is the
label, as the paper says, not the image, as its code does; the generator is asked for labels drawn evenly, not for those
of the batch. Differences from the lecture's code: images are drawn with BatchNorm's moving statistics, values beyond
white are white, and z is drawn from one distribution, U(-1, 1), in training and in use (its script for drawing takes
N(0, 1)).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, tf
from gancli.core.errors import DataError
from gancli.core.latents import PRIORS
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.capabilities import Decoder
from gancli.nn.architectures import matching
from gancli.nn.losses import GAMES, mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class Matching(Model, Decoder):
    """The conditional GAN whose discriminator also learns which label an image has."""

    columns = ("image", "label")
    default_steps = 5_000

    @dataclass(frozen=True)
    class Options(Model.Options):
        """The lecture's settings."""

        batch_size: int = 32
        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        prior: str = option("uniform", "distribution of the latent vector", choices=PRIORS)
        mismatch_weight: float = option(
            0.5, "weight of mismatched and of generated pairs (leifeng_course: 1)", above=0, high=10
        )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for the data's classes."""
        if len(data.classes) < 2:
            raise DataError(f"matching needs two classes or more, and '{data.name}' has {len(data.classes)}")
        classes = len(data.classes)
        return {
            "generator": Network(matching.generator(self.options.z_dim, classes), self.adam()),
            "discriminator": Network(matching.discriminator(classes), self.adam()),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1 of Reed et al. 2016."""
        game, weight, judged = GAMES["non-saturating"], self.options.mismatch_weight, {}
        batch = next(batches)
        image, label, wrong = batch["image"], self.one_hot(batch["label"]), self.one_hot(self._others(batch["label"]))
        fake = frozen(self.generator)(self.noise(), label)

        def loss() -> Tensor:
            judged["p_real"] = self.discriminator(image, label)
            judged["p_wrong"] = self.discriminator(image, wrong)
            judged["p_fake"] = self.discriminator(fake, label)
            return game.real(judged["p_real"]) + weight * (game.fake(judged["p_wrong"]) + game.fake(judged["p_fake"]))

        discriminator_loss = minimize(self.discriminator, loss=loss)
        z, wanted = self.noise(), self.one_hot(self._any_labels())
        combined = lambda: frozen(self.discriminator)(self.generator(z, wanted), wanted)  # noqa: E731 (the combined network)
        generator_loss = minimize(self.generator, loss=lambda: game.generator(combined()))
        beliefs = {name: mean_probability(logits) for name, logits in judged.items()}
        return {"discriminator_loss": discriminator_loss, "generator_loss": generator_loss, **beliefs}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors and one-hot labels."""
        return tf.minimum(self.generator.infer(z, condition), 1.0)

    def _others(self, labels: Tensor) -> Tensor:
        """For each label one of the others."""
        classes = len(self.data.classes)
        return (labels + self.random.uniform(tf.shape(labels), 1, classes, tf.int32)) % classes

    def _any_labels(self) -> Tensor:
        return self.random.uniform([self.options.batch_size], 0, len(self.data.classes), tf.int32)

    @classmethod
    def check_shape(cls, shape: tuple[int, int, int], name: str) -> None:
        """Raise DataError for other images than grey ones of 28 x 28."""
        super().check_shape(shape, name)
        if shape[2] != 1:
            raise DataError(f"matching takes grey images, those of '{name}' have colours: give --color gray")

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """28, whatever the side."""
        return matching.SIDE
