"""Folders that repeat the pictures of those beside them: a copy of a whole set, or the same pictures at other sizes.

Some archives hold their set twice: `cell_images/Parasitized`, `cell_images/Uninfected` and, once more, both of them in
`cell_images/cell_images`. Others hold each picture at several sizes: `images1024x1024` and `thumbnails128x128`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

SIZE = re.compile(r"(?:.*?[^0-9])?([0-9]{2,4})(?:x\1)?(?:px|p)?")  # a name that ends in the side of its pictures
NAMES = re.compile(r"(?:images?|imgs?|photos?|pictures?|faces?|thumbnails?|thumbs?|celeba|ffhq|data|size|res|)")
LEAST = 32  # pixels


class Repeated(NamedTuple):
    """The rows of pictures that are there once more, and why they are left out."""

    rows: list[int]
    why: str


def find(places: Sequence[tuple[str, ...]], names: Sequence[str], at: int) -> Repeated | None:
    """What folders at this depth repeat of the others. places: the folders of each file; names: of the files."""
    by_folder: dict[str, list[int]] = {}
    for row, place in enumerate(places):
        if len(place) > at:
            by_folder.setdefault(place[at], []).append(row)
    return _copy(places, names, at, by_folder) or _sizes(places, names, at, by_folder)


def _copy(
    places: Sequence[tuple[str, ...]], names: Sequence[str], at: int, by_folder: dict[str, list[int]]
) -> Repeated | None:
    """A folder that holds all others of two or more again, with the same files."""
    for folder, rows in by_folder.items():
        others = by_folder.keys() - {folder}
        inside = {places[row][at + 1] for row in rows if len(places[row]) > at + 1}
        if len(others) < 2 or inside != others:
            continue
        again = {(*places[row][:at], *places[row][at + 1 :], names[row]) for row in rows}
        known = {(*places[row], names[row]) for other in others for row in by_folder[other]}
        if again <= known:
            return Repeated(rows, f"in {folder}, which repeats the folders beside it")
    return None


def _sizes(
    places: Sequence[tuple[str, ...]], names: Sequence[str], at: int, by_folder: dict[str, list[int]]
) -> Repeated | None:
    """Folders of the same files at several sizes; those of the largest stay."""
    sizes = {}
    for folder in by_folder:
        match = SIZE.fullmatch(folder)
        words = re.sub(r"[\W\d_]+|\dx\d", " ", folder.lower()).split()
        is_number = folder.isdecimal() and int(folder).bit_count() != 1  # 64, 128 and 256 are sizes, 10 and 11 classes
        if (
            not match
            or is_number
            or int(match[1]) < LEAST
            or not all(NAMES.fullmatch(word) or word == "x" for word in words)
        ):
            return None
        sizes[folder] = int(match[1])
    if len(sizes) < 2 or len(set(sizes.values())) < len(sizes):
        return None
    held = [
        {(*places[row][at + 1 :], names[row].rpartition(".")[0]) for row in by_folder[folder]} for folder in by_folder
    ]
    if any(one != held[0] for one in held):
        return None
    largest = max(sizes, key=sizes.get)
    rows = [row for folder, found in by_folder.items() if folder != largest for row in found]
    return Repeated(rows, f"smaller copies of those in {largest}")
