"""Which columns of a CSV file are pixels, labels and splits; nothing for tables of anything else."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass

from gancli.core.errors import DataError
from gancli.data.array_files import axes
from gancli.data.array_files.csv_files import numbers
from gancli.data.array_files.key_words import LABELS
from gancli.data.containers.source_files import SourceFile

HEAD = 200_000  # bytes that decide
DELIMITERS = (",", ";", "\t")
PIXEL = re.compile(r"(pixel|pix|px|p|x|v|f|c|attr|feature)?[ _.-]?\d+(x\d+)?")
LABEL_NAMES = frozenset((*LABELS, "emotion", "character", "letter", "species", "type", "category"))
INDEX_NAMES = frozenset(("", "id", "index", "unnamed: 0"))
USAGE = "usage"  # FER2013's column of splits


@dataclass(frozen=True)
class CsvColumns:
    """The columns of a CSV file of pixels, by their places.

    pixels: where the first pixel is and how many there are; or for packed pixels, numbers separated by spaces in one
    cell, its place and their number. label, usage: places, None if there are none; others: names of columns that are
    not used. has_header: whether the first line names the columns. is_text: whether labels are texts.
    """

    delimiter: str
    count: int
    pixels: tuple[int, int]
    is_packed: bool
    label: int | None
    usage: int | None
    others: tuple[str, ...]
    has_header: bool
    is_text: bool


def of(file: SourceFile) -> CsvColumns | None:
    """The columns of a CSV file of pixels, None for any other. Raises: DataError for a damaged `.gz` file."""
    try:
        head = b"".join(itertools.islice(numbers.blocks(file, HEAD), 2))  # the last line may be a block of its own
    except DataError:
        if file.suffix == ".gz":
            raise
        return None
    try:
        lines = head.removeprefix(b"\xef\xbb\xbf").decode("ascii").split("\n")[:4]
    except UnicodeDecodeError:
        return None
    lines = [line for line in lines if line]
    if not lines:
        return None
    delimiter = max(DELIMITERS, key=lines[0].count)
    rows = [[cell.strip().strip('"') for cell in line.split(delimiter)] for line in lines]
    has_header = (not all(map(_is_number, rows[0])) and not _is_packed_row(rows[0])) or _counts(rows[0])
    names = [cell.lower() for cell in rows[0]] if has_header else [str(at) for at in range(len(rows[0]))]
    sample = rows[1] if has_header and len(rows) > 1 else rows[0]
    if len(sample) != len(names) or (has_header and len(rows) < 2):
        return None
    return _packed(names, sample, delimiter, has_header) or _wide(names, sample, delimiter, has_header)


def _is_packed_row(row: list[str]) -> bool:
    return any(_length(cell) for cell in row)


def _length(cell: str) -> int:
    """The number of pixels in a cell of numbers separated by spaces, 0 if they are no image."""
    numbers = cell.split(" ")
    is_image = len(numbers) > 1 and axes.side_of_row(len(numbers)) is not None
    return len(numbers) if is_image and all(map(_is_number, numbers)) else 0


def _packed(names: list[str], sample: list[str], delimiter: str, has_header: bool) -> CsvColumns | None:
    found = [at for at, cell in enumerate(sample) if _length(cell)]
    if len(found) != 1 or len(names) > 8:
        return None
    at = found[0]
    label = _label(names, sample, [at]) if has_header else (0 if at else None)
    usage = names.index(USAGE) if USAGE in names else None
    others = _others(names, {at, label, usage})
    is_text = label is not None and not _is_number(sample[label])
    length = _length(sample[at])
    return CsvColumns(delimiter, len(names), (at, length), True, label, usage, others, has_header, is_text)


def _wide(names: list[str], sample: list[str], delimiter: str, has_header: bool) -> CsvColumns | None:
    count = len(names)
    if has_header:
        label = _label(names, sample, [])
        indices = {at for at, name in enumerate(names) if name in INDEX_NAMES and at != label}
        rest = [at for at in range(count) if at != label and at not in indices]
        named = [at for at in rest if PIXEL.fullmatch(names[at])]
        rest = named if axes.side_of_row(len(named)) else rest
    else:
        label = None if axes.side_of_row(count) else 0
        rest = list(range(count)) if label is None else list(range(1, count))
    is_run = bool(rest) and rest == list(range(rest[0], rest[0] + len(rest)))
    if not is_run or axes.side_of_row(len(rest)) is None or not all(_is_number(sample[at]) for at in rest):
        return None
    is_text = label is not None and not _is_number(sample[label])
    used = {label, *rest}
    if any(not _is_number(sample[at]) for at in range(count) if at not in used):
        return None  # names of files or other texts: another kind of table
    if is_text and label not in (0, count - 1):
        return None
    others = _others(names, used)
    return CsvColumns(delimiter, count, (rest[0], len(rest)), False, label, None, others, has_header, is_text)


def _label(names: list[str], sample: list[str], taken: list[int]) -> int | None:
    """The column of labels by its name."""
    return next((at for at, name in enumerate(names) if name in LABEL_NAMES and at not in taken), None)


def _others(names: list[str], used: set[int | None]) -> tuple[str, ...]:
    return tuple(name or f"column {at + 1}" for at, name in enumerate(names) if at not in used)


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _counts(row: list[str]) -> bool:
    """Whether a row only counts its columns, as pandas names those of an array."""
    return len(row) > 2 and row in ([str(at) for at in range(len(row))], [str(at + 1) for at in range(len(row))])
