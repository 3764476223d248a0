"""Pictures, and what folders, lists, texts and maps say of them, decoded into one HDF5 file."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import numpy as np

from gancli.data import attributes, captions, domains, hdf5, label_maps, pictures, ranges
from gancli.data.dataset import Request, total_memory
from gancli.data.domains import Pairs
from gancli.data.label_maps import IGNORED, TRAIN, Classes, Labelled
from gancli.data.pictures import Entries, Entry
from gancli.data.ranges import Range
from gancli.data.remarks import Remark, left_out, some
from gancli.errors import DataError


class Scale(NamedTuple):
    """Which values of pixels become black and white: what was asked for, and what the set has that they belong to."""

    pixel_range: str = ranges.AUTO
    known: tuple[str, ...] = ()

    @classmethod
    def of(cls, request: Request) -> Scale:
        """What is asked of a source."""
        return cls(request.pixel_range, request.known)


PLAIN = Scale()
Told = dict[str, tuple]  # names, colours and numbers of classes; names of attributes


def shown(found: Entries) -> list[Entry]:
    """The pictures that become images, in their order: all but those that are label maps of others."""
    labelled = label_maps.of_pictures(found)
    return labelled.pictures if labelled else found.pictures


def pack(
    path: Path,
    found: Entries,
    out: Path,
    *,
    side: int | None,
    color: str,
    crop: int | None = None,
    scale: Scale = PLAIN,
) -> pictures.Survey:
    """Decode pictures into one HDF5 file. Raises: DataError if there are none, or one or their list is bad."""
    looked, labelled, color = _look(path, found, color, scale)
    scales, _ = looked.decided()
    kept = labelled.pictures if labelled else found.pictures
    side = side or looked.natural_side()
    if labelled:
        classes = label_maps.classes_of(found, labelled)
        columns = {"maps": _square_maps(classes, labelled, looked, side, crop), "tests": labelled.parts}
        told = _told(classes)
    else:
        columns, told = _columns(found)
    made = (_parts(entry, side=side, color=color, crop=crop, scales=scales)[0] for entry in kept)
    told["pixel_ranges"] = ranges.spelled(ranges.beyond_bytes(scales, looked.pixel_range))
    told_of = (*looked.remarks(), *_left(labelled))
    hdf5.write(out, made, (len(kept), side, side, _channels(color)), columns=columns, remarks=told_of, **told)
    return looked


def pack_whole(path: Path, found: Entries, out: Path, *, color: str, least: int, scale: Scale = PLAIN) -> None:
    """Decode pictures at their own sizes into one HDF5 file, those with a side below `least` left out and named.

    Raises: DataError if one is bad, none is large enough, or their maps would not fit into a fourth of the memory.
    """
    looked, labelled, color = _look(path, found, color, scale)
    scales, _ = looked.decided()
    entries = labelled.pictures if labelled else found.pictures
    is_large = np.array([min(looked.by_name[entry.name]) >= least for entry in entries])
    rows = np.flatnonzero(is_large)
    if not len(rows) or (labelled and not (labelled.parts[rows] == TRAIN).any()):
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
    if labelled:
        classes = label_maps.classes_of(found, labelled)
        columns |= {"maps": _whole_maps(classes, labelled, looked, rows, room), "tests": labelled.parts[rows]}
        told = _told(classes)
    else:
        kinds, classes = pictures.labels([entries[row] for row in rows])
        columns, told = columns | ({} if kinds is None else {"labels": kinds}), {"classes": classes}
    small = [entries[row].name for row in np.flatnonzero(~is_large)]
    told_of = list(looked.remarks(is_square=False))
    if small:
        told_of.append(left_out(f"{len(small)} smaller than {least} pixels, left out: {some(small)}"))
    shape = (len(rows), *map(int, room), _channels(color))
    told["pixel_ranges"] = ranges.spelled(ranges.beyond_bytes(scales, looked.pixel_range))
    hdf5.write(out, images(), shape, columns=columns, remarks=(*told_of, *_left(labelled)), **told)


def pack_pairs(path: Path, found: Entries, out: Path, *, side: int | None, request: Request) -> None:
    """Decode pairs of pictures into one HDF5 file. Raises: DataError for one that lacks its other."""
    looked, labelled, color = _look(path, found, request.color, Scale.of(request))
    scales, _ = looked.decided()
    if labelled and request.color == "grey":
        raise DataError(f"{path}: label maps are shown in colours: leave --color grey out")
    color = "rgb" if labelled else color
    pairs = Pairs(labelled.pictures, None, labelled.parts) if labelled else domains.pairs_of(found)
    height = looked.sizes.most_common(1)[0][0][1]
    is_double = not labelled and pairs.other is None
    if is_double and any(wide != 2 * high for wide, high in looked.sizes):
        raise DataError(f"{path}: no pairs: no trainA and trainB, no label maps, no pictures twice as wide as high")
    side = side or request.side(height if is_double else looked.natural_side())
    read = functools.partial(_parts, side=side, color=color, crop=request.crop, scales=scales)
    columns, told = {"tests": pairs.parts} if pairs.parts.any() else {}, {}
    if labelled:
        classes = label_maps.classes_of(found, labelled)
        columns["maps"] = _square_maps(classes, labelled, looked, side, request.crop)
        columns["others"], told = label_maps.colored(columns["maps"], classes.palette), _told(classes)
    elif pairs.other is not None:
        columns["others"] = np.stack([read(entry)[0] for entry in pairs.other])
    else:
        columns["others"] = np.stack([read(entry, halves=2)[1] for entry in pairs.first])
    made = (read(entry, halves=2 if is_double else 1)[0] for entry in pairs.first)
    told["pixel_ranges"] = ranges.spelled(ranges.beyond_bytes(scales, looked.pixel_range))
    told_of = (*looked.remarks(is_square=not is_double), *_left(labelled))
    hdf5.write(out, made, (len(pairs.first), side, side, _channels(color)), columns=columns, remarks=told_of, **told)


def _channels(color: str) -> int:
    return 1 if color == "grey" else 3


def _left(labelled: Labelled | None) -> tuple[Remark, ...]:
    """What is to be said of pictures beside those with label maps."""
    if not labelled or not labelled.left:
        return ()
    return (left_out(f"{len(labelled.left)} pictures in folders without label maps, left out: {some(labelled.left)}"),)


def _parts(
    entry: Entry, *, side: int, color: str, crop: int | None, scales: Mapping[str, Range], halves: int = 1
) -> list[np.ndarray]:
    """A picture, or its halves from left to right, each as data sets have it: uint8 (side, side, channels)."""
    with pictures.open_picture(entry) as picture:
        parts = [picture] if halves == 1 else pictures.split(picture, halves, name=entry.name)
        return [pictures.as_array(part, side, color, name=entry.name, crop=crop, found=scales) for part in parts]


def _look(path: Path, found: Entries, color: str, scale: Scale) -> tuple[pictures.Survey, Labelled | None, str]:
    """What the headers of pictures tell, which of them are maps of others, and the colours that "auto" means.

    Raises: DataError for a bad one, or none.
    """
    labelled = label_maps.of_pictures(found)
    kept = labelled.pictures if labelled else found.pictures
    looked = pictures.survey(kept, pixel_range=scale.pixel_range, known=scale.known)
    looked.raise_if_bad(str(path))
    return looked, labelled, looked.color if color == "auto" else color


def _columns(found: Entries) -> tuple[dict[str, np.ndarray], Told]:
    """What folders, lists and texts say of pictures, and the names of classes and attributes."""
    kinds, columns, names = domains.of_pictures(found.pictures), {}, ()
    labels, classes = pictures.labels(found.pictures) if kinds is None else (kinds.labels, domains.SIDES)
    if kinds is not None and kinds.parts.any():
        columns["tests"] = kinds.parts
    if labels is not None:
        columns["labels"] = labels
    if found.lists:
        columns["attributes"], names = attributes.of_pictures(found)
    written = captions.texts_of(found)
    if written is not None:
        labels, classes = (labels, classes) if classes else pictures.labels(written)
        columns |= {"captions": captions.read(written)} | ({} if labels is None else {"labels": labels})
        tests = None if "tests" in columns else captions.are_tests(found, labels, classes)
        columns |= {} if tests is None else {"tests": tests.astype(np.uint8)}
    return columns, {"classes": classes, "attributes": names}


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
    kept = Labelled([labelled.pictures[row] for row in rows], [labelled.maps[row] for row in rows], labelled.parts, [])
    made = np.full((len(rows), *room), IGNORED, np.uint8)
    for row, one in zip(made, maps(classes, kept, looked), strict=True):
        row[: one.shape[0], : one.shape[1]] = one
    return made
