"""A folder or archive of texts without pictures: each is a book of its own."""

from __future__ import annotations

import re

from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import sentences
from gancli.data.remarks import left_out, some
from gancli.data.texts import paragraphs

NAME = "a folder of texts"
EXAMPLE = "books/emma.txt\nbooks/persuasion.txt"
BECOMES = "sentences, each file a text of its own; files or folders called train, valid and test are splits"
ORDER = 55
LEAST_LINES = 50  # of a text
ABOUT = re.compile(r"(readme|licen[cs]e|copying|changelog|requirements|notes?|about)\b", re.IGNORECASE)


def recognize(entries: SourceFiles) -> DataSource | None:
    """The sentences of all texts; None beside pictures, or if most files are no prose. Raises: DataError."""
    texts = [file for file in entries.files if sentences.accepts(file.name) and not ABOUT.match(file.base)]
    if entries.kind == "file" or entries.pictures or not texts:
        return None
    chosen = [file for file in texts if _is_prose(file)]
    if 2 * len(chosen) <= len(texts):
        return None
    names = {file.name for file in chosen}
    others = [file.name for file in entries.files if file.name not in names]
    remarks = [left_out(f"{len(others):,} files are no texts, left out: {some(others)}")] if others else []
    return sentences.source_of(entries.path, NAME, chosen, paragraphs.as_sentences, remarks)


def _is_prose(file: SourceFile) -> bool:
    lines = sentences.beginning(file)
    return sum(map(bool, map(str.strip, lines))) >= LEAST_LINES and paragraphs.is_prose(lines)
