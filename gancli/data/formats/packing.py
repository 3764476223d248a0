"""Pictures, and what folders, lists, texts and maps say of them, decoded into one HDF5 file."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data import contents, value_ranges
from gancli.data.annotations import domains, label_maps
from gancli.data.annotations.domains import Pairs
from gancli.data.annotations.label_maps import IGNORED, TRAIN, Classes, Labelled
from gancli.data.contents import Contents
from gancli.data.dataset import Request, total_memory
from gancli.data.formats import hdf5, pictures
from gancli.data.formats.pictures import Entries, Entry
from gancli.data.remarks import Remark, changed, left_out, some
from gancli.data.value_ranges import Range


class Scale(NamedTuple):
    """Which values of pixels become black and white: what was asked for, and what the set has that they belong to."""

    pixel_range: str = value_ranges.AUTO
    known: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: Request) -> Scale:
        """What is asked of a source."""
        return cls(request.pixel_range, request.known)


PLAIN = Scale()
Told = dict[str, tuple]  # names, colours and numbers of classes; names of attributes


def shown(found: Entries, *, alone: bool = False) -> list[Entry]:
    """The pictures that become images, in their order, see contents.look."""
    return contents.look(found, alone=alone).pictures


def pack(
    path: Path,
    found: Entries,
    out: Path,
    *,
    side: int | None,
    color: str,
    crop: int | None = None,
    alone: bool = False,
    scale: Scale = PLAIN,
    needs_maps: bool = True,
    tell: Callable[[Sequence[Remark]], None] = lambda remarks: None,
) -> pictures.Survey:
    """Decode pictures into one HDF5 file. alone: all of them, and not what folders, lists and texts say. needs_maps:
    bad label maps are an error; else they are left out, told. tell: is given the remarks before anything is written.

    Raises: DataError if there are none, or one is bad.
    """
    there, looked, color = _look(path, found, color, scale, alone=alone, needs_maps=needs_maps)
    side, labelled, (scales, _) = side or looked.natural_side(), there.labelled, looked.decided()
    columns, told, remarks = there.columns, {"classes": there.classes, "attributes": there.attributes}, ()
    if labelled:
        classes, remarks = _classes(path, found, labelled, looked, needs_maps=needs_maps)
        if classes:
            columns = {"maps": _square_maps(classes, labelled, looked, side, crop), "tests": labelled.parts}
            told = _told(classes)
    made = (_parts(entry, side=side, color=color, crop=crop, scales=scales)[0] for entry in there.pictures)
    told["pixel_ranges"] = value_ranges.spelled(value_ranges.beyond_bytes(scales, looked.pixel_range))
    shape, told_of = (len(there.pictures), side, side, _channels(color)), (*looked.remarks(), *there.remarks, *remarks)
    tell(told_of)
    hdf5.write(out, made, shape, columns=columns, remarks=told_of, **told)
    return looked


def pack_whole(
    path: Path,
    found: Entries,
    out: Path,
    *,
    color: str,
    least: int,
    scale: Scale = PLAIN,
    needs_maps: bool = True,
) -> None:
    """Decode pictures at their own sizes into one HDF5 file.

    Of those to train on, pictures with a side below `least` are left out and named; those to test or validate with are
    looked at whole, so all of them stay. Raises: DataError if one is bad, none is large enough, or their maps would not
    fit into a fourth of the memory.
    """
    there, looked, color = _look(path, found, color, scale, needs_maps=needs_maps)
    entries, labelled = there.pictures, there.labelled
    scales, _ = looked.decided()
    is_large = np.array([min(looked.by_name[entry.name]) >= least for entry in entries])
    for_what = there.columns.get("tests", np.zeros(len(entries), np.uint8))
    rows = np.flatnonzero(is_large | (for_what != TRAIN))
    if not (for_what[rows] == TRAIN).any():
        what = f"{len(entries)} pictures" + (" to train on" if len(rows) else "")
        raise DataError(f"{path}: none of its {what} has {least} pixels each way")
    sizes = np.array([looked.by_name[entries[row].name][::-1] for row in rows], np.int32)
    room = sizes.max(axis=0)

    def images() -> Iterator[np.ndarray]:
        for row, size in zip(rows, sizes, strict=True):
            with pictures.open_picture(entries[row]) as picture:
                pixels = pictures.whole(picture, color, name=entries[row].name, found=scales)
            yield np.pad(pixels, [*((0, side) for side in room - size), (0, 0)])

    columns: dict[str, np.ndarray] = {"sizes": sizes}
    columns |= {name: there.columns[name][rows] for name in ("labels", "tests") if name in there.columns}
    told, remarks = {"classes": there.classes}, ()
    if labelled:
        classes, remarks = _classes(path, found, labelled, looked, needs_maps=needs_maps)
        if classes:
            columns |= {"maps": _whole_maps(classes, labelled, looked, rows, room)}
            told = _told(classes)
    small = [entries[row].name for row in np.setdiff1d(np.arange(len(entries)), rows)]
    told_of = list(looked.remarks(is_square=False))
    if small:
        what = "to train on " if (for_what != TRAIN).any() else ""
        told_of.append(left_out(f"{len(small)} {what}smaller than {least} pixels, left out: {some(small)}"))
    shape = (len(rows), *map(int, room), _channels(color))
    told["pixel_ranges"] = value_ranges.spelled(value_ranges.beyond_bytes(scales, looked.pixel_range))
    hdf5.write(out, images(), shape, columns=columns, remarks=(*told_of, *there.remarks, *remarks), **told)


def pack_pairs(path: Path, found: Entries, out: Path, *, side: int | None, request: Request) -> None:
    """Decode pairs of pictures into one HDF5 file. Raises: DataError for one that lacks its other."""
    there = contents.look(found, alone=True)
    labelled = there.labelled
    pairs = Pairs(labelled.pictures, None, labelled.parts, []) if labelled else domains.pairs_of(found)
    looked, color = _survey(path, there, [*pairs.first, *(pairs.other or [])], request.color, Scale.of(request))
    scales, _ = looked.decided()
    if labelled and request.color == "gray":
        raise DataError(f"{path}: label maps are shown in colours: leave --color gray out")
    color = "rgb" if labelled else color
    height = looked.sizes.most_common(1)[0][0][1]
    is_double = not labelled and pairs.other is None
    if is_double and any(wide != 2 * high for wide, high in looked.sizes):
        raise DataError(f"{path}: no pairs: no trainA and trainB, no label maps, no pictures twice as wide as high")
    side = side or request.side(height if is_double else looked.natural_side())
    read = functools.partial(_parts, side=side, color=color, crop=request.crop, scales=scales)
    columns, told = {"tests": pairs.parts} if pairs.parts.any() else {}, {}
    remarks: tuple[Remark, ...] = ()
    if labelled:
        classes, remarks = _classes(path, found, labelled, looked)
        columns["maps"] = _square_maps(classes, labelled, looked, side, request.crop)
        columns["others"], told = label_maps.colored(columns["maps"], classes.palette), _told(classes)
    elif pairs.other is not None:
        columns["others"] = np.stack([read(entry)[0] for entry in pairs.other])
        remarks = _unlike(pairs, looked)
    else:
        columns["others"] = np.stack([read(entry, halves=2)[1] for entry in pairs.first])
    made = (read(entry, halves=2 if is_double else 1)[0] for entry in pairs.first)
    told["pixel_ranges"] = value_ranges.spelled(value_ranges.beyond_bytes(scales, looked.pixel_range))
    told_of = (*looked.remarks(is_square=not is_double), *there.remarks, *pairs.remarks, *remarks)
    hdf5.write(out, made, (len(pairs.first), side, side, _channels(color)), columns=columns, remarks=told_of, **told)


def _channels(color: str) -> int:
    return 1 if color == "gray" else 3


def _classes(
    path: Path, found: Entries, labelled: Labelled, looked: pictures.Survey, *, needs_maps: bool = True
) -> tuple[Classes | None, tuple[Remark, ...]]:
    """The classes of label maps, and what is to be said of the maps.

    Raises: DataError that names the bad ones; without needs_maps there are then no classes, which is told.
    """
    try:
        look = label_maps.look(found, labelled, looked)
        return look.need_all(str(path)), look.remarks
    except DataError as error:
        if needs_maps:
            raise
        return None, (left_out(f"label maps left out: {error}", column="map"),)


def _unlike(pairs: Pairs, looked: pictures.Survey) -> tuple[Remark, ...]:
    """That pictures of pairs have other shapes: each is cut to its own middle, which may not show the same; or that
    EXIF turns but one of a pair."""
    shapes, turns = [], []
    for first, other in zip(pairs.first, pairs.other or (), strict=True):
        (width, height), (wide, high) = looked.by_name[first.name], looked.by_name[other.name]
        if abs(width * high - wide * height) > max(width, height, wide, high):  # more than a pixel of one side
            shapes.append(f"{first.name} {width}x{height} with {other.name} {wide}x{high}")
        if looked.turns.get(first.name) != looked.turns.get(other.name):
            turns.append(first.name)
    told = {
        f"{len(shapes):,} pairs of two shapes, each picture cut to its own middle square": shapes,
        f"{len(turns):,} pairs of which EXIF turns one picture alone": turns,
    }
    return tuple(changed(f"{text}: {some(names)}") for text, names in told.items() if names)


def _parts(
    entry: Entry, *, side: int, color: str, crop: int | None, scales: Mapping[str, Range], halves: int = 1
) -> list[np.ndarray]:
    """A picture, or its halves from left to right, each as data sets have it: uint8 (side, side, channels)."""
    with pictures.open_picture(entry) as picture:
        parts = [picture] if halves == 1 else pictures.split(picture, halves, name=entry.name)
        return [pictures.as_array(part, side, color, name=entry.name, crop=crop, found=scales) for part in parts]


def _look(
    path: Path, found: Entries, color: str, scale: Scale, *, alone: bool = False, needs_maps: bool = True
) -> tuple[Contents, pictures.Survey, str]:
    """What is there, what the headers of its pictures tell, and the colours that "auto" means.

    Raises: DataError for a bad picture, or none.
    """
    there = contents.look(found, alone=alone, needs_maps=needs_maps)
    return there, *_survey(path, there, there.pictures, color, scale)


def _survey(
    path: Path, there: Contents, entries: Sequence[Entry], color: str, scale: Scale
) -> tuple[pictures.Survey, str]:
    """What the headers of these pictures tell, and the colors that "auto" means. Raises: DataError as `_look`."""
    lost = "; ".join(remark.text for remark in there.remarks if remark.matters)
    if not entries and lost:
        raise DataError(f"{path} holds no pictures: {lost}")
    looked = pictures.survey(entries, pixel_range=scale.pixel_range, known=scale.known)
    looked.raise_if_bad(str(path))
    return looked, looked.color if color == "auto" else color


def _told(classes: Classes) -> Told:
    return {"classes": classes.names, "palette": classes.palette, "numbers": classes.numbers}


def maps(classes: Classes, labelled: Labelled, looked: pictures.Survey) -> Iterator[np.ndarray]:
    """The map of each picture, uint8 (height, width), read one by one.

    Raises: DataError for one that is not of its picture's size, or with pixels of no class.
    """
    for entry, of in zip(labelled.pictures, labelled.maps, strict=True):
        yield label_maps.read(of, classes, size=looked.by_name[entry.name], of=entry.name)


def _square_maps(
    classes: Classes, labelled: Labelled, looked: pictures.Survey, side: int, crop: int | None
) -> np.ndarray:
    read = zip(maps(classes, labelled, looked), labelled.maps, strict=True)
    return np.stack([pictures.square_of(one, side, name=of.name, crop=crop) for one, of in read])


def _whole_maps(
    classes: Classes, labelled: Labelled, looked: pictures.Survey, rows: np.ndarray, room: np.ndarray
) -> np.ndarray:
    if len(rows) * math.prod(map(int, room)) > total_memory() // 4:
        raise DataError(
            f"{len(rows):,} label maps in a room of {room[1]}x{room[0]} pixels are more than the memory bears"
        )
    kept = Labelled([labelled.pictures[row] for row in rows], [labelled.maps[row] for row in rows], labelled.parts)
    made = np.full((len(rows), *room), IGNORED, np.uint8)
    for row, one in zip(made, maps(classes, kept, looked), strict=True):
        row[: one.shape[0], : one.shape[1]] = one
    return made
