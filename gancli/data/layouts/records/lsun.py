"""LSUN as it is distributed: a folder of an LMDB file for each category and split, with pictures as values."""

from __future__ import annotations

import functools
import re
from pathlib import PurePosixPath

from gancli.core import files
from gancli.core.errors import DataError
from gancli.data.annotations.folders.split_names import part_in
from gancli.data.containers.source_files import MAX_FILE, SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import unpacking
from gancli.data.formats.unpacking import Bytes
from gancli.data.records import lmdb_file
from gancli.data.records.example_columns import MAGIC
from gancli.data.records.lmdb_file import Entry
from gancli.data.records.record_set import RecordPart, RecordSet
from gancli.data.remarks import Remark, guessed, left_out, some

NAME = "LMDB files of pictures, as of LSUN"
EXAMPLE = "bedroom_train_lmdb/data.mdb\nbedroom_val_lmdb/data.mdb"
BECOMES = "images; folders say the splits, and the categories if there are several"
ENDINGS = (".mdb", ".lmdb")
LOCK = "lock.mdb"
LEAST = 32  # bytes of a picture: smaller values are facts such as `length`
TRAIN = "train"


def recognize(entries: SourceFiles) -> DataSource | None:
    """The records of LMDB files without pictures beside them. Raises: DataError for a damaged file."""
    found = [file for file in entries.files if file.suffix in ENDINGS and file.base != LOCK]
    if not found or entries.pictures:
        return None
    if any(file.path is None for file in found):
        raise DataError(f"{entries.path} holds {found[0].name} in an archive: unpack it first")
    places = {file.name: _place(file, entries) for file in found}
    splits = {name: part_in(place) or TRAIN for name, place in places.items()}
    remarks: list[Remark] = []
    if TRAIN not in splits.values():
        remarks.append(guessed(f"no data to train on beside {some([*places.values()])}: all are used for training"))
        splits = dict.fromkeys(splits, TRAIN)
    categories = sorted({_category(place) for place in places.values()})
    parts = {}
    for part in (TRAIN, "validation", "test"):
        pictures, labels = [], []
        for file in (file for file in found if splits[file.name] == part):
            more = _pictures(file, places[file.name], remarks)
            pictures += more
            labels += [_category(places[file.name])] * len(more)
        if pictures:
            parts[part] = RecordPart(pictures, labels if len(categories) > 1 else ())
    used = (*found, *entries.named(LOCK))
    return RecordSet(parts, remarks=tuple(remarks), used=used).as_source(entries, NAME)


def _place(file: SourceFile, entries: SourceFiles) -> str:
    """The name that says category and split: that of the folder of data.mdb, else that of the file."""
    path = PurePosixPath(file.name)
    return (
        (path.parent.name or entries.path.name) if file.base == "data.mdb" and entries.kind == "folder" else path.stem
    )


def _category(place: str) -> str:
    words = [word for word in re.split(r"[_-]+", place) if word.lower() not in ("lmdb", "mdb")]
    return "_".join(word for word in words if part_in(word) is None) or place


def _pictures(file: SourceFile, place: str, remarks: list[Remark]) -> list[SourceFile]:
    files.need_regular(file.path)
    source = unpacking.open_bytes(file.path)
    found, facts = [], []
    for entry in lmdb_file.entries(source, str(file.path)):
        name = f"{place}/{entry.key.decode('utf-8', 'backslashreplace')}"
        if entry.size < LEAST:
            facts.append(name)
            continue
        if not found and not source.read(entry.offset, 4).startswith(MAGIC):
            raise DataError(f"{file.path} holds values that are no encoded pictures, as of {name}")
        found.append(SourceFile(name, functools.partial(_read, source, entry, name), entry.size))
    source.release()
    if facts:
        remarks.append(left_out(f"{len(facts):,} values too small for a picture: {some(facts)}", matters=False))
    return found


def _read(source: Bytes, entry: Entry, name: str) -> bytes:
    if entry.size > MAX_FILE:
        raise DataError(f"{name} has {entry.size / 1e6:,.0f} MB, more than {MAX_FILE / 1e6:,.0f} MB")
    try:
        content = source.read(entry.offset, entry.size)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror or error}") from error
    if len(content) < entry.size:
        raise DataError(f"{name} is cut short: the file has changed")
    return content
