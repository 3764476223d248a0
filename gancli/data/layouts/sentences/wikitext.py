"""WikiText: articles whose paragraphs are lines, with headings between signs of equality."""

from __future__ import annotations

import re

from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import sentences
from gancli.data.texts import paragraphs

NAME = "WikiText's articles"
EXAMPLE = "wikitext-2/wiki.train.tokens\nwikitext-2/wiki.valid.tokens\nwikitext-2/wiki.test.tokens (also .raw, .txt)"
BECOMES = "sentences, split at their punctuation; headings are left out; names of files say the splits"
ORDER = 40
NAMES = re.compile(r"wiki\.(train|valid|test)\.(tokens|raw|txt)")


def recognize(entries: SourceFiles) -> DataSource | None:
    """The sentences of WikiText's files, or of a text with such headings. Raises: DataError."""
    found = [file for file in entries.files if NAMES.fullmatch(file.base)]
    if not found and entries.kind == "file" and sentences.accepts(entries.path.name):
        found = [file for file in entries.files if _has_headings(file)]
    if not found or entries.pictures:
        return None
    return sentences.source_of(entries.path, NAME, found, paragraphs.of_wikitext)


def _has_headings(file: SourceFile) -> bool:
    return paragraphs.is_wikitext(sentences.beginning(file))
