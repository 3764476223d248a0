"""Pretrained word vectors from a text file, as word2vec and GloVe write them: a word and its numbers per line."""

from __future__ import annotations

import functools
import gzip
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO

from gancli.core import files
from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.remarks import Remark, left_out

LARGEST, LONGEST_LINE = 4_000_000_000, 1_000_000  # bytes of text


def _ignore(remarks: Sequence[Remark]) -> None:
    pass


def read(path: Path, *, tell: Callable[[Sequence[Remark]], None] = _ignore) -> tuple[list[str], np.ndarray]:
    """The words in lower case and their vectors, float32 (words, size); a first line of two numbers (word2vec's) is
    skipped.

    Of words that differ only by case the one in lower case is used, else the first, which is the most common. tell:
    receives a remark on the others. Raises: DataError for a file that cannot be read, or a malformed line.
    """
    rows: dict[str, np.ndarray] = {}
    lower: set[str] = set()  # words that are in lower case in the file
    count = 0
    try:
        with files.open_regular(path) as raw, _unpacked(raw, path) as file:
            for number, line in enumerate(iter(functools.partial(file.readline, LONGEST_LINE), b""), start=1):
                if len(line) == LONGEST_LINE:
                    raise DataError(f"{path}, line {number}: more than {LONGEST_LINE / 1e6:.0f} MB are no word vector")
                word, *values = line.decode("utf-8", "replace").rstrip().split(" ")
                if number == 1 and len(values) == 1:
                    continue
                row = np.array(values, np.float32)
                key = word.lower()
                count += 1
                if key not in rows or (word == key and key not in lower):
                    rows[key] = row
                lower |= {key} if word == key else set()
                if file.tell() > LARGEST:
                    raise DataError(f"{path} holds more than {LARGEST / 1e9:.0f} GB")
                size = len(next(iter(rows.values())))
                if len(row) != size or not size or not np.isfinite(row).all():
                    raise DataError(f"{path}, line {number}: expected a word and {size} numbers")
    except (OSError, EOFError, zlib.error, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"{path} is not a readable file of word vectors: {why}") from error
    if not rows:
        raise DataError(f"{path} holds no word vectors")
    if count > len(rows):
        tell([left_out(f"{count - len(rows):,} words of {path.name} differ from others only by case")])
    return list(rows), np.stack(list(rows.values()))


def _unpacked(raw: BinaryIO, path: Path) -> BinaryIO:
    return gzip.GzipFile(fileobj=raw) if path.suffix.lower() == ".gz" else raw
