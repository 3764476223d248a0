"""Words before the numbers in names of files, such as cat.0.jpg and dog.0.jpg, as labels."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.data.annotations.folders.split_names import parse
from gancli.data.labels.class_names import natural_key

NAMED = re.compile(r"([^\W\d_][^\d]*?)[._ -]\(?\d{1,12}\)?")
LEAST = 2  # pictures of each word
_MADE = (  # by cameras and programs, or for a use
    "img image photo picture pic dsc dscn dscf pict pxl vid mvi screenshot scan frame sample render snapshot"
    " figure fig page tile crop patch file data output out result fake real input target source mask label "
    "seed step copy untitled hr lr depth normal left right front back rgb gray"
)
NO_CLASSES = frozenset(_MADE.split())


def word_of(name: str) -> str | None:
    """The word before the number in a file's name; None for a name of another form."""
    match = NAMED.fullmatch(PurePosixPath(name).stem)
    return match[1].rstrip("._ -") if match else None


def are_classes(words: Sequence[str | None]) -> bool:
    """Whether every file has a word, there are two or more, each several times, and none is of a camera or split."""
    counts = Counter(words)
    return (
        None not in counts
        and len(counts) > 1
        and min(counts.values()) >= LEAST
        and not any(_says_no_class(word) for word in counts)
    )


def number(words: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels, int32 (files,), and the classes in natural order."""
    classes = sorted(set(words), key=natural_key)
    numbers = {word: at for at, word in enumerate(classes)}
    return np.array([numbers[word] for word in words], np.int32), tuple(classes)


def _says_no_class(word: str) -> bool:
    pieces = re.split(r"[\W_]+", word.lower())
    return bool(NO_CLASSES.intersection(pieces)) or any(parse(piece) for piece in pieces)
