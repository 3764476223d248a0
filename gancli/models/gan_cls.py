"""GAN-CLS and GAN-INT: images from sentences. Reed, Akata, Yan, Logeswaran, Schiele & Lee 2016, arXiv:1605.05396.

The discriminator judges pairs: a real image with its text is real; a real image with another picture's text, and a
generated image with the text that it was made from, are fake, at half the weight each (Algorithm 1, which prints its
step of the discriminator with the wrong sign). `--mismatch image` gives the right text to another image, as the
authors' code does; `none` leaves such pairs out, the paper's plain GAN. `--interpolate-text` also lets the generator
make images of the means of two texts, of which there is no real one (GAN-INT, equation 5, with beta 1/2). At the end a
network learns the z of generated images, so that another picture's style can be taken (section 4.4).

Networks as in the authors' code (reedscot/icml2016), which take the text through a dense layer of 128 units: see
gancli.architectures.captioned.

The text is read by `--text-encoder`: `words`, a recurrent network that the discriminator's steps train, so that it
finds in the text what tells right pairs from wrong ones; `letters`, the paper's char-CNN-RNN, made smaller, which first
learns by itself to bring texts and images together (Reed et al. 2016, 1605.05395) and then stands still; or a run of
skip-thoughts, which stands still.

Differences from the paper: the encoder `words`; the rate is not halved every 100 epochs; a moving average of the
weights; in batches of two or more the wrong text is that of the next picture, whatever its class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from gancli.abilities import Decoder, Reader, Styled
from gancli.architectures import captioned, readers
from gancli.backend import Tensor, tf
from gancli.data import DataFacts, Dataset
from gancli.latents import PRIORS
from gancli.losses import GAMES, mean_probability
from gancli.models.base import Batches, Model, Stage
from gancli.network import Network, frozen, minimize
from gancli.options import option
from gancli.texts import Vocabulary


class GANCLS(Model, Decoder, Reader, Styled):
    """The matching-aware GAN of images and sentences."""

    columns = ("image", "caption")
    default_steps = 12_000
    averaged: ClassVar[tuple[str, ...]] = ("generator", "reader")

    @dataclass(frozen=True)
    class Options(Model.Options):
        """The authors', smaller."""

        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        z: str = option("normal", "distribution of the latent vector", choices=PRIORS)
        width: int = option(
            32,
            "channels of the largest maps, doubled at each halving; the authors: 64, of the generator 128",
            low=1,
            high=1024,
        )
        text_encoder: str = option("words", "what reads the text: words, letters, or a run of skip-thoughts")
        text_units: int = option(
            128, "of `words`: gated units each way; of `letters`: numbers of a text", low=1, high=4096
        )
        word_size: int = option(64, "numbers of a word's vector", low=1, high=4096)
        longest: int = option(40, "words of a text that are read; of letters five times as many", low=1, high=1000)
        mismatch: str = option("text", "what is wrong in a wrong pair", choices=("text", "image", "none"))
        interpolate_text: bool = option(False, "also make images of means of two texts: GAN-INT")
        style_steps: int = option(
            1000, "steps in which a network learns the z of generated images, for --style-of", low=0
        )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator, discriminator, the reader of texts, and the encoder of style."""
        chosen, shape = self.options, data.shape
        self.vocabulary, self.text_size = Vocabulary(data.words), 2 * chosen.text_units
        reader = readers.of_words(self.vocabulary.size, word_size=chosen.word_size, units=chosen.text_units)
        sizes = {"width": chosen.width}
        seer = captioned.discriminator(shape, **sizes)
        return {
            "reader": Network(reader, self.adam()),
            "generator": Network(captioned.generator(shape, chosen.z_dim, self.text_size, **sizes), self.adam()),
            "discriminator": Network(seer, self.adam()),
            "judge": Network(captioned.judge(seer.output.shape[-1], self.text_size), self.adam()),
            "style_encoder": Network(captioned.style_encoder(shape, chosen.z_dim, **sizes), self.adam()),
        }

    def held(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images, and captions as rows int32 (count, captions, longest); those of a picture with fewer come again."""
        captions = dataset.train["caption"]
        counts = (captions != "").sum(axis=1)
        again = np.take_along_axis(captions, np.arange(captions.shape[1]) % counts[:, None], axis=1)
        rows = self.text_rows(again.ravel()).reshape(*captions.shape, -1)
        return {"image": dataset.train["image"], "caption": rows}

    def stages(self) -> list[Stage]:
        """The game, and the encoder of style."""
        return [
            Stage("train", self.total_steps(), self.train_step),
            Stage("style", self.options.style_steps, self.style_step),
        ]

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1, with GAN-INT's part of the generator's cost."""
        game, judged, mixes = GAMES["non-saturating"], {}, self.options.interpolate_text
        batch, z, count = next(batches), self.noise(), self.options.batch_size
        image, rows = batch["image"], self._drawn(batch["caption"])

        def loss() -> Tensor:
            text = self.reader(rows)
            judged["said"] = tf.stop_gradient(text)
            maps, of_fakes = self.discriminator(image), self.discriminator(frozen(self.generator)(z, judged["said"]))
            judged["p_real"], judged["p_fake"] = self.judge(maps, text), self.judge(of_fakes, text)
            real, fakes = game.real(judged["p_real"]), game.fake(judged["p_fake"])
            if self.options.mismatch == "none":
                return real + fakes
            of_image = self.options.mismatch == "image"
            pair = (tf.roll(maps, 1, axis=0), text) if of_image else (maps, tf.roll(text, 1, axis=0))
            judged["p_wrong"] = self.judge(*pair)
            return real + 0.5 * (game.fake(judged["p_wrong"]) + fakes)

        told = {"discriminator_loss": minimize(self.discriminator, self.judge, self.reader, loss=loss)}
        said, z = judged.pop("said"), self.noise()
        if mixes:
            half = count // 2
            said = tf.concat([said, 0.5 * (said[:half] + said[half : 2 * half])], axis=0)
            z = tf.concat([z, self.noise()[:half]], axis=0)

        def cost() -> Tensor:
            believed = frozen(self.judge)(frozen(self.discriminator)(self.generator(z, said)), said)
            return game.generator(believed[:count]) + (game.generator(believed[count:]) if mixes else 0.0)

        told["generator_loss"] = minimize(self.generator, loss=cost)
        return told | {name: mean_probability(logits) for name, logits in judged.items()}

    def style_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equation 6: the z of generated images, by the mean squared error."""
        z, said = self.noise(), self.read(self._drawn(next(batches)["caption"]))
        image = self.decode(z, said)
        return {
            "style_loss": minimize(
                self.style_encoder, loss=lambda: tf.reduce_mean((self.style_encoder(image) - z) ** 2)
            )
        }

    def _drawn(self, captions: Tensor) -> Tensor:
        """One of each picture's captions, int32 (batch, longest of these)."""
        number = self.random.uniform([tf.shape(captions)[0]], 0, tf.shape(captions)[1], tf.int32)
        rows = tf.gather(captions, number, axis=1, batch_dims=1)
        return rows[:, : tf.reduce_max(tf.math.count_nonzero(rows, axis=1))]

    def text_rows(self, texts: list[str]) -> np.ndarray:
        """int32 (texts, longest)."""
        return self.vocabulary.rows(texts, self.options.longest)

    def read(self, rows: Tensor) -> Tensor:
        """What the texts say, float32 (batch, text_size)."""
        return self.reader.infer(rows)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors and texts, as `read` gives them."""
        return self.generator.infer(z, condition)

    def style(self, images: Tensor) -> Tensor:
        """The z that images would be made from."""
        return self.style_encoder.infer(images)

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """8, 16, 32, …: the next power of two."""
        return max(8, 2 ** round(np.ceil(np.log2(side))))
