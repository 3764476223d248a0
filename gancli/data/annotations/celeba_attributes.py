"""Attributes of images from the lists that come with CelebA (Liu et al. 2015, 1411.7766).

Two layouts are supported. The authors' `list_attr_celeba.txt`: a line with the number of images, one with the names,
then a line for each image, its file name and 1 or -1 for each attribute. And the same table with commas,
`list_attr_celeba.csv`, whose first line is `image_id` and the names.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.remarks import Remark, guessed, left_out, some

VALUES = {"1": 1, "0": 0, "-1": 0}


def attributes_of(
    pictures: Sequence[SourceFile], lists: Sequence[SourceFile]
) -> tuple[np.ndarray | None, tuple[str, ...], list[Remark]]:
    """The attributes of images from the first list, which may hold further images.

    Names are compared whole, else by their last part, else without suffixes, as when JPEGs became PNGs.
    Returns: uint8 (images, attributes), 1 for present; the attributes' names; and remarks. None and () if the list is
    cut short or malformed, lacks an image, or if a line is ambiguous.
    """
    file, *more = lists
    remarks = (
        [left_out(f"further lists of attributes beside {file.name}: {some([one.name for one in more])}")]
        if more
        else []
    )
    try:
        names, rows = parse(file)
        keys, by_stem = _match_names(pictures, rows, file.name)
    except DataError as error:
        return None, (), [*remarks, left_out(f"attributes left out: {error}", column="attributes")]
    if by_stem:
        remarks.append(guessed(f"{file.name} names {keys[0]}, taken for {pictures[0].name}, and all others so"))
    return np.stack([rows[key] for key in keys]), names, remarks


def parse(file: SourceFile) -> tuple[tuple[str, ...], Mapping[str, np.ndarray]]:
    """The attributes' names, and uint8 (attributes,) for each image's file name. Raises: DataError."""
    text = file.read().decode("utf-8-sig", "replace")
    lines = [line for line in text.splitlines() if line.strip()]
    has_commas = file.name.endswith(".csv")
    start = 1 if has_commas else 2
    header, body = lines[start - 1 : start], lines[start:]
    claimed = None if has_commas else lines[:1]
    names = tuple(_cells(header[0])[1 if has_commas else 0 :]) if header else ()
    if not names or len(set(names)) < len(names):
        raise DataError(f"{file.name}: expected a line of the attributes' names, each once")
    if claimed and claimed[0].strip() != str(len(body)):
        raise DataError(
            f"{file.name} claims {claimed[0].strip()[:20]} pictures and lists {len(body):,}: it was cut short"
        )
    rows: dict[str, np.ndarray] = {}
    for line in body:
        key, values = _row(line, len(names), file.name)
        if (first := rows.setdefault(key, values)) is not values and not np.array_equal(first, values):
            raise DataError(f"{file.name} has two lines for {key[:40]} that differ")
    return names, rows


def _match_names(files: Sequence[SourceFile], rows: Mapping[str, np.ndarray], name: str) -> tuple[list[str], bool]:
    """The name of each image in a list, and whether suffixes differ.

    Raises: DataError for an image without a line, or an ambiguous line.
    """
    place = PurePosixPath(name).parent
    pictures = [PurePosixPath(file.name) for file in files]
    forms = (
        [str(path.relative_to(place) if path.is_relative_to(place) else path) for path in pictures],
        [path.name for path in pictures],
        [path.stem for path in pictures],
    )
    listed = (list(rows), [PurePosixPath(key).name for key in rows], [PurePosixPath(key).stem for key in rows])
    for wanted, keys in zip(forms, listed, strict=True):
        by_form = dict(zip(keys, rows, strict=True))
        if by_form.keys() >= set(wanted):
            _check_unambiguous(wanted, keys, files, name)
            return [by_form[key] for key in wanted], wanted is forms[-1]
    absent = [last for last in forms[1] if last not in listed[1]]
    raise DataError(f"{name} has no line for {some(absent, 1)}")


def _check_unambiguous(wanted: Sequence[str], keys: Sequence[str], files: Sequence[SourceFile], name: str) -> None:
    """Raise DataError if a line could belong to several images, or an image to several lines."""
    of_pictures, of_lines = Counter(wanted), Counter(keys)
    for key in wanted:
        if max(of_pictures[key], of_lines[key]) > 1:
            alike = [file.name for file, other in zip(files, wanted, strict=True) if other == key]
            raise DataError(f"{name} names {key}, and it is not clear which line belongs to {some(alike)}")


def _cells(line: str) -> list[str]:
    """The cells of a line, separated by commas, semicolons or tabs, else by spaces, without quotes."""
    separator = next((sign for sign in ",;\t" if sign in line), None)
    if separator is None:
        return line.split()
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator, skipinitialspace=True))]
    except csv.Error as error:
        raise DataError(f"'{line[:40]}' is no line of cells: {error}") from error


def _row(line: str, count: int, where: str) -> tuple[str, np.ndarray]:
    name, *values = _cells(line)
    if len(values) != count or not VALUES.keys() >= set(values):
        raise DataError(f"{where}: the line of {name[:40]}: expected {count} values, each 1 or -1")
    return name, np.array([VALUES[value] for value in values], np.uint8)
