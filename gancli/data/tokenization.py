"""Texts as numbers: words by a vocabulary, letters by an alphabet; rows of one length, filled up with zeros."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

from gancli.core.backend import np
from gancli.core.errors import OptionError

PAD, UNKNOWN, END = 0, 1, 2  # the numbers before those of words
SPECIAL = 3
MOST_WORDS = 20_000  # of a data set that are kept: Kiros et al. 2015's vocabulary
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789-,;.!?:'\"/\\|_@#$%^&*~`+=<>()[]{} \n"  # Zhang et al. 2015, section 2.2
WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*|[.,;:!?]")


def words(text: str) -> list[str]:
    """The words of a text in small letters, and its punctuation marks."""
    return WORD.findall(text.lower().replace("’", "'"))


def commonest(texts: Iterable[str], most: int = MOST_WORDS) -> tuple[str, ...]:
    """The words of texts, the commonest first; of equally common ones in the order of the alphabet."""
    counts = Counter(word for text in texts for word in words(text))
    ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(word for word, _ in ordered[:most])


class Tokenizer(Protocol):
    """Makes numbers of texts. Attributes: `size`, how many numbers there are."""

    size: int

    def unknown(self, text: str) -> list[str]:
        """The words of a text that are not known, in order."""

    def rows(self, texts: Sequence[str], longest: int) -> np.ndarray:
        """int32 (texts, longest); 0 beyond the end, and what is longer is cut."""


class Vocabulary:
    """Words as numbers: 0 no word, 1 an unknown one, 2 the end of a sentence, from 3 on the words that are known."""

    def __init__(self, known: Sequence[str]) -> None:
        self.words = tuple(known)
        self.size = SPECIAL + len(self.words)
        self._numbers = {word: SPECIAL + at for at, word in enumerate(self.words)}

    def rows(self, texts: Sequence[str], longest: int) -> np.ndarray:
        """int32 (texts, longest)."""
        return _filled([[self._numbers.get(word, UNKNOWN) for word in words(text)] for text in texts], longest)

    def unknown(self, text: str) -> list[str]:
        """The words of a text that are not known, in order."""
        return [word for word in words(text) if word not in self._numbers]


class Alphabet:
    """Letters as numbers, from 1 on; one that is not known is a space. Reed et al. 2016 take 201 of a text."""

    size = 1 + len(LETTERS)
    _numbers = {letter: 1 + at for at, letter in enumerate(LETTERS)}  # noqa: RUF012 (never changed)

    def unknown(self, text: str) -> list[str]:
        """None: a word that was never seen is spelled all the same."""
        return []

    def rows(self, texts: Sequence[str], longest: int) -> np.ndarray:
        """int32 (texts, longest)."""
        space = self._numbers[" "]
        return _filled([[self._numbers.get(letter, space) for letter in text.lower()] for text in texts], longest)


def check(text: str) -> str:
    """The text without spaces around it. Raises: OptionError if it holds no word."""
    if not words(text):
        raise OptionError(f"the text '{text.strip()[:40]}' holds no word")
    return text.strip()


def _filled(rows: list[list[int]], longest: int) -> np.ndarray:
    made = np.full((len(rows), longest), PAD, np.int32)
    for at, row in enumerate(rows):
        cut = row[:longest]
        made[at, : len(cut)] = cut
    return made
