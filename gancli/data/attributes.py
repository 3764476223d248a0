"""Attributes: what is and is not in a picture, from the list that comes with CelebA (Liu et al. 2015, 1411.7766).

Two layouts are read. The authors' `list_attr_celeba.txt`: a line with the number of pictures, one with the names, then
a line for each picture, its file name and 1 or -1 for each attribute. And the table of the same with commas,
`list_attr_celeba.csv`, whose first line is `image_id` and the names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

import numpy as np

from gancli.data.pictures import Entries, Entry
from gancli.errors import DataError

VALUES = {"1": 1, "0": 0, "-1": 0}


def of_pictures(found: Entries) -> tuple[np.ndarray, tuple[str, ...]]:
    """The attributes of pictures, by the last part of their names, from the first list, which may hold more.

    Returns: uint8 (pictures, attributes), 1 where the attribute is there; and the attributes' names.
    Raises: DataError for a list that is cut short or of another form, or that lacks a picture.
    """
    listed = found.lists[0]
    names, rows = read(listed)
    files = [PurePosixPath(entry.name).name for entry in found.pictures]
    absent = [file for file in files if file not in rows]
    if absent:
        more = f" and {len(absent) - 1:,} more" if absent[1:] else ""
        raise DataError(f"{listed.name} has no line for {absent[0]}{more}")
    return np.stack([rows[file] for file in files]), names


def read(listed: Entry) -> tuple[tuple[str, ...], Mapping[str, np.ndarray]]:
    """The attributes' names, and by each picture's file name uint8 (attributes,). Raises: DataError."""
    text = listed.read().decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    has_commas = listed.name.endswith(".csv")
    header, body, claimed = (lines[:1], lines[1:], None) if has_commas else (lines[1:2], lines[2:], lines[:1])
    names = tuple(_cells(header[0])[1 if has_commas else 0 :]) if header else ()
    if not names or len(set(names)) < len(names):
        raise DataError(f"{listed.name}: expected a line of the attributes' names, each once")
    if claimed and claimed[0].strip() != str(len(body)):
        raise DataError(
            f"{listed.name} says that it lists {claimed[0].strip()[:20]} pictures and lists {len(body):,}: it was cut"
        )
    return names, dict(_row(line, len(names), listed.name) for line in body)


def _cells(line: str) -> list[str]:
    return re.split(r"[\s,]+", line.strip())


def _row(line: str, count: int, where: str) -> tuple[str, np.ndarray]:
    file, *values = _cells(line)
    if len(values) != count or not VALUES.keys() >= set(values):
        raise DataError(f"{where}: the line of {file[:40]}: expected {count} values, each 1 or -1")
    return file, np.array([VALUES[value] for value in values], np.uint8)


def as_attributes(values: np.ndarray, count: int, names: Sequence[str], *, name: str) -> np.ndarray:
    """Attributes as uint8 (count, attributes) of 0 and 1, from those or from -1 and 1.

    Raises: DataError if they are of another form, or not as many as there are names.
    """
    values = np.asarray(values)
    if values.shape != (count, len(names)):
        raise DataError(f"{name}: attributes of shape {values.shape} for {count} images and {len(names)} names")
    if values.dtype.kind not in "biuf" or not np.isin(values, (-1, 0, 1)).all():
        raise DataError(f"{name}: attributes must be 1 where they are there, and 0 or -1 where not")
    return (values > 0).astype(np.uint8)
