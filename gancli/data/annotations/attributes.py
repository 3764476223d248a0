"""Attributes: what is and is not in a picture, from the list that comes with CelebA (Liu et al. 2015, 1411.7766).

Two layouts are read. The authors' `list_attr_celeba.txt`: a line with the number of pictures, one with the names, then
a line for each picture, its file name and 1 or -1 for each attribute. And the table of the same with commas,
`list_attr_celeba.csv`, whose first line is `image_id` and the names.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.formats.pictures import Entries, Entry
from gancli.data.remarks import Remark, guessed, left_out, some

VALUES = {"1": 1, "0": 0, "-1": 0}


def of_pictures(found: Entries) -> tuple[np.ndarray | None, tuple[str, ...], list[Remark]]:
    """The attributes of pictures from the first list, which may hold more.

    Names are compared whole, else by their last part, else without their endings, as where JPEGs became PNGs.
    Returns: uint8 (pictures, attributes), 1 where the attribute is there; the attributes' names; and what is to be
    said. None and () where the list is cut short or of another form, lacks a picture, or one line would be of several.
    """
    listed, *more = found.lists
    told = [left_out(f"lists of attributes beside {listed.name}: {some([one.name for one in more])}")] if more else []
    try:
        names, rows = read(listed)
        keys, by_stem = _keys_of(found, rows, listed.name)
    except DataError as error:
        return None, (), [*told, left_out(f"attributes left out: {error}", column="attributes")]
    if by_stem:
        told.append(guessed(f"{listed.name} names {keys[0]}, taken for {found.pictures[0].name}, and all others so"))
    return np.stack([rows[key] for key in keys]), names, told


def _keys_of(found: Entries, rows: Mapping[str, np.ndarray], name: str) -> tuple[list[str], bool]:
    """The name in a list of each picture, and whether endings differ.

    Raises: DataError for a picture without a line, or several with one.
    """
    place = PurePosixPath(name).parent
    pictures = [PurePosixPath(entry.name) for entry in found.pictures]
    forms = (
        [str(path.relative_to(place) if path.is_relative_to(place) else path) for path in pictures],
        [path.name for path in pictures],
        [path.stem for path in pictures],
    )
    listed = (list(rows), [PurePosixPath(key).name for key in rows], [PurePosixPath(key).stem for key in rows])
    for wanted, keys in zip(forms, listed, strict=True):
        by_form = dict(zip(keys, rows, strict=True))
        if by_form.keys() >= set(wanted):
            _need_each_once(wanted, keys, found, name)
            return [by_form[key] for key in wanted], wanted is forms[-1]
    absent = [file for file in forms[1] if file not in listed[1]]
    raise DataError(f"{name} has no line for {some(absent, 1)}")


def _need_each_once(wanted: Sequence[str], keys: Sequence[str], found: Entries, name: str) -> None:
    """Raise DataError where one line could be that of several pictures, or one picture could have several lines."""
    of_pictures, of_lines = Counter(wanted), Counter(keys)
    for key in wanted:
        if max(of_pictures[key], of_lines[key]) > 1:
            alike = [entry.name for entry, other in zip(found.pictures, wanted, strict=True) if other == key]
            raise DataError(f"{name} names {key}, and which line is that of {some(alike)} is not clear")


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
    rows: dict[str, np.ndarray] = {}
    for line in body:
        file, values = _row(line, len(names), listed.name)
        if (first := rows.setdefault(file, values)) is not values and not np.array_equal(first, values):
            raise DataError(f"{listed.name} has two lines for {file[:40]} that differ")
    return names, rows


def _cells(line: str) -> list[str]:
    """The cells of a line, parted by commas, or by spaces where there are none; quotes are taken away."""
    parting = next((sign for sign in ",;\t" if sign in line), None)
    if parting is None:
        return line.split()
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=parting, skipinitialspace=True))]
    except csv.Error as error:
        raise DataError(f"'{line[:40]}' is no line of cells: {error}") from error


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
