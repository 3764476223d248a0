"""Lists of the classes of label maps: text files with a class a line, its name, number and color.

Read are `classes.txt` and `label_colors.txt` (number, name, red, green, blue; number and colors may be left out),
`class_names.txt` and `labels.txt` (names alone, as labelme writes them), and `labelmap.txt`
(`name:r,g,b:parts:actions`, as CVAT writes it).
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.core.options import whole
from gancli.data.formats.pictures import ENDINGS, Entry

LISTS = ("classes.txt", "label_colors.txt", "class_names.txt", "labels.txt", "labelmap.txt")
OWN = 2  # of them are gancli's own
NO_CLASS = ("unlabelled", "unlabeled", "void", "ignore", "ignored", "__ignore__")
BEFORE_FIRST = "__ignore__"  # of labelme: the names after it count from 0
LARGEST = 65535  # number of a class: label maps have up to 16 bits
MOST_CLASSES = 255  # that a byte can tell apart beside "no label"


class Line(NamedTuple):
    """One class of a list. number: None where the list gives none; color: red, green, blue, or None."""

    name: str
    number: int | None
    color: tuple[int, int, int] | None

    @property
    def is_class(self) -> bool:
        """Whether pixels of it count: not those of void and the like."""
        return self.name.lower() not in NO_CLASS


class ClassList(NamedTuple):
    """The classes of a list in their order; the name of its file, and those of further lists that are not used."""

    lines: tuple[Line, ...]
    file: str
    unused: tuple[str, ...]

    @property
    def has_numbers(self) -> bool:
        """Whether a number stands in the list, else the order of lines gives them."""
        return any(line.number is not None for line in self.lines)

    @property
    def has_colors(self) -> bool:
        """Whether a color stands in the list."""
        return any(line.color is not None for line in self.lines)

    def numbers(self) -> list[int]:
        """The number of each line: as it stands there, else its row, counted from 0; -1 for labelme's first line."""
        first = -1 if self.lines[0].name == BEFORE_FIRST and not self.has_numbers else 0
        return [row + first if line.number is None else line.number for row, line in enumerate(self.lines)]


def among(texts: Iterable[Entry]) -> ClassList | None:
    """The list of classes among text files, if there is one: the first of `LISTS`, in the highest folder.

    Raises: DataError for a line of another form, a number or name that two classes have, or too few or many classes, in
    a file whose name is gancli's own; one that others may mean otherwise, such as labels.txt, is then not used.
    """
    known = [entry for entry in texts if PurePosixPath(entry.name).name.lower() in LISTS]
    order = sorted(known, key=lambda entry: (_rank(entry), len(PurePosixPath(entry.name).parts)))
    for entry in order:
        try:
            found = _read(entry, tuple(other.name for other in order if other is not entry))
        except DataError:
            if _rank(entry) < OWN:
                raise
            continue
        if _rank(entry) < OWN or not any(_is_file_name(line.name) for line in found.lines):
            return found
    return None


def _is_file_name(name: str) -> bool:
    return PurePosixPath(name).suffix.lower() in ENDINGS


def _rank(entry: Entry) -> int:
    return LISTS.index(PurePosixPath(entry.name).name.lower())


def _read(entry: Entry, unused: tuple[str, ...]) -> ClassList:
    lines = entry.read().decode("utf-8-sig", "replace").splitlines()
    of_cvat = PurePosixPath(entry.name).name.lower() == "labelmap.txt"
    read = _cvat_line if of_cvat else _line
    found = ClassList(
        tuple(read(line, entry.name) for line in lines if line.strip() and not line.startswith("# ")),
        entry.name,
        unused,
    )
    names = [line.name for line in found.lines]
    count = sum(line.is_class for line in found.lines)
    for what, held in (("number", found.numbers() if names else []), ("name", names)):
        twin = next((value for row, value in enumerate(held) if value in held[:row]), None)
        if twin is not None:
            raise DataError(f"{entry.name}: the {what} {twin!r} is that of two classes")
    if not 1 < count <= MOST_CLASSES:
        raise DataError(f"{entry.name}: {count} classes; expected 2 to {MOST_CLASSES}")
    return found


def _line(line: str, file: str) -> Line:
    words = line.split()
    digits = [word for word in words if word.isascii() and word.isdecimal()]
    given = [whole(word, LARGEST) for word in digits]
    name = " ".join(word for word in words if word not in digits)
    color = tuple(given[-3:]) if len(given) >= 3 else None
    number = given[0] if len(given) in (1, 4) else None
    if len(given) not in (0, 1, 3, 4) or None in given or not name:
        raise DataError(f"{file}: '{line.strip()[:60]}': expected a number, a name, red, green and blue")
    return Line(name, number, _checked(color, line, file))


def _cvat_line(line: str, file: str) -> Line:
    name, _, rest = line.strip().partition(":")
    parts = rest.partition(":")[0].split(",")
    color = tuple(whole(part.strip(), LARGEST) for part in parts)
    is_color = len(color) == 3 and None not in color
    if not name or not (is_color or parts == [""]):
        raise DataError(f"{file}: '{line.strip()[:60]}': expected name:red,green,blue:parts:actions")
    return Line(name, None, _checked(color if is_color else None, line, file))


def _checked(color: tuple[int, ...] | None, line: str, file: str) -> tuple[int, int, int] | None:
    if color is not None and max(color) > 255:
        raise DataError(f"{file}: '{line.strip()[:60]}': expected a number, a name, red, green and blue up to 255")
    return color
