"""Labels of pictures in a CSV or JSON-lines table, as those of Kaggle and of Hugging Face's imagefolder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.folders import label_words
from gancli.data.annotations.folders.split_names import parse, split_of
from gancli.data.annotations.listings import coverage, picture_tables
from gancli.data.annotations.listings.picture_names import NONE
from gancli.data.annotations.listings.picture_tables import PictureTable
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import tables
from gancli.data.picture_set import TRAIN, PictureSet
from gancli.data.remarks import Remark, guessed, left_out, some
from gancli.data.request import Request

NAME = "a table of labels (csv, jsonl)"
EXAMPLE = (
    "trainLabels.csv with id,label and train/1.png\n"
    "metadata.jsonl with file_name and label (also in train/, test/)\n"
    "train.csv with image,species and images/0.jpg"
)
BECOMES = "images with the labels of the table; test.csv, or a column `split`, says what is for testing"
ORDER = 40


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Labels, and splits, of all tables beside the pictures; None without such a table."""
    if "labels" in pictures.settled or not pictures.pictures:
        return None
    files = picture_tables.files_of(pictures)
    read, remarks = _read(files, pictures)
    if not read:
        return pictures.with_remarks(*remarks) if remarks else None
    found = pictures.with_remarks(*remarks).with_used([file for file in files if file.name in read])
    found = coverage.with_folder_splits(found)
    dropped = {file.name for file in pictures.pictures} - {file.name for file in found.pictures}
    rows = {file.name: row for row, file in enumerate(found.pictures)}

    def here(values: dict[int, str]) -> dict[int, str]:
        named = {pictures.pictures[row].name: value for row, value in values.items()}
        return {rows[name]: value for name, value in named.items() if name not in dropped}

    found = _with_splits(found, {name: here(_splits(table)) for name, table in read.items()})
    labels: dict[int, str] = {}
    try:
        for name, table in read.items():
            own: dict[int, str] = {}
            for row, label in _labels(table):
                _add(own, {row: label}, name)
            _add(labels, here(own), name)
        return _with_labels(found, labels, read) if labels else found
    except DataError as error:
        return found.with_columns(labels=None).with_remarks(left_out(f"labels left out: {error}", column="label"))


def _read(files: list[SourceFile], pictures: PictureSet) -> tuple[dict[str, PictureTable], list[Remark]]:
    """The tables with labels or splits by name, and remarks on those that cannot be used."""
    read, remarks = {}, []
    for file in files:
        try:
            kinds = picture_tables.kinds_of(file, pictures)
            says_split = parse(file.stem) is not None
            if "name" in kinds and (kinds.keys() & {"label", "split"} or "flags" in kinds or says_split):
                table = picture_tables.read(file, pictures, kinds)
                if "label" in kinds or "split" in kinds or says_split or table.has_one_hot:
                    read[file.name] = table
            elif not kinds.keys() & {"caption", "flags"}:
                remarks.append(left_out(f"{file.name} is not used: {_why_unused(file, kinds)}", matters=False))
        except DataError as error:
            remarks.append(picture_tables.unusable(error, "label", pictures))
    return read, remarks


def _why_unused(file: SourceFile, kinds: dict[str, list[int]]) -> str:
    """Why a table says nothing: it names no pictures, or its other columns are of no known kind."""
    if "name" not in kinds:
        return "its first lines name none of the pictures"
    header = tables.read(file, head=True).header
    known = ", ".join(("label", "class", "species", "caption", "text", "split"))
    return f"none of its columns {some(header)} is known, such as {known}, or holds only 0 and 1"


def _labels(table: PictureTable) -> Iterator[tuple[int, str]]:
    """The row and label of each picture that the table names. Raises: DataError for two that differ."""
    if "label" in table.kinds:
        return table.values("label")
    if "flags" not in table.kinds or not table.has_one_hot:
        return iter(())
    names = {at: table.table.header[at] for at in table.kinds["flags"]}
    lines = zip(table.pictures, table.table.rows, strict=True)
    return ((row, next(names[at] for at in names if float(line[at]) == 1)) for row, line in lines if row != NONE)


def _splits(table: PictureTable) -> dict[int, int]:
    """The split of each picture, by a column or by the table's own name."""
    if "split" in table.kinds:
        return {row: split for row, cell in table.values("split") if (split := split_of(cell)) is not None}
    said = parse(PurePosixPath(table.table.name).stem)
    return {row: said.split for row in table.pictures if row != NONE} if said else {}


def _with_splits(pictures: PictureSet, by_table: dict[str, dict[int, int]]) -> PictureSet:
    """With the splits that tables say, if folders say none."""
    if "tests" in pictures.settled:
        return pictures
    splits: dict[int, int] = {}
    for found in by_table.values():
        splits |= {row: split for row, split in found.items() if splits.get(row, TRAIN) == TRAIN}
    return coverage.with_tests(pictures, splits) if set(splits.values()) - {TRAIN} else pictures


def _add(labels: dict[int, str], found: dict[int, str], name: str) -> None:
    for row, label in found.items():
        if labels.setdefault(row, label) != label:
            raise DataError(f"{name} says {label} of a picture that another line, or table, calls {labels[row]}")


def _with_labels(pictures: PictureSet, labels: dict[int, str], read: dict[str, PictureTable]) -> PictureSet:
    """The pictures that have a label. Raises: DataError if too few have one, or labels are no classes."""
    labels = {row: label for row, label in labels.items() if label}
    where = ", ".join(read)
    trained = np.flatnonzero(pictures.splits == TRAIN)
    if len(trained) and not set(trained.tolist()) & labels.keys():
        return pictures.with_remarks(left_out(f"{where} names no picture to train on, its labels are not used"))
    is_all = any((said := parse(PurePosixPath(name).stem)) and said.split == TRAIN for name in read)
    found, values = coverage.covered(pictures, labels, where, is_all=is_all)
    if len(set(values)) < 2:
        raise DataError(f"{where} has only the label {values[0]}; classes need two or more")
    numbers, classes = label_words.number(values)
    remark = guessed(f"labels are those of {where}, not of folders", matters=False)
    return replace(found.with_columns(labels=numbers), classes=classes).with_remarks(remark)
