"""Which picture of a set a name in a table or list means: by its path, the end of its path, its name, or its stem."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import PurePosixPath
from typing import TypeAlias

from gancli.core.errors import DataError
from gancli.data.annotations.folders.split_names import parse, split_of
from gancli.data.containers.source_files import SUFFIXES, SourceFile
from gancli.data.remarks import some

Form: TypeAlias = Callable[[str], str]
NONE = -1  # the row of a name without a picture


def _path(name: str) -> str:
    text = name.replace("\\", "/").strip()
    while text.startswith("./"):
        text = text[2:]
    return text.lstrip("/")


def _base(name: str) -> str:
    return _path(name).rpartition("/")[2]


def _without_ending(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    return stem if stem and f"{dot}{ending.lower()}" in SUFFIXES else name


def _last_two(name: str) -> str:
    return "/".join(_path(name).split("/")[-2:])


class PictureNames:
    """The pictures of a set by the forms in which tables name them. folder: that of the table, for paths."""

    def __init__(self, pictures: Sequence[SourceFile], table: str) -> None:
        self.pictures, self.table = pictures, table
        self.folder = str(PurePosixPath(table).parent)

    def rows(self, names: Sequence[str]) -> list[int]:
        """The row of the picture that each name means, NONE for a name of no picture.

        The form is that by which most names have a picture, the strictest of several. Raises: DataError for a name that
        means several pictures.
        """
        best: tuple[int, list[list[int]]] = (0, [])
        for of_pictures, of_names in self._forms():
            by_form = defaultdict(list)
            for row, file in enumerate(self.pictures):
                by_form[of_pictures(file.name)].append(row)
            found = [by_form.get(of_names(name), []) for name in names]
            count = sum(map(bool, found))
            if count > best[0]:
                best = count, found
            if count == len(names):
                break
        if not best[0]:
            return [NONE] * len(names)
        return [self._one(rows, name) for rows, name in zip(best[1], names, strict=True)]

    def _forms(self) -> tuple[tuple[Form, Form], ...]:
        def below(name: str) -> str:
            return _path(name) if self.folder == "." else f"{self.folder}/{_path(name)}"

        return (
            (_path, below),
            (_path, _path),
            (_last_two, _last_two),
            (_base, _base),
            (lambda name: _without_ending(_last_two(name)), lambda name: _without_ending(_last_two(name))),
            (lambda name: _without_ending(_base(name)), lambda name: _without_ending(_base(name))),
        )

    def _one(self, rows: Sequence[int], name: str) -> int:
        """The only row, or that in the table's folder or in one of the split that the table's name says."""
        if len(rows) > 1:
            near = [row for row in rows if self.folder != "." and self._place(row).startswith(f"{self.folder}/")]
            said = parse(PurePosixPath(self.table).stem)
            alike = [row for row in rows if said and said.split in map(split_of, self._place(row).split("/"))]
            rows = near if len(near) == 1 else alike if len(alike) == 1 else rows
        if len(rows) > 1:
            names = some([self.pictures[row].name for row in rows])
            raise DataError(f"{self.table} names {name[:60]}, and it is not clear which of {names} it means")
        return rows[0] if rows else NONE

    def _place(self, row: int) -> str:
        return self.pictures[row].name
