"""SNLI and MultiNLI: pairs of sentences in a table with tabs, or a JSON object a line."""

from __future__ import annotations

import json

from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import sentences
from gancli.data.remarks import guessed
from gancli.data.texts.paragraphs import Sentences

NAME = "SNLI's pairs of sentences"
EXAMPLE = "snli_1.0/snli_1.0_train.txt\nsnli_1.0/snli_1.0_dev.txt\nsnli_1.0/snli_1.0_test.txt (also .jsonl)"
BECOMES = "the two sentences of each pair, in order; names of files say the splits; parse trees are left out"
ORDER = 30
COLUMNS = ("sentence1", "sentence2")


def recognize(entries: SourceFiles) -> DataSource | None:
    """The pairs of the tables in a folder, archive or file. Raises: DataError for a damaged one."""
    found = [] if entries.pictures else [file for file in entries.files if _is_table(file)]
    if not found:
        return None
    tables = [file for file in found if file.suffix == ".txt"]
    both = {file.name.rpartition(".")[0] for file in tables}
    chosen = [*tables, *(file for file in found if file.suffix != ".txt" and file.name.rpartition(".")[0] not in both)]
    remark = guessed("sentence1 and sentence2 of each pair are read as consecutive sentences")
    return sentences.source_of(entries.path, NAME, chosen, _pairs, [remark])


def _is_table(file: SourceFile) -> bool:
    if file.suffix not in (".txt", ".jsonl"):
        return False
    first = next(iter(sentences.beginning(file)), "")
    if file.suffix == ".txt":
        return set(COLUMNS) <= set(first.split("\t"))
    return first.startswith("{") and all(f'"{name}"' in first for name in COLUMNS)


def _pairs(text: str) -> Sentences:
    lines = text.splitlines()
    found = []
    places = [lines[0].split("\t").index(name) for name in COLUMNS] if lines[0][:1] != "{" else []
    for number, line in enumerate(lines[1:] if places else lines, 2 if places else 1):
        if not line.strip():
            continue
        try:
            row = line.split("\t") if places else json.loads(line)
            pair = [row[key] for key in places or COLUMNS]
        except (ValueError, LookupError, TypeError, RecursionError) as error:
            raise DataError(f"line {number} holds no pair of sentences; expected {' and '.join(COLUMNS)}") from error
        found += [*(str(one).strip() for one in pair), ""]
    return Sentences(found)
