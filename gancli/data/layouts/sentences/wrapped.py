"""A text whose paragraphs are wrapped lines, such as a book of Project Gutenberg."""

from __future__ import annotations

from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import sentences
from gancli.data.texts import paragraphs

NAME = "a text of wrapped lines, such as a book of Project Gutenberg"
EXAMPLE = "pg1342.txt, wrapped at 70 characters, with an empty line between paragraphs"
BECOMES = "sentences, split at their punctuation; Gutenberg's header and license are left out"
ORDER = 50


def recognize(entries: SourceFiles) -> DataSource | None:
    """The sentences of a wrapped text; None for other texts. Raises: DataError."""
    if entries.kind != "file" or not sentences.accepts(entries.path.name):
        return None
    lines = sentences.beginning(entries.files[0])
    if not paragraphs.is_wrapped(paragraphs.without_license(lines)):
        return None
    return sentences.source_of(entries.path, NAME, entries.files, paragraphs.as_sentences)
