"""Sentences in order in a `.txt` or `.txt.gz` file, one per line, with an empty line between texts."""

from __future__ import annotations

from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import sentences

NAME = "a .txt or .txt.gz file of sentences in order"
EXAMPLE = "books.txt.gz, one sentence per line"
BECOMES = "sentences; of each thousand the last hundred are for testing"


def recognize(entries: SourceFiles) -> DataSource | None:
    """The sentences of a text file. Raises: DataError."""
    path = entries.path
    if entries.kind != "file" or not sentences.accepts(path):
        return None
    dataset = sentences.load(path)
    counts = {"train": len(dataset), "test": len(dataset.test["sentence"])}
    return DataSource(path, (NAME,), counts, tuple(dataset.train), lambda request: dataset, remarks=dataset.remarks)
