"""GAN-CLS and GAN-INT: images from sentences. Reed, Akata, Yan, Logeswaran, Schiele & Lee 2016, arXiv:1605.05396.

The discriminator judges pairs: a real image with its text is real; a real image with another picture's text, and a
generated image with the text that it was made from, are fake, at half the weight each (Algorithm 1, which prints its
step of the discriminator with the wrong sign). `--mismatched-pair image` gives the right text to another image, as the
authors' code does; `none` leaves such pairs out, the paper's plain GAN. `--interpolate-text` also lets the generator
make images of the means of two texts, of which there is no real one (GAN-INT, equation 5, with beta 1/2). At the end a
network learns the z of generated images, so that another picture's style can be taken (section 4.4).

That needs a z that is seen, and on flowers it told the size and the outline alone: a tenth of it could be read from the
images, and nothing of their ground. With `--style-weight` the network of styles learns in the game, and the generator
with it, in the two ways of BicycleGAN (Zhu et al. 2017, arXiv:1711.11586, section 3): z is to be told from what was
made of it, and a real image, brought to 16 x 16, is to come again from its own style and text. Styles have mean 0 and
variance 1 over a batch, in place of BicycleGAN's Kullback-Leibler term. A z of few numbers is learned best:
`--z-dim 16`.

Networks as in the authors' code (reedscot/icml2016), which take the text through a dense layer of 128 units: see
gancli.nn.architectures.text_conditional.

The text is read by `--text-encoder`: `words`, gated units over words, or `letters`, the paper's char-CNN-RNN made
smaller. Either learns in the training's first stage to bring texts and images together (Reed et al. 2016, 1605.05395),
beside an encoder of images, and then stands still; a run of skip-thoughts stands still from the start, and its encoder
becomes part of the run. On glyphs 500 steps of the first stage find a picture's caption among a hundred in four of
five cases, where a reader that the discriminator trained knew the ground's colour alone after 2,500 steps. Before the
game the vectors of texts are made white: on glyphs 99 % of their variance tells of colours and places, and the shapes,
which a linear probe reads without fault, were not heard in the rest.

Differences from the paper: to the discriminator's logit is added a projection, the product of the text and a linear map
of what is seen (Miyato & Koyama 2018, arXiv:1802.05637, equation 3). That map is most of the discriminator: 524,288 of
844,417 weights on glyphs (62 %), and it would be 8.4 of 12.4 million at the authors' sizes (68 %). Further: the reader
`words`; one caption of a picture at a time, where the authors' code takes the mean of four; white vectors, brought to a
mean square of 1; no BatchNorm where image and text meet (see nn/architectures/text_conditional.py); narrower networks,
batches of 32, and for them a step size of 8e-4, which is not halved every 100 epochs; images of mean texts weigh as
much as all others together; a moving average of the weights; whose text is wrong. In the paper it is any other's
(`--negatives any`); by default every second one is that of the batch which is most alike without saying the same,
whatever the classes. On glyphs one training each does not tell the two apart: 88.0 and 87.4 % are obeyed after 16,000
steps.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.errors import OptionError
from gancli.core.latents import PRIORS
from gancli.core.options import option
from gancli.data.tokenization import Alphabet, Vocabulary
from gancli.models.base import Batches, Model, Stage
from gancli.models.capabilities import Decoder, StyleEncoder, TextEncoder
from gancli.models.config import TrainingConfig
from gancli.nn.architectures import text_conditional, text_encoders
from gancli.nn.losses import GAMES, joint_embedding_hinge_loss, mean_probability
from gancli.nn.network import Network, frozen, minimize
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.data import DataFacts, Dataset

BORROWED = {  # forms of skip-thoughts, and which ways their parts read
    "skip-uni": (("forwards",),),
    "skip-bi": (("forwards", "backwards"),),
    "skip-combine": (("forwards",), ("forwards", "backwards")),
}
LETTERS, LETTERS_SHARE = 5, 0.25  # letters for a word; of the authors' maps
QUICK_RATE = 1e-3  # of Adam, in what is no game
WHITENED_BY = 4096  # captions, whose vectors become white
REBUILT = 10.0  # times the coarse images' error, beside that of z
SAME = 0.999  # likeness of two texts that say the same


class GANCLS(Model, Decoder, TextEncoder, StyleEncoder):
    """The matching-aware GAN of images and sentences."""

    columns = ("image", "caption")
    default_steps = 16_000
    ema_networks: ClassVar[tuple[str, ...]] = ("generator", "reader")

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Images with captions."""

        data: str = "glyphs"

    @dataclass(frozen=True)
    class Options(Model.Options):
        """The authors', smaller."""

        batch_size: int = option(32, "batch size (authors: 64)")
        learning_rate: float = option(8e-4, "learning rate (authors: 2e-4)")
        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        prior: str = option("normal", "distribution of the latent vector", choices=PRIORS)
        width: int = option(
            32,
            "channels of the largest feature maps, doubled at each halving (authors: 64; generator: 128)",
            low=1,
            high=1024,
        )
        text_encoder: str = option("words", "text encoder: words, letters, or the folder of a skip-thoughts run")
        text_units: int = option(
            128,
            "text encoder size (words: recurrent units per direction; letters: size of a text vector)",
            low=1,
            high=4096,
        )
        word_size: int = option(64, "size of a word embedding", low=1, high=4096)
        max_words: int = option(40, "maximum text length in words (letters: five times as many)", low=1, high=1000)
        mismatched_pair: str = option(
            "text", "half of a mismatched pair to replace (none: no such pairs)", choices=("text", "image", "none")
        )
        negatives: str = option(
            "near",
            "selection of mismatched pairs (any: next of the batch; near: half hard negatives)",
            choices=("near", "any"),
        )
        mirror: bool = option(False, "mirror half of the images (not if texts distinguish left and right)")
        interpolate_text: bool = option(False, "train the generator on means of two texts too (GAN-INT)")
        text_steps: int = option(2000, "steps that train the text encoder before the GAN", low=1)
        style_weight: float = option(
            0.0, "weight of the latent reconstruction loss (paper: 0; for --style-of: 3)", low=0, high=1000
        )
        style_steps: int = option(
            6000, "steps that train the style encoder after the GAN (none with --style-weight)", low=0, may_change=True
        )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator, discriminator, the reader of texts, and the encoder of style."""
        chosen, shape = self.options, data.shape
        sizes = {"width": chosen.width}
        self.vocabulary = Alphabet() if chosen.text_encoder == "letters" else Vocabulary(data.words)
        reader = text_encoders.whitening(self._reader())
        self.text_size = reader.output.shape[-1]
        seer = text_conditional.discriminator(shape, **sizes)
        if chosen.style_weight:
            styler = text_conditional.styler(shape, chosen.z_dim, **sizes)
        else:
            styler = text_conditional.encoder(shape, chosen.z_dim, name="style", **sizes)
        networks = {"reader": Network(reader, self.quick_adam())}
        if self.learns_to_read():
            viewer = text_conditional.encoder(shape, self.text_size, name="viewer", **sizes)
            networks["viewer"] = Network(viewer, self.quick_adam())
        return networks | {
            "generator": Network(text_conditional.generator(shape, chosen.z_dim, self.text_size, **sizes), self.adam()),
            "discriminator": Network(seer, self.adam()),
            "judge": Network(text_conditional.judge(seer.output.shape[-1], self.text_size), self.adam()),
            "style_encoder": Network(styler, self.quick_adam()),
        }

    def held(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images, and captions as rows int32 (count, captions, longest); those of a picture with fewer come again."""
        captions = dataset.train["caption"]
        counts = (captions != "").sum(axis=1)
        again = np.take_along_axis(captions, np.arange(captions.shape[1]) % counts[:, None], axis=1)
        rows = self.text_rows(again.ravel()).reshape(*captions.shape, -1)
        return {"image": dataset.train["image"], "caption": rows}

    def _reader(self) -> keras.Model:
        """What reads texts, as the options say."""
        chosen, size = self.options, self.vocabulary.size
        if chosen.text_encoder == "letters":
            return text_encoders.of_letters(size, units=2 * chosen.text_units, share=LETTERS_SHARE)
        words = functools.partial(text_encoders.of_words, size, word_size=chosen.word_size)
        if self.learns_to_read():
            return words(units=chosen.text_units)
        return text_encoders.both(
            [
                words(units=chosen.text_units // len(ways), ways=ways, name=f"part_{number}")
                for number, ways in enumerate(BORROWED[chosen.text_encoder])
            ]
        )

    def learns_to_read(self) -> bool:
        """Whether the reader is trained here."""
        return self.options.text_encoder not in BORROWED

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that do not go together."""
        super().check(config, chosen)
        if chosen.text_encoder == "letters" and chosen.max_words * LETTERS < text_encoders.LEAST_LETTERS:
            raise OptionError(f"--max-words {chosen.max_words}: too few for a reader of letters, take 2 or more")

    @classmethod
    def pretrained_sources(cls, chosen: Options) -> dict[str, str]:
        """The run of skip-thoughts that reads the texts, if there is one."""
        return {} if chosen.text_encoder in ("words", "letters") else {"run": chosen.text_encoder}

    @classmethod
    def options_from_pretrained(
        cls, config: TrainingConfig, chosen: Options, facts: DataFacts, lent: Mapping[str, object]
    ) -> tuple[Options, DataFacts]:
        """Options and words of the model that is lent. Raises: OptionError if it reads no texts."""
        lent = lent["run"]
        sizes = lent.options
        if lent.name() != "skip-thoughts":
            raise OptionError(f"--text-encoder {chosen.text_encoder}: a run of {lent.name()}, not of skip-thoughts")
        same = {"text_encoder": f"skip-{sizes.form}", "text_units": sizes.units}
        same |= {"word_size": sizes.word_size, "max_words": sizes.max_words}
        return replace(chosen, **same), replace(facts, words=lent.vocabulary.words)

    def load_pretrained(self, lent: Mapping[str, object]) -> None:
        """Take the encoder's weights."""
        encoders = [network for name, network in lent["run"].networks.items() if name.endswith("_encoder")]
        taken = [weight for one in encoders for weight in one.layers.get_weights()]
        self.reader.layers.set_weights(taken + self.reader.layers.get_weights()[len(taken) :])
        self.reader.reset_ema()

    def begin(self, number: int, dataset: Dataset) -> None:
        """Before the game: bring out what texts differ in but little, for the networks to see it."""
        if self.stages()[number].name == "train":
            rows = self.training_rows(dataset)
            some = rows[np.linspace(0, len(rows) - 1, min(len(rows), WHITENED_BY)).astype(int)]
            text_encoders.whiten(self.reader.used, self.text_rows(dataset.train["caption"][some, 0]))
            self.reader.layers.set_weights(self.reader.used.get_weights())

    def quick_adam(self) -> keras.optimizers.Optimizer:
        """What texts and images learn by before the game, and styles after it."""
        return adam(QUICK_RATE, beta1=0.9)

    def stages(self) -> list[Stage]:
        """Texts and images, the game, and the encoder of style."""
        return [
            Stage("text", self.options.text_steps, self.text_step, self.learns_to_read(), is_scored=False),
            Stage("train", self.total_steps(), self.train_step),
            Stage("style", self.options.style_steps, self.style_step, not self.options.style_weight, is_scored=False),
        ]

    def text_step(self, batches: Batches) -> dict[str, Tensor]:
        """Each picture is to belong to its own text more than to others, and each text to its picture."""
        batch = next(batches)
        image, rows = self._turned(batch["image"]), self._drawn(batch["caption"])
        loss = lambda: joint_embedding_hinge_loss(self.viewer(image), self.reader(rows))  # noqa: E731 (inside the tape)
        return {"text_loss": minimize(self.viewer, self.reader, loss=loss)}

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1, with GAN-INT's part of the generator's cost."""
        game, judged, mixes = GAMES["non-saturating"], {}, self.options.interpolate_text
        batch, z, count = next(batches), self.noise(), self.options.batch_size
        image, said = self._turned(batch["image"]), self.read(self._drawn(batch["caption"]))
        fake, other = frozen(self.generator)(z, said), self._others(said)

        def loss() -> Tensor:
            maps, of_fakes = self.discriminator(image), self.discriminator(fake)
            judged["p_real"], judged["p_fake"] = self.judge(maps, said), self.judge(of_fakes, said)
            real, fakes = game.real(judged["p_real"]), game.fake(judged["p_fake"])
            if self.options.mismatched_pair == "none":
                return real + fakes
            of_image = self.options.mismatched_pair == "image"
            pair = (tf.gather(maps, other), said) if of_image else (maps, tf.gather(said, other))
            judged["p_wrong"] = self.judge(*pair)
            return real + 0.5 * (game.fake(judged["p_wrong"]) + fakes)

        told = {"discriminator_loss": minimize(self.discriminator, self.judge, loss=loss)}
        z, half = self.noise(), count // 2
        texts, parts, weight = said, [count], self.options.style_weight
        if mixes:
            z = tf.concat([z, self.noise()[:half]], axis=0)
            texts, parts = tf.concat([said, 0.5 * (said[:half] + said[half : 2 * half])], axis=0), [count, half]
        parts += [count] if weight else []

        def cost() -> Tensor:
            styles, again = ([self.style_encoder(image)], [said]) if weight else ([], [])
            asked = tf.concat([texts, *again], axis=0)
            made = self.generator(tf.concat([z, *styles], axis=0), asked)
            believed = frozen(self.judge)(frozen(self.discriminator)(made), asked)
            total = sum(map(game.generator, tf.split(believed, parts)))
            if weight:
                free, again = made[:-count], made[-count:]
                told["style_loss"] = tf.reduce_mean((self.style_encoder(free) - z) ** 2)
                told["rebuilt_loss"] = tf.reduce_mean(
                    (text_conditional.coarse(again) - text_conditional.coarse(image)) ** 2
                )
                total += weight * (told["style_loss"] + REBUILT * told["rebuilt_loss"])
            return total

        learning = [self.generator, *([self.style_encoder] if weight else [])]
        told["generator_loss"] = minimize(*learning, loss=cost)
        return told | {name: mean_probability(logits) for name, logits in judged.items()}

    def _others(self, said: Tensor) -> Tensor:
        """For each text another of the batch, int32 (batch,): the next, or for every second one the most alike."""
        following = (tf.range(self.options.batch_size) + 1) % self.options.batch_size
        if self.options.negatives == "any":
            return following
        likeness = tf.matmul(said, said, transpose_b=True) / self.text_size
        likeness = tf.where(likeness < SAME, likeness, -1.0)  # its own, and those that say the same, are not wrong
        return tf.where(following % 2 == 0, tf.argmax(likeness, axis=1, output_type=tf.int32), following)

    def style_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equation 6: the z of generated images, by the mean squared error."""
        z, said = self.noise(), self.read(self._drawn(next(batches)["caption"]))
        image = self.decode(z, said)
        return {
            "style_loss": minimize(
                self.style_encoder, loss=lambda: tf.reduce_mean((self.style_encoder(image) - z) ** 2)
            )
        }

    def _turned(self, image: Tensor) -> Tensor:
        """With --mirror every second one, on the average, mirrored."""
        if not self.options.mirror:
            return image
        is_turned = self.random.uniform([self.options.batch_size, 1, 1, 1]) < 0.5
        return tf.where(is_turned, tf.reverse(image, [2]), image)

    def _drawn(self, captions: Tensor) -> Tensor:
        """One of each picture's captions, int32 (batch, longest of these)."""
        number = self.random.uniform([tf.shape(captions)[0]], 0, tf.shape(captions)[1], tf.int32)
        rows = tf.gather(captions, number, axis=1, batch_dims=1)
        if self.options.text_encoder == "letters":  # their mean is over all places
            return rows
        return rows[:, : tf.reduce_max(tf.math.count_nonzero(rows, axis=1))]

    def text_rows(self, texts: list[str]) -> np.ndarray:
        """int32 (texts, longest)."""
        is_of_letters = self.options.text_encoder == "letters"
        return self.vocabulary.rows(texts, self.options.max_words * (LETTERS if is_of_letters else 1))

    def read(self, rows: Tensor) -> Tensor:
        """What the texts say, float32 (batch, text_size), of a mean square of 1."""
        said = self.reader.infer(rows)
        return said * tf.math.rsqrt(tf.reduce_mean(said**2, axis=1, keepdims=True) + 1e-8)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors and texts, as `read` gives them."""
        return self.generator.infer(z, condition)

    def style(self, images: Tensor) -> Tensor:
        """The z that images would be made from. Raises: OptionError before that was learned."""
        if not int(self.style_encoder.optimizer.iterations):
            raise OptionError(
                "the encoder of style has learned nothing yet: train to the end, with --style-steps above 0"
            )
        return self.style_encoder.infer(images)

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """8, 16, 32, …: the next power of two."""
        return max(8, 2 ** round(np.ceil(np.log2(side))))
