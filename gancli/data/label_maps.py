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
ANNOTATED = "annot"  # after the name of a folder
IMAGES, MAPS = ("images", "image", "imgs"), ("labels", "label", "masks", "mask", "annotations", "maps")
LISTS = ("classes.txt", "label_colors.txt")
NO_CLASS = ("unlabelled", "unlabeled", "void", "ignore", "ignored")
TRAIN, TEST, VALIDATION = 0, 1, 2  # in a column of tests
PARTS = {"test": TEST, "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION}
MOST_CLASSES = 200
GOLDEN = 0.618034  # hues as far from one another as can be


class Labelled(NamedTuple):
    """Pictures, the map of each, and what each is for, uint8 (pictures,): TRAIN, TEST or VALIDATION."""

    pictures: list[Entry]
    maps: list[Entry]
    parts: np.ndarray


class Classes(NamedTuple):
    """What maps can say: names, a colour of bytes for each, and the class of each number that a pixel may have."""

    names: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]
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
        raise DataError(f"{_several(lacking)}: no label map of that name in {pairs[PurePosixPath(lacking[0]).parent]}")
    wanted = {(pairs[folder], stem) for (folder, stem), _ in held}
    others = [entry.name for place, entry in maps.items() if place not in wanted]
    if others:
        raise DataError(f"{_several(others)}: a label map, and no picture of that name")
    parts = [next((PARTS[part] for part in folder.parts[::-1] if part in PARTS), TRAIN) for (folder, _), _ in held]
    if TRAIN not in parts:
        raise DataError("pictures with label maps, and none of them to train on: expected a folder 'train'")
    return Labelled(
        [entry for _, entry in held],
        [maps[pairs[folder], stem] for (folder, stem), _ in held],
        np.array(parts, np.uint8),
    )


def _several(names: Sequence[str]) -> str:
    return names[0] + (f" and {len(names) - 1:,} more" if names[1:] else "")


def _of_maps(folder: PurePosixPath, folders: Iterable[PurePosixPath]) -> PurePosixPath | None:
    """The folder of the maps of a folder's pictures, if there is one."""
    likely = [folder.with_name(folder.name + ANNOTATED)] if folder.name else []
    for at, part in enumerate(folder.parts):
        if part.lower() in IMAGES:
            likely += [PurePosixPath(*folder.parts[:at], name, *folder.parts[at + 1 :]) for name in MAPS]
    return next((path for path in likely if path in folders), None)


def read(found: Entries, labelled: Labelled) -> tuple[list[np.ndarray], Classes]:
    """The maps of pictures, uint8 (height, width) each, IGNORED where nothing is known, and the classes.

    Raises: DataError naming the first map whose size is not its picture's, or whose pixels are of no class.
    """
    lists = [entry for entry in found.texts if PurePosixPath(entry.name).name in LISTS]
    raw = [_read(entry, is_colored=bool(lists)) for entry in labelled.maps]
    classes = _listed(lists[0]) if lists else _counted(raw, labelled.maps)
    maps = [_classes_of(values, classes, entry.name) for values, entry in zip(raw, labelled.maps, strict=True)]
    return maps, classes


def _read(entry: Entry, *, is_colored: bool) -> np.ndarray:
    with pictures.open_picture(entry) as picture:
        values = pictures.numbers(picture, name=entry.name)
    if values.ndim == 3 and not is_colored:
        raise DataError(
            f"{entry.name}: a label map in colours, and no list of classes: put a classes.txt beside, or give numbers"
        )
    return values


def _listed(entry: Entry) -> Classes:
    """The classes of a list. Raises: DataError for a line of another form, or too many."""
    names, colors, of_number, of_color = [], [], {}, {}
    lines = [line.split() for line in entry.read().decode("utf-8-sig", "replace").splitlines() if line.strip()]
    for row, words in enumerate(lines):
        numbers = [int(word) for word in words if word.isdecimal()]
        name = " ".join(word for word in words if not word.isdecimal())
        if len(numbers) not in (0, 1, 3, 4) or not name or max(numbers, default=0) > IGNORED:
            raise DataError(f"{entry.name}: '{' '.join(words)[:60]}': expected a number, a name, red, green and blue")
        number = numbers[0] if len(numbers) in (1, 4) else row
        color = tuple(numbers[-3:]) if len(numbers) >= 3 else _color(number)
        if number in of_number:
            raise DataError(f"{entry.name}: the number {number} is that of two classes")
        is_class = name.lower() not in NO_CLASS
        of_number[number] = of_color[_packed(color)] = len(names) if is_class else IGNORED
        names += [name] if is_class else []
        colors += [color] if is_class else []
    if not 1 < len(names) <= MOST_CLASSES:
        raise DataError(f"{entry.name}: {len(names)} classes; expected 2 to {MOST_CLASSES}")
    return Classes(tuple(names), tuple(colors), of_number, of_color)


def _counted(raw: Sequence[np.ndarray], entries: Sequence[Entry]) -> Classes:
    """Classes from 0 to the highest number in maps. Raises: DataError for too many."""
    highest = [int(values[values != IGNORED].max(initial=0)) for values in raw]
    count = max(highest) + 1
    if not 1 < count <= MOST_CLASSES:
        raise DataError(
            f"{entries[int(np.argmax(highest))].name}: label {count - 1}; expected 1 to {MOST_CLASSES - 1} as the "
            "highest, 255 for what has no label, or a classes.txt"
        )
    return Classes(tuple(map(str, range(count))), palette(count), {number: number for number in range(count)}, {})


def palette(count: int) -> tuple[tuple[int, int, int], ...]:
    """Colours of bytes for classes that have none, (count, 3)."""
    return tuple(map(_color, range(count)))


def _color(number: int) -> tuple[int, int, int]:
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(number * GOLDEN % 1.0, 0.65, 0.95))


def _packed(color: Sequence[int]) -> int:
    return (int(color[0]) << 16) + (int(color[1]) << 8) + int(color[2])


def _classes_of(values: np.ndarray, classes: Classes, name: str) -> np.ndarray:
    """A map's numbers or colours as classes, uint8 (height, width). Raises: DataError for one that is of none."""
    known, is_colored = {IGNORED: IGNORED} | classes.of_number, values.ndim == 3
    if values.ndim == 3:
        known = classes.of_color
        red, green, blue = np.moveaxis(values.astype(np.int32), 2, 0)
        values = (red << 16) + (green << 8) + blue
    found, places = np.unique(values, return_inverse=True)
    strange = [value for value in found.tolist() if value not in known]
    if strange:
        what = f"the colour {strange[0]:06x}" if is_colored else f"label {strange[0]}"
        raise DataError(f"{name}: {what}, none of the {len(classes.names)} classes ({', '.join(classes.names)})")
    turned = np.array([known[value] for value in found.tolist()], np.uint8)
    return turned[places].reshape(values.shape)


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
