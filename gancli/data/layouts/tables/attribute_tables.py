"""Attributes of pictures in a table whose columns hold only 0 and 1, or -1 and 1."""

from __future__ import annotations

from dataclasses import replace

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.listings import coverage, picture_tables
from gancli.data.annotations.listings.picture_names import NONE
from gancli.data.containers.source_files import SourceFile
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "a table of attributes (csv)"
EXAMPLE = "images/1.jpg\nattributes.csv with image,Smiling,Young and 1.jpg,1,-1"
BECOMES = "images with attributes of 0 and 1"
ORDER = 61


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """The attributes of the first table that has only such columns; None without one."""
    if "attributes" in pictures.settled or not pictures.pictures:
        return None
    remarks = []
    for file in picture_tables.files_of(pictures):
        if file.name in pictures.used:  # its columns are a label
            continue
        try:
            kinds = picture_tables.kinds_of(file, pictures)
            if "flags" in kinds:
                return _read(file, pictures, kinds).with_remarks(*remarks)
        except DataError as error:
            remarks.append(left_out(f"attributes left out: {file.name}: {error}", column="attributes"))
    return pictures.with_remarks(*remarks) if remarks else None


def _read(file: SourceFile, pictures: PictureSet, kinds: dict[str, list[int]]) -> PictureSet:
    table = picture_tables.read(file, pictures, kinds)
    names = tuple(table.table.header[at] for at in kinds["flags"])
    if len(set(names)) < len(names) or not all(names):
        raise DataError("expected a name for each column, each once")
    rows: dict[int, list[int]] = {}
    for row, line in zip(table.pictures, table.table.rows, strict=True):
        if row == NONE:
            continue
        cells = [line[at] for at in kinds["flags"]]
        if not all(map(picture_tables.is_flag, cells)):
            raise DataError(f"the line of {line[kinds['name'][0]][:40]}: expected values of 0 and 1, or -1 and 1")
        values = [int(float(cell) > 0) for cell in cells]
        if rows.setdefault(row, values) != values:
            raise DataError(f"two lines for {line[kinds['name'][0]][:40]} that differ")
    found, values = coverage.covered(pictures, rows, file.name)
    found = found.with_columns(attributes=np.array(values, np.uint8)).with_used([file])
    return replace(found, attributes=names)
