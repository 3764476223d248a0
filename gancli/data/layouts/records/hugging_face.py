"""Tables of the Hugging Face Hub: parquet, and what `datasets` saves and caches in Arrow's format."""

from __future__ import annotations

import functools
from collections.abc import Sequence

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.records import arrow_tables, shard_names, table_columns
from gancli.data.records.arrow_tables import Slot, Table
from gancli.data.records.record_set import RecordPart, RecordSet
from gancli.data.records.table_columns import Columns
from gancli.data.remarks import guessed, left_out, some

NAME = "tables of the Hugging Face Hub (parquet, saved arrow)"
EXAMPLE = "data/train-00000-of-00001.parquet\ntrain/data-00000-of-00001.arrow with dataset_info.json, state.json"
BECOMES = (
    "images with labels and their names, captions, attributes (columns of True and False), label maps, or partners "
    "(pairs of images); needs `pip install 'gancli[parquet]'`"
)
ENDINGS = (".parquet", ".arrow")
OWN = ("dataset_info.json", "dataset_infos.json", "state.json", "dataset_dict.json")
METADATA = "metadata.parquet"  # a table of the pictures beside it
FEW_PICTURES = 20  # beside tables: those of a page that describes the data set
RESULTS = ("cache-", "tmp")  # of map and filter, beside the data


def recognize(entries: SourceFiles) -> DataSource | None:
    """The tables of a folder or file, by part; None beside the pictures that they describe. Raises: DataError."""
    shards = [file for file in entries.files if file.suffix in ENDINGS]
    of_pictures = len(entries.pictures) > FEW_PICTURES or any(file.base == METADATA for file in shards)
    if not shards or (entries.pictures and of_pictures):
        return None
    if entries.kind == "archive" or any(file.path is None for file in shards):
        raise DataError(f"{entries.path} holds {shards[0].name} in an archive: unpack it first")
    results = [file for file in shards if file.base.startswith(RESULTS)]
    results = [] if len(results) == len(shards) else results
    shards = [file for file in shards if file not in results]
    remarks = [left_out(f"results of datasets.map: {some([file.name for file in results])}")] if results else []
    if entries.pictures:
        names = some([file.name for file in entries.pictures])
        remarks.append(left_out(f"pictures beside the tables are not read: {names}"))
    if {file.suffix for file in shards} == set(ENDINGS):
        raise DataError(f"{entries.path} holds both .parquet and .arrow files: give the folder of one kind")
    files = {file.name: file for file in shards}
    parts, more = shard_names.by_split(sorted(files))
    slot = Slot()
    tables = {
        part: [arrow_tables.open_table(files[name].path, name, slot) for name in names] for part, names in parts.items()
    }
    every = [table for found in tables.values() for table in found]
    columns = table_columns.choose(every)
    for table in [table for table in every if table.count][:1]:
        table.check_pictures(columns.image)  # paths instead of pictures are an error once, not for each of them
    remarks += [*more, *columns.remarks]
    open_ended = [table.name for table in every if not table.has_end]
    if open_ended:
        remarks.append(guessed(f"no end mark, may be cut short: {some(open_ended)}"))
    return RecordSet(
        {part: _part(found, columns) for part, found in tables.items()},
        columns.classes,
        columns.attributes,
        tuple(remarks),
        (*shards, *results, *entries.named(*OWN)),
    ).as_source(entries, NAME)


def _pictures(tables: Sequence[Table], column: str | None, end: str = "") -> list[SourceFile]:
    if column is None:
        return []
    return [
        SourceFile(f"{table.name}/{row}{end}", functools.partial(table.picture, column, row))
        for table in tables
        for row in range(table.count)
    ]


def _part(tables: Sequence[Table], columns: Columns) -> RecordPart:
    labels = [one for table in tables for one in table.values(columns.label)] if columns.label else []
    captions = [_texts(one) for table in tables for one in table.values(columns.caption)] if columns.caption else []
    attributes = None
    if columns.attributes:
        rows = [[bool(one) for table in tables for one in table.values(name)] for name in columns.attributes]
        attributes = np.array(rows, np.uint8).T
    maps, partners = _pictures(tables, columns.map, " (map)"), _pictures(tables, columns.partner, " (other)")
    return RecordPart(_pictures(tables, columns.image), labels, captions, attributes, maps, partners)


def _texts(value: object) -> list[str]:
    lines = value if isinstance(value, list) else [value]
    return [line.strip() for line in lines if isinstance(line, str) and line.strip()]
