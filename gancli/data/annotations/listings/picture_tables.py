"""Tables beside pictures (CSV, JSON lines): the column of names, and those of labels, captions, splits and attributes.

Read are the columns that Hugging Face's imagefolder, Kaggle's competitions and the sets on it have: file_name, image,
id; label, class, species; caption, text; split.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.data.annotations.folders.split_names import split_of
from gancli.data.annotations.listings.picture_names import NONE, PictureNames
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import tables
from gancli.data.formats.tables import Table
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import Remark, left_out

SUFFIXES = (".csv", ".tsv", ".jsonl", ".ndjson")
OWN = re.compile(r"list_(attr|eval|bbox|landmarks)\w*_celeba|list_eval_partition", re.IGNORECASE)  # other readers
_NAMES = (
    "file_name filename file image image_id imageid id img img_id img_name path filepath file_path image_path"
    " image_name imagename name id_code picture photo images fname uuid isic_id"
)
_LABELS = (
    "label labels class classes class_name classname class_id classid category species breed target diagnosis variety"
    " cultivar label_name label_id digit dx"
)
_CAPTIONS = "caption captions text description comment sentence prompt"
_SPLITS = "split set subset partition dataset"
NAMES, LABELS, CAPTIONS, SPLITS = (words.split() for words in (_NAMES, _LABELS, _CAPTIONS, _SPLITS))
FEWEST = 0.5  # part of the names of a table that must be pictures, if its header does not call them so


class PictureTable(NamedTuple):
    """A table with the row of the picture that each of its lines means, NONE for no picture.

    kinds: the columns by what they are: "name", "label", "caption", "split"; "flags": all others if they hold only 0,
    1 and -1.
    """

    table: Table
    pictures: list[int]
    kinds: dict[str, list[int]]

    def values(self, kind: str) -> Iterator[tuple[int, str]]:
        """The row of the picture and the cell of the only column of this kind, for lines that have a picture."""
        (at,) = self.kinds[kind]
        return ((row, line[at]) for row, line in zip(self.pictures, self.table.rows, strict=True) if row != NONE)

    @property
    def has_one_hot(self) -> bool:
        """Whether the flags of each line are a single 1 among zeros, which is a label."""
        columns = self.kinds["flags"]
        return len(columns) > 1 and all(
            sorted(float(line[at]) for at in columns) == [0.0] * (len(columns) - 1) + [1.0] for line in self.table.rows
        )


def files_of(pictures: PictureSet) -> list[SourceFile]:
    """The files that may be such tables, without those that other readers know and the forms of a competition."""
    found = [file for file in pictures.entries.others if file.suffix in SUFFIXES]
    return [file for file in found if not OWN.match(file.base) and "submission" not in file.base]


def kinds_of(file: SourceFile, pictures: PictureSet) -> dict[str, list[int]]:
    """The columns of a table by its first lines, {} if it does not name pictures. Raises: DataError."""
    head = _open(file, pictures, head=True)
    has_names = [at for at, name in enumerate(head.header) if folded(name) in NAMES]
    for at in [*has_names, *(at for at in range(min(1, len(head.header))) if at not in has_names)]:
        cells = head.column(at)
        try:
            matches = PictureNames(pictures.pictures, file.name).rows(cells)
        except DataError:
            return {"name": [at]} | _others(head, at)  # said when the whole is read
        count = sum(row != NONE for row in matches)
        if count and (at in has_names or count >= FEWEST * len(cells)):
            return {"name": [at]} | _others(head, at)
    return {}


def read(file: SourceFile, pictures: PictureSet, kinds: dict[str, list[int]]) -> PictureTable:
    """The whole table. Raises: DataError for damage, and for names that mean several pictures."""
    table = _open(file, pictures, head=False)
    return PictureTable(table, PictureNames(pictures.pictures, file.name).rows(table.column(kinds["name"][0])), kinds)


def unusable(error: DataError, column: str, pictures: PictureSet) -> Remark:
    """A remark on a table that cannot be used, for a column; it matters once."""
    text = f"not used: {error}"
    return left_out(text, column=column, matters=all(remark.text != text for remark in pictures.remarks))


def _open(file: SourceFile, pictures: PictureSet, *, head: bool) -> Table:
    """The table, without a header if its first line names a picture."""
    first = tables.read(file, head=True).header
    has_header = all(row == NONE for row in PictureNames(pictures.pictures, file.name).rows(first))
    return tables.read(file, has_header=has_header, head=head)


def folded(name: str) -> str:
    """The name of a column in lower case, words joined by _."""
    return re.sub(r"[\s.-]+", "_", name.strip().lower())


def _others(head: Table, name: int) -> dict[str, list[int]]:
    """The columns besides that of names, by what their names and first cells say."""
    header = [folded(one) for one in head.header]
    kinds: dict[str, list[int]] = {}
    for kind, words in (("label", LABELS), ("caption", CAPTIONS), ("split", SPLITS)):
        found = [header.index(word) for word in words if word in header and header.index(word) != name]
        if kind == "split":
            found = [at for at in found if all(split_of(cell) is not None for cell in head.column(at))]
        if found:
            kinds[kind] = found[:1]
    taken = {name, *(at for found in kinds.values() for at in found)}
    rest = [at for at in range(len(header)) if at not in taken and not _is_count(header[at])]
    flags = [at for at in rest if head.rows and all(is_flag(cell) for cell in head.column(at))]
    if len(flags) > 1 and len(flags) == len(rest):
        kinds["flags"] = flags
    elif not kinds and len(header) == 2 and rest and not _are_measures(head.column(rest[0])):
        kinds["label"] = rest
    return kinds


def _is_count(name: str) -> bool:
    """Whether a column numbers the lines, as pandas writes it."""
    return name in ("", "unnamed:_0", "index")


def is_flag(cell: str) -> bool:
    """Whether a cell says yes or no."""
    return cell in ("0", "1", "-1", "0.0", "1.0", "-1.0")


def _are_measures(cells: Sequence[str]) -> bool:
    """Whether cells are decimal fractions, or each is another, so that they are no labels."""
    return any(re.fullmatch(r"[+-]?\d*\.\d+(e[+-]?\d+)?", cell, re.IGNORECASE) for cell in cells) or (
        len(cells) > 3 and len(set(cells)) > 0.5 * len(cells)
    )


def stem(file: SourceFile) -> str:
    """The name of a table without folders and ending."""
    return file.stem
