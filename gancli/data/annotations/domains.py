"""Pictures of two kinds, unpaired or in pairs, for translation from one to the other.

Unpaired, the layout of CycleGAN's sets: folders `trainA` and `trainB`, and perhaps `testA` and `testB` (and `valA`,
`valB`). In pairs: such folders with the same names in both, or `A/train` and `B/train`; pictures that hold both side by
side, as pix2pix's sets do, in `train`, `val`, `test` or one folder; or pictures and their label maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import folder_layout
from gancli.data.annotations.label_maps import PARTS, TRAIN, several
from gancli.data.formats.pictures import Entries, Entry
from gancli.data.remarks import Remark, left_out, some

SIDES = ("A", "B")


class Sorted(NamedTuple):
    """Pictures in a domain, the domain of each, 0 for A and 1 for B, or None where one has none to train on, and what
    each is for: int32 and uint8 (pictures,); and what is to be said."""

    pictures: list[Entry]
    labels: np.ndarray | None
    parts: np.ndarray
    remarks: list[Remark]


class Pairs(NamedTuple):
    """The pictures of the first kind, those of the other in the same order, or None where each holds both side by
    side, what they are for, uint8 (pairs,), and what is to be said."""

    first: list[Entry]
    other: list[Entry] | None
    parts: np.ndarray
    remarks: list[Remark]


def _places(entries: Sequence[Entry]) -> list[tuple[int, int, PurePosixPath] | None]:
    """Domain and part of each picture by its folders, and its name below them without the ending; None for others.

    `A` and `B` are domains only where both are at one depth and hold nothing in further folders but parts, and no more
    lies beside them than pictures that are in no folder there.
    """
    paths = [PurePosixPath(entry.name).with_suffix("") for entry in entries]
    plain = {at for path in paths for at, folder in enumerate(path.parts[:-1]) if folder in SIDES}
    inside = {at: [path for path in paths if len(path.parts) > at + 1] for at in plain}
    plain = {at for at in plain if all(_is_plain(path, at) for path in inside[at])}
    plain = {at for at in plain if {path.parts[at] for path in inside[at]} == set(SIDES)}
    return [_place(path, plain) for path in paths]


def _is_plain(path: PurePosixPath, at: int) -> bool:
    """Whether a path has a domain's folder at this depth, and below it at most one that says a part."""
    between = path.parts[at + 1 : -1]
    return len(path.parts) > at + 1 and path.parts[at] in SIDES and between[1:] == () and set(between) <= PARTS.keys()


def _place(path: PurePosixPath, plain: set[int]) -> tuple[int, int, PurePosixPath] | None:
    known = {f"{name}{side}": (number, part) for name, part in PARTS.items() for number, side in enumerate(SIDES)}
    for at, folder in enumerate(path.parts[:-1]):
        if folder in known:
            return (*known[folder], PurePosixPath(*path.parts[at + 1 :]))
        if at in plain:
            part = path.parts[at + 1] if at + 2 < len(path.parts) else "train"
            return SIDES.index(folder), PARTS[part], PurePosixPath(path.name)
    return None


def of_pictures(entries: Sequence[Entry]) -> Sorted | None:
    """What folders say of pictures; None where they do not name two domains. Pictures in neither are left out."""
    places = _places(entries)
    sides = {place[0] for place in places if place}
    if not sides or (len(sides) < 2 and None in places):  # a folder that is called trainA among others
        return None
    told = _strays(entries, places)
    kept = [entry for entry, place in zip(entries, places, strict=True) if place]
    labels, parts = (np.array([place[which] for place in places if place]) for which in (0, 1))
    empty = [side for number, side in enumerate(SIDES) if not ((labels == number) & (parts == TRAIN)).any()]
    if empty:
        text = f"the domain {empty[0]} has no pictures to train on: expected some in train{empty[0]}"
        told.append(left_out(text, column="label"))
    if not (parts == TRAIN).any():
        parts = np.zeros_like(parts)
    return Sorted(kept, None if empty else labels.astype(np.int32), parts.astype(np.uint8), told)


def _strays(entries: Sequence[Entry], places: Sequence[tuple | None]) -> list[Remark]:
    """What is to be said of pictures in neither domain."""
    names = [entry.name for entry, place in zip(entries, places, strict=True) if place is None]
    text = f"{len(names):,} of {len(places):,} pictures left out, in neither domain: {some(names)}"
    return [left_out(text)] if names else []


def pairs_of(found: Entries) -> Pairs:
    """Pictures in pairs. Raises: DataError for one that lacks its other."""
    places = _places(found.pictures)
    if not any(places):
        by_folder = folder_layout.sort(found, by_class=False)
        return Pairs(by_folder.pictures, None, by_folder.parts, list(by_folder.remarks))
    sides: list[dict[tuple, Entry]] = [{}, {}]
    placed = [(place, entry) for place, entry in zip(places, found.pictures, strict=True) if place]
    for (number, *key), entry in placed:
        twin = sides[number].setdefault(tuple(key), entry)
        if twin is not entry:
            raise DataError(f"{twin.name} and {entry.name}: which one is of the pair is not clear")
    alone = [entry.name for mine, others in (sides, sides[::-1]) for key, entry in mine.items() if key not in others]
    if alone:
        raise DataError(f"{several(alone)}: no picture of that name in the other domain; pairs are needed")
    first, other = ([side[key] for key in sides[0]] for side in sides)
    return Pairs(first, other, np.array([part for part, _ in sides[0]], np.uint8), _strays(found.pictures, places))
