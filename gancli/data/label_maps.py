"""Label maps: beside each picture another that says the class of every pixel, in a folder of its own.

Two layouts are read: SegNet's of CamVid, `train/0001.png` and `trainannot/0001.png`, and a pair of folders,
`images/0001.jpg` and `labels/0001.png` (or `masks`, `annotations`), with or without `train`, `val` and `test` in them.
Where there are such folders, those to test on and to validate on are kept apart.

The pixels are class numbers, or colours where a list says whose. The list is a text file, `classes.txt` or
`label_colors.txt`, a class a line: its number, its name, and red, green and blue; number and colours may be left out.
Pixels of 255, and of a class called Unlabelled, void or ignore, count for nothing.
"""

from __future__ import annotations

import colorsys
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from gancli.data import pictures
from gancli.data.pictures import Entries, Entry
from gancli.errors import DataError

IGNORED = 255  # in a column of maps
ANNOTATED = ("annot", "_annot", "-annot")  # after the name of a folder
IMAGES, MAPS = ("images", "image", "imgs"), ("labels", "label", "masks", "mask", "annotations")
LISTS = ("classes.txt", "label_colors.txt")
NO_CLASS = ("unlabelled", "unlabeled", "void", "ignore", "ignored")
TRAIN, TEST, VALIDATION = 0, 1, 2  # in a column of tests
PARTS = {"train": TRAIN, "test": TEST, "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION}
MOST_CLASSES = 200
OF_SEVERAL = -1  # a colour that is that of two classes
GOLDEN = 0.618034  # hues as far from one another as can be


class Labelled(NamedTuple):
    """Pictures, the map of each, what each is for, uint8 (pictures,): TRAIN, TEST or VALIDATION; and the names of
    pictures that have no map, because no folder of maps belongs to theirs."""

    pictures: list[Entry]
    maps: list[Entry]
    parts: np.ndarray
    left: list[str]


class Classes(NamedTuple):
    """What maps can say: of each class its name, a colour of bytes, and the number that stands for it in a map; and the
    class of each number and colour that a pixel may have."""

    names: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]
    numbers: tuple[int, ...]
    of_number: dict[int, int]
    of_color: dict[int, int]


def of_pictures(found: Entries) -> Labelled | None:
    """The pictures that have a map, in their order; None where no folder holds maps.

    Raises: DataError for a picture without a map, a map without a picture, or where a name is another's too.
    """
    folders = {PurePosixPath(entry.name).parent for entry in found.pictures}
    pairs = {folder: other for folder in folders if (other := _of_maps(folder, folders)) is not None}
    if not pairs:
        return None
    placed: dict[tuple[PurePosixPath, str], Entry] = {}
    for entry in found.pictures:
        place = PurePosixPath(entry.name).parent, PurePosixPath(entry.name).stem
        if place in placed:
            raise DataError(f"{placed[place].name} and {entry.name}: which one has the label map is not clear")
        placed[place] = entry
    held = [(place, entry) for place, entry in placed.items() if place[0] in pairs]
    maps = {place: entry for place, entry in placed.items() if place[0] in pairs.values()}
    lacking = [entry.name for (folder, stem), entry in held if (pairs[folder], stem) not in maps]
    if lacking:
        raise DataError(f"{several(lacking)}: no label map of that name in {pairs[PurePosixPath(lacking[0]).parent]}")
    wanted = {(pairs[folder], stem) for (folder, stem), _ in held}
    others = [entry.name for place, entry in maps.items() if place not in wanted]
    if others:
        raise DataError(f"{several(others)}: a label map, and no picture of that name")
    parts = np.array([part_of(folder) for (folder, _), _ in held], np.uint8)
    return Labelled(
        [entry for _, entry in held],
        [maps[pairs[folder], stem] for (folder, stem), _ in held],
        parts if (parts == TRAIN).any() else np.zeros_like(parts),
        [entry.name for (folder, _), entry in placed.items() if folder not in {*pairs, *pairs.values()}],
    )


def several(names: Sequence[str]) -> str:
    """The first of some names, and how many more there are."""
    return names[0] + (f" and {len(names) - 1:,} more" if names[1:] else "")


def part_of(folder: PurePosixPath) -> int:
    """What a folder says its pictures are for: the last of its names that says something, else TRAIN."""
    return next((PARTS[part.lower()] for part in folder.parts[::-1] if part.lower() in PARTS), TRAIN)


def _of_maps(folder: PurePosixPath, folders: Iterable[PurePosixPath]) -> PurePosixPath | None:
    """The folder of the maps of a folder's pictures, if there is one."""
    likely = [str(folder.with_name(folder.name + ending)) for ending in ANNOTATED if folder.name]
    for at, part in enumerate(folder.parts):
        if part.lower() in IMAGES:
            likely += [str(PurePosixPath(*folder.parts[:at], name, *folder.parts[at + 1 :])) for name in MAPS]
    there = {str(path).lower(): path for path in folders}
    return next((there[path.lower()] for path in likely if path.lower() in there), None)


def classes_of(found: Entries, labelled: Labelled) -> Classes:
    """The classes that a list names, or where there is none those that the maps of numbers have.

    Raises: DataError for a list of another form, too many classes, or colours without a list.
    """
    lists = [entry for entry in found.texts if PurePosixPath(entry.name).name in LISTS]
    return _listed(lists[0]) if lists else _counted(labelled.maps)


def read(entry: Entry, classes: Classes, *, size: tuple[int, int], of: str) -> np.ndarray:
    """A map as classes, uint8 (height, width), IGNORED where nothing is known.

    size: width and height of its picture, whose name is `of`. Raises: DataError for a map of another size, or with
    pixels of no class.
    """
    with pictures.open_picture(entry) as picture:
        numbers, colors = pictures.numbers(picture, name=entry.name)
    known, is_colored, values = {IGNORED: IGNORED} | classes.of_number, numbers is None, numbers
    if colors is not None and classes.of_color:
        packed = (colors.astype(np.int32) << np.array([16, 8, 0])).sum(axis=2)
        # a palette may stand in any order: where all that it shows are colours of the list, it is they that count
        is_colored = is_colored or set(np.unique(packed).tolist()) <= classes.of_color.keys()
        known, values = (classes.of_color, packed) if is_colored else (known, values)
    elif is_colored:
        raise DataError(f"{entry.name}: a label map in colours, and no list that says whose: put a classes.txt beside")
    if values.shape != size[::-1]:
        raise DataError(f"{entry.name} has {values.shape[1]}x{values.shape[0]} pixels, and {of} {size[0]}x{size[1]}")
    found, places = np.unique(values, return_inverse=True)
    for value in found.tolist():
        what = f"the colour {value:06x}" if is_colored else f"label {value}"
        if value not in known:
            raise DataError(
                f"{entry.name}: {what}, none of the {len(classes.names)} classes: {', '.join(classes.names)}"
            )
        if known[value] == OF_SEVERAL:
            raise DataError(f"{entry.name}: {what}, which the list gives to two classes")
    return np.array([known[value] for value in found.tolist()], np.uint8)[places].reshape(values.shape)


def _listed(entry: Entry) -> Classes:
    """The classes of a list. Raises: DataError for a line of another form, twins, or too many."""
    held: dict[str, tuple[int, tuple[int, int, int]]] = {}
    of_number, of_color = {}, {}
    lines = [line.split() for line in entry.read().decode("utf-8-sig", "replace").splitlines() if line.strip()]
    for row, words in enumerate(lines):
        given = [int(word) for word in words if word.isdecimal()]
        name = " ".join(word for word in words if not word.isdecimal())
        if len(given) not in (0, 1, 3, 4) or not name or max(given, default=0) > IGNORED:
            raise DataError(f"{entry.name}: '{' '.join(words)[:60]}': expected a number, a name, red, green and blue")
        number = given[0] if len(given) in (1, 4) else row
        color = tuple(given[-3:]) if len(given) >= 3 else None
        is_class = name.lower() not in NO_CLASS
        if number in of_number or name in held:
            twin = f"name '{name}'" if name in held else f"number {number}"
            raise DataError(f"{entry.name}: the {twin} is that of two classes")
        of_number[number] = value = len(held) if is_class else IGNORED
        if color is not None:
            key = (color[0] << 16) + (color[1] << 8) + color[2]
            of_color[key] = value if of_color.get(key, value) == value else OF_SEVERAL
        held |= {name: (number, color or _color(number))} if is_class else {}
    if not 1 < len(held) <= MOST_CLASSES:
        raise DataError(f"{entry.name}: {len(held)} classes; expected 2 to {MOST_CLASSES}")
    numbers, colors = zip(*held.values(), strict=True)
    return Classes(tuple(held), colors, numbers, of_number, of_color)


def _counted(maps: Sequence[Entry]) -> Classes:
    """Classes from 0 to the highest number in maps. Raises: DataError for too many, or maps in colours."""
    count, last = 0, maps[0]
    for entry in maps:
        with pictures.open_picture(entry) as picture:
            numbers, _ = pictures.numbers(picture, name=entry.name)
        if numbers is None:
            raise DataError(
                f"{entry.name}: a label map in colours, and no list that says whose: put a classes.txt beside"
            )
        highest = int(numbers[numbers != IGNORED].max(initial=0)) + 1
        count, last = (highest, entry) if highest > count else (count, last)
    if not 1 < count <= MOST_CLASSES:
        raise DataError(
            f"{last.name}: label {count - 1} is the highest of all; expected 1 to {MOST_CLASSES - 1}, 255 for what has "
            "no label, or a classes.txt"
        )
    numbers = tuple(range(count))
    return Classes(tuple(map(str, numbers)), palette(count), numbers, dict(zip(numbers, numbers, strict=True)), {})


def palette(count: int) -> tuple[tuple[int, int, int], ...]:
    """Colours of bytes for classes that have none, (count, 3)."""
    return tuple(map(_color, range(count)))


def _color(number: int) -> tuple[int, int, int]:
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(number * GOLDEN % 1.0, 0.65, 0.95))


def colored(classes: np.ndarray, palette: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    """Maps uint8 (…, height, width) in the colours of their classes, uint8 (…, height, width, 3); black for none."""
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette)] = palette
    return table[classes]


def frequencies(maps: np.ndarray, count: int) -> tuple[float, ...]:
    """How often classes are met: a class's pixels over all labelled ones of the maps in which it is, (count,).

    maps: uint8 (maps, height, width). Eigen & Fergus 2015 (1411.4734), section 6.3.2; 0 for a class that is nowhere.
    """
    told = np.stack([np.bincount(one.ravel(), minlength=256)[:count] for one in maps])
    whole = (told.sum(axis=1, keepdims=True) * (told > 0)).sum(axis=0)
    return tuple((told.sum(axis=0) / np.maximum(whole, 1)).tolist())


def shares(maps: np.ndarray, count: int) -> np.ndarray:
    """Of all labelled pixels each class's share, float64 (count,)."""
    told = sum(np.bincount(one.ravel(), minlength=256)[:count] for one in maps)
    return told / max(told.sum(), 1)
