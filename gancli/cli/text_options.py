"""The options of commands that take texts, and their words checked against a run's vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import output, path_types

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel


def option(text: str) -> Callable[[Callable], Callable]:
    """--text, once or several times, as `texts`."""
    return click.option("--text", "texts", multiple=True, metavar="TEXT", help=text)


word_vectors_option = click.option(
    "--word-vectors",
    type=path_types.INPUT,
    metavar="FILE",
    help="Text file of word2vec or GloVe vectors for words the run does not know.",
)


def check(texts: Sequence[str]) -> list[str]:
    """The texts without spaces around them. Raises: OptionError for a text without words."""
    from gancli.data.texts import tokenization

    return [tokenization.check(text) for text in texts]


def need_words(trained: TrainedModel, texts: Sequence[str], word_vectors: Path | None) -> None:
    """Extend a run's vocabulary by a file of word vectors, if one is given, and report words that it still lacks.

    Raises: DataError, OptionError for a file that does not fit; OptionError for a text without any known word.
    """
    from gancli.inference import text_conditions

    if word_vectors is None:
        text_conditions.check_words(trained.outline, texts, output.note)
        return
    text_conditions.need_predictor(trained.outline)
    learned = text_conditions.learn_words(trained.model, word_vectors, output.print_remarks)
    output.note(f"{learned:,} words learned from {word_vectors}")
    text_conditions.check_words(trained.model, texts, output.note)
