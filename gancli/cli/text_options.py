"""The options of commands that take texts, and their words checked against a run's vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import output, path_types

if TYPE_CHECKING:
    from gancli.models.capabilities import TextEncoder


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
    from gancli.data import tokenization

    return [tokenization.check(text) for text in texts]


def learn_words(model: TextEncoder, path: Path | None) -> None:
    """Extend a model's vocabulary by a file of word vectors, if one is given. Raises: DataError, OptionError."""
    from gancli.inference import text_conditions

    if path is not None:
        output.note(f"{text_conditions.learn_words(model, path, output.print_remarks):,} words learned from {path}")


def need_words(model: TextEncoder, texts: Sequence[str]) -> None:
    """Report words outside the vocabulary. Raises: OptionError for a text without any known word."""
    from gancli.inference import text_conditions

    text_conditions.check_words(model, texts, output.note)
