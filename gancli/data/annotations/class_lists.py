"""Lists of the classes of label maps: text files with one class per line, its name, number and color.

Supported are `classes.txt` and `label_colors.txt` (number, name, red, green, blue; number and color are optional),
`class_names.txt` and `labels.txt` (only names, as labelme writes them), and `labelmap.txt`
(`name:r,g,b:parts:actions`, as CVAT writes it), `class_dict.csv` (name, red, green, blue, under a line of these words)
and `codes.txt` (only names, as fastai's data sets have it).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.core.options import whole
from gancli.data.containers.source_files import SUFFIXES, SourceFile

LISTS = ("classes.txt", "label_colors.txt", "class_dict.csv")
OWN = len(LISTS)  # names that mean nothing else
LISTS += ("class_names.txt", "codes.txt", "labels.txt", "labelmap.txt")
NO_CLASS = ("unlabelled", "unlabeled", "void", "ignore", "ignored", "__ignore__")
TABLE_HEADS = ("name,r,g,b", "name,red,green,blue", "class,r,g,b")
BEFORE_FIRST = "__ignore__"  # labelme: the names after it count from 0
LARGEST = 65535  # number of a class: label maps have up to 16 bits
LARGEST_FILE = 1_000_000  # bytes
MOST_CLASSES = 255  # in a byte, beside "no label"


class ClassLine(NamedTuple):
    """One class of a list. number: None if the list gives none; color: red, green, blue, or None; ignored: whether its
    pixels have no label, whatever its name."""

    name: str
    number: int | None
    color: tuple[int, int, int] | None
    ignored: bool = False

    @property
    def is_class(self) -> bool:
        """Whether its pixels count, unlike those of void and the like."""
        return not self.ignored and self.name.lower() not in NO_CLASS


class ClassList(NamedTuple):
    """The classes of a list in order, the name of its file, and the names of further lists that are not used.

    is_published: the list is that of a publication, and file its title.
    """

    lines: tuple[ClassLine, ...]
    file: str
    unused: tuple[str, ...] = ()
    is_published: bool = False

    @property
    def has_numbers(self) -> bool:
        """Whether the list gives numbers; otherwise the order of lines does."""
        return any(line.number is not None for line in self.lines)

    @property
    def has_colors(self) -> bool:
        """Whether any line gives a color, as label maps in colors need."""
        return any(line.color is not None for line in self.lines)

    def numbers(self) -> list[int]:
        """The number of each line: its own, else its row, counted from 0; -1 for labelme's first line."""
        first = -1 if self.lines[0].name == BEFORE_FIRST and not self.has_numbers else 0
        return [row + first if line.number is None else line.number for row, line in enumerate(self.lines)]


def published(title: str, lines: Iterable[ClassLine]) -> ClassList:
    """The classes that the publication of a data set names."""
    return ClassList(tuple(lines), title, is_published=True)


def is_list(file: SourceFile) -> bool:
    """Whether a file has the name of a list of classes."""
    return file.base in LISTS


def find(files: Iterable[SourceFile]) -> ClassList | None:
    """The list of classes among files, if there is one: the first of `LISTS`, in the highest folder.

    Raises: DataError for a malformed line, a number or name of two classes, or too few or many classes, in a file whose
    name means nothing else; a bad file of another name, such as labels.txt, is not used.
    """
    known = list(filter(is_list, files))
    order = sorted(known, key=lambda file: (_rank(file), len(PurePosixPath(file.name).parts)))
    for file in order:
        try:
            found = _read(file, tuple(other.name for other in order if other is not file))
        except DataError:
            if _rank(file) < OWN:
                raise
            continue
        if _rank(file) < OWN or not any(_is_file_name(line.name) for line in found.lines):
            return found
    return None


def _is_file_name(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in SUFFIXES


def _rank(file: SourceFile) -> int:
    return LISTS.index(file.base)


def _read(file: SourceFile, unused: tuple[str, ...]) -> ClassList:
    if (file.size or 0) > LARGEST_FILE:
        raise DataError(f"{file.name}: {file.size:,} bytes; expected a list of {MOST_CLASSES} classes at most")
    lines = file.read().decode("utf-8-sig", "replace").splitlines()
    parse = {"labelmap.txt": _cvat_line, "class_dict.csv": _table_line}.get(file.base, _line)
    if file.base == "class_dict.csv" and lines and re.sub(r"\W+", ",", lines[0].lower()).strip(",") in TABLE_HEADS:
        lines = lines[1:]
    found = ClassList(
        tuple(parse(line, file.name) for line in lines if line.strip() and not line.startswith("# ")),
        file.name,
        unused,
    )
    names = [line.name for line in found.lines]
    count = sum(line.is_class for line in found.lines)
    for what, values in (("number", found.numbers() if names else []), ("name", names)):
        twin = next((value for row, value in enumerate(values) if value in values[:row]), None)
        if twin is not None:
            raise DataError(f"{file.name}: two classes have the {what} {twin!r}")
    if not 1 < count <= MOST_CLASSES:
        raise DataError(f"{file.name}: {count} classes; expected 2 to {MOST_CLASSES}")
    return found


def _line(line: str, file: str) -> ClassLine:
    words = line.split()
    digits = [word for word in words if word.isascii() and word.isdecimal()]
    numbers = [whole(word, LARGEST) for word in digits]
    name = " ".join(word for word in words if word not in digits)
    color = tuple(numbers[-3:]) if len(numbers) >= 3 else None
    number = numbers[0] if len(numbers) in (1, 4) else None
    if len(numbers) not in (0, 1, 3, 4) or None in numbers or not name:
        raise DataError(f"{file}: '{line.strip()[:60]}': expected a number, a name, red, green and blue")
    return ClassLine(name, number, _check_color(color, line, file))


def _table_line(line: str, file: str) -> ClassLine:
    name, *parts = line.rsplit(",", 3)
    name, color = name.strip().strip('"').strip(), tuple(whole(part.strip(), LARGEST) for part in parts)
    if not name or len(color) != 3 or None in color:
        raise DataError(f"{file}: '{line.strip()[:60]}': expected name,red,green,blue")
    return ClassLine(name, None, _check_color(color, line, file))


def _cvat_line(line: str, file: str) -> ClassLine:
    name, _, rest = line.strip().partition(":")
    parts = rest.partition(":")[0].split(",")
    color = tuple(whole(part.strip(), LARGEST) for part in parts)
    is_color = len(color) == 3 and None not in color
    if not name or not (is_color or parts == [""]):
        raise DataError(f"{file}: '{line.strip()[:60]}': expected name:red,green,blue:parts:actions")
    return ClassLine(name, None, _check_color(color if is_color else None, line, file))


def _check_color(color: tuple[int, ...] | None, line: str, file: str) -> tuple[int, int, int] | None:
    if color is not None and max(color) > 255:
        raise DataError(f"{file}: '{line.strip()[:60]}': expected a number, a name, red, green and blue up to 255")
    return color
