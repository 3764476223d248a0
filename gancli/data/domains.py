"""Pictures of two kinds, unpaired or in pairs, for translation from one to the other.

Unpaired, the layout of CycleGAN's sets: folders `trainA` and `trainB`, and perhaps `testA` and `testB` (and `valA`,
`valB`). In pairs: such folders with the same names in both, or `A/train` and `B/train`; pictures that hold both side by
side, as pix2pix's sets do, in `train`, `val`, `test` or one folder; or pictures and their label maps.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

import numpy as np

from gancli.data.label_maps import PARTS, TRAIN
from gancli.data.pictures import Entries, Entry
from gancli.errors import DataError

SIDES = ("A", "B")


class Sorted(NamedTuple):
    """Of each picture its domain, 0 for A and 1 for B, and what it is for: int32 and uint8 (pictures,)."""

    labels: np.ndarray
    parts: np.ndarray


class Pairs(NamedTuple):
    """The pictures of the first kind, those of the other in the same order, or None where each holds both side by
    side, and what they are for, uint8 (pairs,)."""

    first: list[Entry]
    other: list[Entry] | None
    parts: np.ndarray


def _place(entry: Entry) -> tuple[int, int, PurePosixPath] | None:
    """Domain and part of a picture by its folders, and its name below them without the ending; None for others."""
    path = PurePosixPath(entry.name).with_suffix("")
    parts = {"train": TRAIN} | PARTS
    known = {f"{name}{side}": (number, part) for name, part in parts.items() for number, side in enumerate(SIDES)}
    for at, folder in enumerate(path.parts[:-1]):
        below = path.parts[at + 1 :]
        if folder in known:
            return (*known[folder], PurePosixPath(*below))
        if folder in SIDES:
            has_part = below[0] in parts
            return SIDES.index(folder), parts.get(below[0], TRAIN), PurePosixPath(*below[has_part:])
    return None


def of_pictures(entries: Sequence[Entry]) -> Sorted | None:
    """What folders say of pictures; None where they do not name two domains. Raises: DataError for an empty one."""
    places = [_place(entry) for entry in entries]
    if not entries or None in places:
        return None
    labels, parts = (np.array([place[which] for place in places]) for which in (0, 1))
    for number, side in enumerate(SIDES):
        if not ((labels == number) & (parts == TRAIN)).any():
            raise DataError(f"the domain {side} has no pictures to train on: expected some in train{side}")
    return Sorted(labels.astype(np.int32), parts.astype(np.uint8))


def pairs_of(found: Entries) -> Pairs:
    """Pictures in pairs. Raises: DataError for one that lacks its other."""
    places = [_place(entry) for entry in found.pictures]
    if None in places or not places:
        parts = [_part(entry) for entry in found.pictures]
        return Pairs(found.pictures, None, np.array(parts, np.uint8))
    sides = [{place[1:]: entry for place, entry in zip(places, found.pictures, strict=True) if place[0] == number}
             for number, _ in enumerate(SIDES)]  # fmt: skip
    alone = [entry.name for mine, others in (sides, sides[::-1]) for key, entry in mine.items() if key not in others]
    if alone:
        more = f" and {len(alone) - 1:,} more" if alone[1:] else ""
        raise DataError(f"{alone[0]}{more}: no picture of that name in the other domain; pairs are needed")
    first, other = ([side[key] for key in sides[0]] for side in sides)
    return Pairs(first, other, np.array([part for part, _ in sides[0]], np.uint8))


def _part(entry: Entry) -> int:
    return next((PARTS[folder] for folder in PurePosixPath(entry.name).parts[-2::-1] if folder in PARTS), TRAIN)
