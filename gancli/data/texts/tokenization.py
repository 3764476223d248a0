"""Texts as numbers: words by a vocabulary, letters by an alphabet, padded with zeros to rows of one length."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from gancli.core.backend import np
from gancli.core.errors import OptionError

# Tokens before the numbers of words.
PAD = 0
UNKNOWN = 1
END = 2
SPECIAL = 3
MOST_WORDS = 20_000  # of a data set: the vocabulary of Kiros et al. 2015
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+=<>()[]{} \n"  # Zhang et al. 2015, section 2.2
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.,;:!?]")


def words(text: str) -> list[str]:
    """The words of a text in lower case, and its punctuation marks."""
    return WORD.findall(text.lower().replace("’", "'"))


def most_common(texts: Iterable[str], most: int = MOST_WORDS) -> tuple[str, ...]:
    """The words of texts, the most common first; words of equal frequency in alphabetical order."""
    counts = Counter(word for text in texts for word in words(text))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(word for word, _ in ordered[:most])


class Tokenizer(Protocol):
    """Turns texts into numbers. Attributes: `size`, the number of tokens."""

    size: int

    def unknown(self, text: str) -> list[str]:
        """The unknown words of a text, in order."""

    def rows(self, texts: Sequence[str], longest: int) -> np.ndarray:
        """int32 (texts, longest), padded with 0; longer texts are cut."""


class Vocabulary:
    """Words as numbers: 0 padding, 1 an unknown word, 2 the end of a sentence, from 3 on the known words."""

    def __init__(self, known: Sequence[str]) -> None:
        self.words = tuple(known)
        self.size = SPECIAL + len(self.words)
        self._numbers = {word: SPECIAL + at for at, word in enumerate(self.words)}

    def rows(self, texts: Sequence[str], longest: int) -> np.ndarray:
        """Words as numbers, int32 (texts, longest), padded with 0; longer texts are cut."""
        return _pad([[self._numbers.get(word, UNKNOWN) for word in words(text)] for text in texts], longest)

    def unknown(self, text: str) -> list[str]:
        """The unknown words of a text, in order."""
        return [word for word in words(text) if word not in self._numbers]


class Alphabet:
    """Letters as numbers, from 1 on; an unknown letter is a space. Reed et al. 2016 use 201 of a text."""

    size = 1 + len(LETTERS)
    _numbers = {letter: 1 + at for at, letter in enumerate(LETTERS)}  # noqa: RUF012 (constant)

    def unknown(self, text: str) -> list[str]:
        """An empty list, as every word can be spelled."""
        return []

    def rows(self, texts: Sequence[str], longest: int) -> np.ndarray:
        """Letters as numbers, int32 (texts, longest), padded with 0; longer texts are cut."""
        space = self._numbers[" "]
        return _pad([[self._numbers.get(letter, space) for letter in text.lower()] for text in texts], longest)


def check(text: str) -> str:
    """The text without surrounding spaces. Raises: OptionError if it holds no word."""
    if not words(text):
        raise OptionError(f"the text '{text.strip()[:40]}' holds no word")
    return text.strip()


def _pad(rows: list[list[int]], longest: int) -> np.ndarray:
    padded = np.full((len(rows), longest), PAD, np.int32)
    for at, row in enumerate(rows):
        cut = row[:longest]
        padded[at, : len(cut)] = cut
    return padded
