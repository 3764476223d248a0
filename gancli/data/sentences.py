"""Sentences in order from a `.txt` or `.txt.gz` file, one a line; the last tenth is for testing."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from gancli.data.dataset import Dataset, Request
from gancli.errors import DataError

ACCEPTS = "a .txt or .txt.gz file of sentences in order, one a line"
LARGEST = 2_000_000_000  # bytes of text
TEST_SHARE = 10
LEAST = 100  # sentences


def accepts(path: Path) -> bool:
    """Whether the path is a `.txt` file, packed or not."""
    return path.is_file() and path.name.lower().endswith((".txt", ".txt.gz"))


def load(path: Path, request: Request) -> Dataset:
    """The sentences. Raises: DataError for a file that is damaged, too large, or holds too few."""
    opened = gzip.open if path.suffix.lower() == ".gz" else open
    try:
        with opened(path, "rb") as file:
            content = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} is not a readable text file: {error}") from error
    if len(content) > LARGEST:
        raise DataError(f"{path} holds more than {LARGEST / 1e9:.0f} GB of text")
    lines = [line.strip() for line in content.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if len(lines) < LEAST:
        raise DataError(f"{path} holds {len(lines)} sentences, one a line; {LEAST} or more are needed")
    sentences = np.array(lines, object)
    cut = len(sentences) - len(sentences) // TEST_SHARE
    name = path.name.removesuffix(path.suffix).removesuffix(".txt")
    return Dataset(name, {"sentence": sentences[:cut]}, {"sentence": sentences[cut:]}, source=str(path))
