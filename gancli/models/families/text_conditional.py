"""Base of text-to-image models: captions, and a text encoder that is trained first or pretrained."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.data.texts.tokenization import Alphabet, Vocabulary
from gancli.models import exports
from gancli.models.base import Batches
from gancli.models.capabilities import Decoder, TextEncoder
from gancli.models.families.latent import LatentModel
from gancli.models.input_pipeline import InputPipeline
from gancli.models.metric_names import SHARED, Metric
from gancli.models.pretrained import StartsFromPretrained
from gancli.nn.architectures import text_conditional, text_encoders
from gancli.nn.losses import joint_embedding_hinge_loss
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.data import DataFacts, Dataset
    from gancli.models.config import TrainingConfig

PRETRAINED = {  # forms of skip-thoughts, and the reading directions of their parts
    "skip-uni": (("forwards",),),
    "skip-bi": (("forwards", "backwards"),),
    "skip-combine": (("forwards",), ("forwards", "backwards")),
}
LETTERS, LETTERS_SHARE = 5, 0.25  # letters per word; share of the authors' feature maps
EMBEDDING_RATE = 1e-3  # learning rate outside the GAN stage
SAME = 0.999  # similarity of two texts that say the same
WHITENED_BY = 4096  # captions whose vectors determine the whitening


class CaptionedImages(InputPipeline):
    """Images and all of their captions."""

    def columns_to_load(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images, and captions as rows int32 (count, captions, max_words); fewer captions of an image are repeated."""
        captions = dataset.train["caption"]
        counts = (captions != "").sum(axis=1)
        repeated = np.take_along_axis(captions, np.arange(captions.shape[1]) % counts[:, None], axis=1)
        rows = self.model.text_rows(repeated.ravel()).reshape(*captions.shape, -1)
        return {"image": dataset.train["image"], "caption": rows}


def _reader(model: TextConditionalModel, stock: exports.Stock) -> keras.Model:
    """The text encoder, with vectors of mean square 1."""
    return exports.followed(stock("reader"), keras.layers.RMSNormalization(epsilon=1e-8, name="normalized"))


class TextConditionalModel(LatentModel, Decoder, TextEncoder, StartsFromPretrained):
    """A model of images and captions with a text encoder, the network `reader`."""

    columns = ("image", "caption")
    inference_networks = exports.decoder() | exports.text_encoder("reader", _reader)
    Pipeline = CaptionedImages
    metrics = SHARED | {
        "text_loss": Metric("text", "loss of the text encoder"),
        "style_loss": Metric("style", "loss of the style encoder"),
        "rebuilt_loss": Metric("rebuilt", "distance of images rebuilt from their style"),
    }
    reader: Network
    viewer: Network

    @dataclass(frozen=True)
    class Options(LatentModel.Options):
        """Adds the text encoder."""

        text_encoder: str = option("words", "text encoder: words, letters, or the folder of a skip-thoughts run")
        text_units: int = option(
            128,
            "text encoder size (words: recurrent units per direction; letters: size of a text vector)",
            low=1,
            high=4096,
        )
        word_size: int = option(64, "size of a word embedding", low=1, high=4096)
        max_words: int = option(40, "maximum text length in words (letters: five times as many)", low=1, high=1000)
        text_steps: int = option(2000, "training steps of the text encoder, before the GAN", low=1)
        mirror: bool = option(False, "mirror half of the images (not if texts distinguish left and right)")

    @functools.cached_property
    def vocabulary(self) -> Alphabet | Vocabulary:
        """The tokenizer: of letters, or of the words of the training captions."""
        return Alphabet() if self.options.text_encoder == "letters" else Vocabulary(self.data.words)

    def text_networks(self, data: DataFacts) -> dict[str, Network]:
        """The text encoder."""
        reader = text_encoders.whitening(self._text_encoder())
        self.text_size = reader.output.shape[-1]
        return {"reader": Network(reader, self.embedding_adam())}

    def image_encoder(self, data: DataFacts, **sizes: int | None) -> dict[str, Network]:
        """The image encoder that texts are matched with, if the text encoder is trained here."""
        if not self.trains_text_encoder():
            return {}
        viewer = text_conditional.encoder(data.shape, self.text_size, name="viewer", **sizes)
        return {"viewer": Network(viewer, self.embedding_adam())}

    def _text_encoder(self) -> keras.Model:
        chosen, size = self.options, self.vocabulary.size
        if chosen.text_encoder == "letters":
            return text_encoders.of_letters(size, units=2 * chosen.text_units, share=LETTERS_SHARE)
        words = functools.partial(text_encoders.of_words, size, word_size=chosen.word_size)
        if self.trains_text_encoder():
            return words(units=chosen.text_units)
        return text_encoders.both(
            [
                words(units=chosen.text_units // len(ways), ways=ways, name=f"part_{number}")
                for number, ways in enumerate(PRETRAINED[chosen.text_encoder])
            ]
        )

    def trains_text_encoder(self) -> bool:
        """Whether the text encoder is trained here, not pretrained."""
        return self.options.text_encoder not in PRETRAINED

    def embedding_adam(self) -> keras.optimizers.Optimizer:
        """A new optimizer for networks that are trained outside the GAN stage."""
        return adam(EMBEDDING_RATE, beta1=0.9)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if chosen.text_encoder == "letters" and chosen.max_words * LETTERS < text_encoders.LEAST_LETTERS:
            raise OptionError(f"--max-words {chosen.max_words}: too few for a text encoder of letters, use 2 or more")

    @classmethod
    def pretrained_sources(cls, chosen: Options) -> dict[str, str]:
        """The skip-thoughts run that --text-encoder names, if any."""
        return {} if chosen.text_encoder in ("words", "letters") else {"run": chosen.text_encoder}

    @classmethod
    def options_from_pretrained(
        cls, config: TrainingConfig, chosen: Options, facts: DataFacts, sources: Mapping[str, Any]
    ) -> tuple[Options, DataFacts]:
        """Sizes and vocabulary of the skip-thoughts run. Raises: OptionError for a run of another model."""
        source = sources["run"]
        if source.name() != "skip-thoughts":
            raise OptionError(f"--text-encoder {chosen.text_encoder}: a run of {source.name()}, not of skip-thoughts")
        sizes = source.options
        same = {"text_encoder": f"skip-{sizes.form}", "text_units": sizes.units}
        same |= {"word_size": sizes.word_size, "max_words": sizes.max_words}
        return replace(chosen, **same), replace(facts, words=source.vocabulary.words)

    def load_pretrained(self, sources: Mapping[str, Any]) -> None:
        """Copy the weights of the skip-thoughts encoder."""
        encoders = [network for name, network in sources["run"].networks.items() if name.endswith("_encoder")]
        copied = [weight for one in encoders for weight in one.model.get_weights()]
        self.reader.model.set_weights(copied + self.reader.model.get_weights()[len(copied) :])
        self.reader.reset_ema()

    def on_stage_start(self, number: int, dataset: Dataset) -> None:
        """Before the GAN stage: whiten the text vectors, so that small differences count."""
        if self.stages()[number].name == "train":
            rows = self.pipeline.training_rows(dataset)
            some = rows[np.linspace(0, len(rows) - 1, min(len(rows), WHITENED_BY)).astype(int)]
            text_encoders.whiten(self.reader.inference_model, self.text_rows(dataset.train["caption"][some, 0]))
            self.reader.model.set_weights(self.reader.inference_model.get_weights())

    def text_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step on the joint embedding of texts and images."""
        batch = next(batches)
        image, rows = self.mirrored(batch["image"]), self.sample_captions(batch["caption"])

        def loss() -> Tensor:
            return joint_embedding_hinge_loss(self.viewer(image), self.reader(rows))

        return {"text_loss": minimize(self.viewer, self.reader, loss=loss)}

    def mirrored(self, image: Tensor) -> Tensor:
        """With --mirror a random half of the images mirrored."""
        if not self.options.mirror:
            return image
        is_mirrored = self.random.uniform([self.options.batch_size, 1, 1, 1]) < 0.5
        return tf.where(is_mirrored, tf.reverse(image, [2]), image)

    def sample_captions(self, captions: Tensor) -> Tensor:
        """One of each image's captions, int32 (batch, longest of these)."""
        number = self.random.uniform([tf.shape(captions)[0]], 0, tf.shape(captions)[1], tf.int32)
        rows = tf.gather(captions, number, axis=1, batch_dims=1)
        if self.options.text_encoder == "letters":  # whose vector is a mean over all positions
            return rows
        return rows[:, : tf.reduce_max(tf.math.count_nonzero(rows, axis=1))]

    def text_rows(self, texts: list[str]) -> np.ndarray:
        """Token numbers, int32 (texts, longest), padded with 0; longer texts are cut."""
        is_of_letters = self.options.text_encoder == "letters"
        return self.vocabulary.rows(texts, self.options.max_words * (LETTERS if is_of_letters else 1))

    def read(self, rows: Tensor) -> Tensor:
        """Text vectors float32 (batch, text_size) with a mean square of 1."""
        vectors = self.reader.infer(rows)
        return vectors * tf.math.rsqrt(tf.reduce_mean(vectors**2, axis=1, keepdims=True) + 1e-8)


def other_texts(text: Tensor, kind: str) -> Tensor:
    """For each text another of the batch, int32 (batch,): the next, or for every second one the most similar.

    text: float32 (batch, text_size) of mean square 1. kind: "any", or "near" for the most similar.
    """
    count, size = tf.shape(text)[0], text.shape[1]
    following = (tf.range(count) + 1) % count
    if kind == "any":
        return following
    similarity = tf.matmul(text, text, transpose_b=True) / size
    similarity = tf.where(similarity < SAME, similarity, -1.0)  # neither itself nor texts that say the same
    return tf.where(following % 2 == 0, tf.argmax(similarity, axis=1, output_type=tf.int32), following)
