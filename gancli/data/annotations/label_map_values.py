"""Value counts of label maps, and whether their pixels stand for numbers, gray levels or colors."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.data.annotations.class_lists import ClassList
from gancli.data.annotations.label_map_files import GRAY, PALETTE, RGB, MapFile, count_values, pack_color
from gancli.data.containers.source_files import SourceFile

NO_LABEL = (255, 65535)  # numbers of pixels without a label, each the largest of its kind
MOST_COLORS = 4096  # of a map; a photograph has more


class MapValues(NamedTuple):
    """The values of one label map. counts: for each reading that its pixels allow, the number of pixels of each value.

    palette: the color of each palette index in use.
    """

    file: SourceFile
    kind: str
    counts: dict[str, dict[int, int]]
    is_bit: bool
    palette: dict[int, int]


def values_of(file: SourceFile, decoded: MapFile) -> MapValues | None:
    """The values of a map; None if it has too many colors."""
    arrays = {
        "numbers": decoded.numbers,
        "grays": decoded.grays,
        "colors": decoded.colors if decoded.kind == RGB else None,
    }
    counts = {reading: count_values(values) for reading, values in arrays.items() if values is not None}
    if len(counts.get("colors", ())) > MOST_COLORS:
        return None
    palette = {}
    if decoded.kind != RGB and decoded.colors is not None:  # each number has one color
        table = np.zeros(256, np.int32)
        table[decoded.numbers] = decoded.colors
        counts["colors"] = Counter()
        for number, count in counts["numbers"].items():
            counts["colors"][int(table[number])] += count
        palette = {number: int(table[number]) for number in counts["numbers"]} if decoded.kind == PALETTE else {}
    return MapValues(file, decoded.kind, counts, decoded.is_bit, palette)


def choose_reading(kind: str, maps: Sequence[MapValues], class_list: ClassList | None) -> str:
    """Whether maps of a kind are read as numbers, grays or colors: the reading with which the fewest maps are bad."""
    order = {GRAY: ["numbers"], RGB: ["grays"], PALETTE: ["numbers"]}[kind]
    if kind == PALETTE and maps and all("grays" in one.counts for one in maps):
        are_gray = all(color % 0x10101 == 0 for one in maps for color in one.palette.values())
        are_gifs = all(one.file.suffix == ".gif" for one in maps)  # writers of GIF number colors anew in each file
        order = ["grays", "numbers"] if are_gray and (are_gifs or palette_difference(maps)) else order
    numbers = {*(class_list.numbers() if class_list else ()), *NO_LABEL}
    colors = {pack_color(line.color) for line in class_list.lines if line.color is not None} if class_list else set()
    if colors:
        has_no_label = any(NO_LABEL[0] in one.counts.get("numbers", ()) for one in maps)
        unsure = has_no_label and 255 not in class_list.numbers()
        order = [*order, "colors"] if kind == GRAY and not unsure else ["colors", *order]

    def count_bad(reading: str) -> int:
        known = colors if reading == "colors" else numbers
        return sum(
            reading not in one.counts or (class_list is not None and not one.counts[reading].keys() <= known)
            for one in maps
        )

    return min(order, key=count_bad)


def palette_difference(maps: Sequence[MapValues]) -> tuple[int, str, str] | None:
    """A palette index whose color differs between two maps, and the names of both; None if there is none."""
    known: dict[int, tuple[int, str]] = {}
    for one in maps:
        for index, color in one.palette.items():
            other = known.setdefault(index, (color, one.file.name))
            if other[0] != color:
                return index, other[1], one.file.name
    return None
