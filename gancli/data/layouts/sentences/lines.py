"""Sentences in order in a `.txt` or `.txt.gz` file, one per line, with an empty line between texts."""

from __future__ import annotations

from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import sentences
from gancli.data.texts import paragraphs

NAME = "a .txt or .txt.gz file of sentences in order"
EXAMPLE = "books.txt.gz, one sentence per line"
BECOMES = "sentences; of each thousand the last hundred are for testing"
ORDER = 60  # after texts of other forms


def recognize(entries: SourceFiles) -> DataSource | None:
    """The sentences of a text file. Raises: DataError."""
    if entries.kind != "file" or not sentences.accepts(entries.path.name):
        return None
    return sentences.source_of(entries.path, NAME, entries.files, paragraphs.as_sentences)
