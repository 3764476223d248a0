"""Trained vectors of words from a text file, as word2vec and GloVe write them: a word and its numbers a line."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from gancli.errors import DataError

LARGEST = 4_000_000_000  # bytes of text


def read(path: Path) -> tuple[list[str], np.ndarray]:
    """The words and their vectors, float32 (words, size); a first line of two numbers (word2vec's) is passed over.

    Raises: DataError for a file that cannot be read, or a line of another form.
    """
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    words, rows = [], []
    try:
        with opened(path, "rt", encoding="utf-8", errors="replace") as file:
            for number, line in enumerate(file, start=1):
                word, *values = line.rstrip().split(" ")
                if number == 1 and len(values) == 1:
                    continue
                words.append(word.lower())
                rows.append(np.array(values, np.float32))
                if file.buffer.tell() > LARGEST:
                    raise DataError(f"{path} holds more than {LARGEST / 1e9:.0f} GB")
                if len(rows[-1]) != len(rows[0]) or not len(rows[0]) or not np.isfinite(rows[-1]).all():
                    raise DataError(f"{path}, line {number}: expected a word and {len(rows[0])} numbers")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        raise DataError(f"{path} is not a readable file of word vectors: {error}") from error
    if not rows:
        raise DataError(f"{path} holds no word vectors")
    return words, np.stack(rows)
