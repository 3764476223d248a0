"""Sentences in order from a `.txt` or `.txt.gz` file, one per line, with an empty line between texts.

Of each thousand the last hundred are for testing, so that the test split holds passages of the same books, and not
single sentences whose neighbors are in the training split.
"""

from __future__ import annotations

import codecs
import gzip
import zlib
from pathlib import Path

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.dataset import Dataset
from gancli.data.remarks import Remark, changed

LARGEST = 2_000_000_000  # bytes of text
PASSAGE, TEST_SHARE = 1000, 10  # sentences; the last tenth of them is for testing
LEAST = 100  # sentences


def accepts(path: Path) -> bool:
    """Whether the path is a `.txt` file, compressed or not."""
    return path.is_file() and path.name.lower().endswith((".txt", ".txt.gz"))


def load(path: Path) -> Dataset:
    """The sentences and their lines. Raises: DataError for a file that is damaged, too large, or too short."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a readable text file: {error}") from error
    if len(content) > LARGEST:
        raise DataError(f"{path} holds more than {LARGEST / 1e9:.0f} GB of text")
    text, remarks = decode_text(content, path)
    lines = [line.strip() for line in text.splitlines()]
    line_numbers = np.array([number for number, line in enumerate(lines) if line], np.int32)
    if len(line_numbers) < LEAST:
        raise DataError(f"{path} holds {len(line_numbers)} sentences, one a line; {LEAST} or more are needed")
    passage = min(PASSAGE, len(line_numbers))
    is_test = np.arange(len(line_numbers)) % passage >= passage - passage // TEST_SHARE
    parts = (line_numbers[~is_test], line_numbers[is_test])
    train, test = ({"sentence": np.array(lines, object)[rows], "line": rows} for rows in parts)
    if not all((np.diff(rows) == 1).any() for rows in parts):
        raise DataError(f"in {path} no sentence follows another: an empty line stands between texts, not sentences")
    name = path.name.removesuffix(path.suffix).removesuffix(".txt")
    return Dataset(name, train, test, source=str(path), remarks=remarks)


def decode_text(content: bytes, path: Path) -> tuple[str, tuple[Remark, ...]]:
    """A text in UTF-8, or in UTF-16 with a byte order mark, and a remark on invalid letters.

    Raises: DataError for anything but text.
    """
    encoding = "utf-16" if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig"
    text = content.decode(encoding, "replace")
    if "\0" in text:
        raise DataError(f"{path} holds zeros, and is not text in UTF-8")
    try:
        content.decode(encoding)
    except UnicodeError:
        count = sum("\ufffd" in line for line in text.splitlines())
        return text, (changed(f"{count:,} lines are not in UTF-8: letters that cannot be read became \ufffd"),)
    return text, ()
