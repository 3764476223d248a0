"""Texts as input of a trained model: their words checked, and images sampled for them."""

from __future__ import annotations

import contextlib
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np, tf
from gancli.core.errors import OptionError
from gancli.data.texts import tokenization
from gancli.imaging import images, plots
from gancli.inference.sample_stream import SampleOrder, SampleStream
from gancli.models.capabilities import SentencePredictor, StyleEncoder, TextEncoder

if TYPE_CHECKING:
    from gancli.data import Remark
    from gancli.inference.sampling import Sampler
    from gancli.inference.trained_model import TrainedModel
    from gancli.nn.latents import Seeds

LINE_LENGTH = 24  # of a text next to a row of images
MAX_COLUMNS = 64  # images per text in a picture
WORDS_LISTED = 8


def learn_words(model: TextEncoder, path: Path, remarks: Callable[[Iterable[Remark]], None]) -> int:
    """Extend a model's vocabulary by a file of word vectors. Returns: words added. Raises: DataError, OptionError."""
    from gancli.data.texts import word_vectors

    need_predictor(model)
    return model.learn_words(*word_vectors.read(path, tell=remarks))


def need_predictor(model: TextEncoder) -> None:
    """Raise OptionError for a model that cannot learn words."""
    if not isinstance(model, SentencePredictor):
        raise OptionError(f"--word-vectors: {model.name()} cannot use word vectors; skip-thoughts can")


def check_words(model: TextEncoder, texts: Sequence[str], note: Callable[[str], None]) -> None:
    """Report the words outside the vocabulary. Raises: OptionError for a text without any known word."""
    for text in texts:
        unknown = model.vocabulary.unknown(text)
        if len(unknown) == len(tokenization.words(text)):
            raise OptionError(
                f"the run knows no word of '{text[:60]}'; its training data contain, for example: {_example(model)}"
            )
        if unknown:
            listed = ", ".join(unknown[:WORDS_LISTED])
            listed += f" and {len(unknown) - WORDS_LISTED} more" if unknown[WORDS_LISTED:] else ""
            note(f"warning: words outside the run's vocabulary, encoded as unknown: {listed}")


def _example(model: TextEncoder) -> str:
    return f"'{model.data.captions[0]}'" if model.data.captions else ", ".join(model.data.words[:WORDS_LISTED])


def check_texts(trained: TrainedModel, texts: Sequence[str]) -> None:
    """Raise OptionError for a model without texts, or a text without any word that it knows."""
    if not trained.takes_texts:
        raise OptionError(f"--text: {trained.outline.name()} takes no text; train one that does: --model gan-cls")
    check_words(trained.outline, texts, trained.reporting.note)


def need_style(trained: TrainedModel) -> None:
    """Raise OptionError for a model without style encoder."""
    if not isinstance(trained.outline, StyleEncoder):
        raise OptionError(f"--style-of: {trained.outline.name()} cannot: {StyleEncoder.missing_message}")


@contextlib.contextmanager
def using(sampler: Sampler, texts: Sequence[str]) -> Iterator[None]:
    """Inside, these texts are the conditions of a sampler; afterwards those from before."""
    before = sampler.texts, sampler.conditions
    sampler.set_texts(texts)
    try:
        yield
    finally:
        sampler.texts, sampler.conditions = before


class TextSamples(NamedTuple):
    """Samples for several texts: one row per text, one column per seed or style image.

    seeds: those of the columns. styles: the style images, uint8 (columns, height, width, channels), or none of them.
    """

    texts: Sequence[str]
    seeds: Seeds
    styles: list[np.ndarray]
    images: SampleStream

    def figure(self) -> bytes:
        """The grid of images as a PNG file: each text at the left of its row, the style images above."""
        rows = [("style of", [("", image) for image in self.styles])] if self.styles else []
        pixels, count = self.images.load().pixels, len(self.seeds)
        for at, text in enumerate(self.texts):
            titles = [f"seed {number}" if not (at or self.styles) else "" for number in self.seeds]
            cells = list(zip(titles, pixels[at * count : (at + 1) * count], strict=True))
            rows.append(("\n".join(textwrap.wrap(text, LINE_LENGTH)), cells))
        return plots.rows_of_images(rows)


def sample_texts(trained: TrainedModel, texts: Sequence[str], seeds: Seeds, styles: list[np.ndarray]) -> TextSamples:
    """Sample every text with z of the seeds, or, if there are style images, with z of their styles.

    styles: uint8 (height, width, channels) each, as many as seeds, or none. Raises: OptionError.
    """
    order = SampleOrder.rows(seeds, len(texts))
    if not styles:
        return TextSamples(texts, seeds, styles, trained.sampler.draw(order))
    labels = np.arange(len(texts)).repeat(len(seeds))
    pixels = trained.sampler.decode(np.tile(style_codes(trained, np.stack(styles)), (len(texts), 1)), labels)
    samples = SampleStream.from_arrays(pixels, list(order), labels.astype(np.int32))
    return TextSamples(texts, seeds, styles, samples)


def style_codes(trained: TrainedModel, pixels: np.ndarray) -> np.ndarray:
    """z of the style of each image, float32 (images, z_size). Raises: OptionError for a model without style encoder."""
    need_style(trained)
    return np.asarray(trained.model.style(images.from_uint8(tf.constant(pixels))))
