"""Pictures, and what folders, lists, texts and maps say of them, decoded into one HDF5 file."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np

from gancli.data import contents, domains, hdf5, label_maps, pictures
from gancli.data.contents import Contents
from gancli.data.dataset import Request, total_memory
from gancli.data.domains import Pairs
from gancli.data.label_maps import IGNORED, TRAIN, Classes, Labelled
from gancli.data.pictures import Entries, Entry
from gancli.data.remarks import Remark, left_out, some
from gancli.errors import DataError

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
    tell: Callable[[Sequence[Remark]], None] = lambda remarks: None,
) -> pictures.Survey:
    """Decode pictures into one HDF5 file. alone: all of them, and not what folders, lists and texts say. tell: is given
    the remarks before anything is written.

    Raises: DataError if there are none, or one is bad.
    """
    there, looked, color = _look(path, found, color, alone=alone)
    side, labelled = side or looked.natural_side(), there.labelled
    if labelled:
        classes = label_maps.classes_of(found, labelled)
        columns = {"maps": _square_maps(classes, labelled, looked, side, crop), "tests": labelled.parts}
        told = _told(classes)
    else:
        columns, told = there.columns, {"classes": there.classes, "attributes": there.attributes}
    made = (_parts(entry, side=side, color=color, crop=crop)[0] for entry in there.pictures)
    shape, told_of = (len(there.pictures), side, side, _channels(color)), (*looked.remarks(), *there.remarks)
    tell(told_of)
    hdf5.write(out, made, shape, columns=columns, remarks=told_of, **told)
    return looked


def pack_whole(path: Path, found: Entries, out: Path, *, color: str, least: int) -> None:
    """Decode pictures at their own sizes into one HDF5 file, those with a side below `least` left out and named.

    Raises: DataError if one is bad, none is large enough, or their maps would not fit into a fourth of the memory.
    """
    there, looked, color = _look(path, found, color)
    entries, labelled = there.pictures, there.labelled
    is_large = np.array([min(looked.by_name[entry.name]) >= least for entry in entries])
    rows = np.flatnonzero(is_large)
    parts = there.columns.get("tests", np.zeros(len(entries), np.uint8))[rows]
    if not (parts == TRAIN).any():
        what = f"{len(entries)} pictures" + (" to train on" if len(rows) else "")
        raise DataError(f"{path}: none of its {what} has {least} pixels each way")
    sizes = np.array([looked.by_name[entries[row].name][::-1] for row in rows], np.int32)
    room = sizes.max(axis=0)

    def images() -> Iterator[np.ndarray]:
        for row, size in zip(rows, sizes, strict=True):
            with pictures.open_picture(entries[row]) as picture:
                pixels = pictures.whole(picture, color, name=entries[row].name)
            yield np.pad(pixels, [*((0, side) for side in room - size), (0, 0)])

    columns: dict[str, np.ndarray] = {"sizes": sizes}
    if labelled:
        classes = label_maps.classes_of(found, labelled)
        columns |= {"maps": _whole_maps(classes, labelled, looked, rows, room), "tests": labelled.parts[rows]}
        told = _told(classes)
    else:
        columns |= {name: there.columns[name][rows] for name in ("labels", "tests") if name in there.columns}
        told = {"classes": there.classes}
    small = [entries[row].name for row in np.flatnonzero(~is_large)]
    told_of = list(looked.remarks(is_square=False))
    if small:
        told_of.append(left_out(f"{len(small)} smaller than {least} pixels, left out: {some(small)}"))
    shape = (len(rows), *map(int, room), _channels(color))
    hdf5.write(out, images(), shape, columns=columns, remarks=(*told_of, *there.remarks), **told)


def pack_pairs(path: Path, found: Entries, out: Path, *, side: int | None, request: Request) -> None:
    """Decode pairs of pictures into one HDF5 file. Raises: DataError for one that lacks its other."""
    there = contents.look(found, alone=True)
    labelled = there.labelled
    pairs = Pairs(labelled.pictures, None, labelled.parts, []) if labelled else domains.pairs_of(found)
    looked, color = _survey(path, there, [*pairs.first, *(pairs.other or [])], request.color)
    if labelled and request.color == "grey":
        raise DataError(f"{path}: label maps are shown in colours: leave --color grey out")
    color = "rgb" if labelled else color
    height = looked.sizes.most_common(1)[0][0][1]
    is_double = not labelled and pairs.other is None
    if is_double and any(wide != 2 * high for wide, high in looked.sizes):
        raise DataError(f"{path}: no pairs: no trainA and trainB, no label maps, no pictures twice as wide as high")
    side = side or request.side(height if is_double else looked.natural_side())
    read = functools.partial(_parts, side=side, color=color, crop=request.crop)
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
    told_of = (*looked.remarks(is_square=not is_double), *there.remarks, *pairs.remarks)
    hdf5.write(out, made, (len(pairs.first), side, side, _channels(color)), columns=columns, remarks=told_of, **told)


def _channels(color: str) -> int:
    return 1 if color == "grey" else 3


def _parts(entry: Entry, *, side: int, color: str, crop: int | None, halves: int = 1) -> list[np.ndarray]:
    """A picture, or its halves from left to right, each as data sets have it: uint8 (side, side, channels)."""
    with pictures.open_picture(entry) as picture:
        parts = [picture] if halves == 1 else pictures.split(picture, halves, name=entry.name)
        return [pictures.as_array(part, side, color, name=entry.name, crop=crop) for part in parts]


def _look(path: Path, found: Entries, color: str, *, alone: bool = False) -> tuple[Contents, pictures.Survey, str]:
    """What is there, what the headers of its pictures tell, and the colours that "auto" means.

    Raises: DataError for a bad picture, or none.
    """
    there = contents.look(found, alone=alone)
    return there, *_survey(path, there, there.pictures, color)


def _survey(path: Path, there: Contents, entries: Sequence[Entry], color: str) -> tuple[pictures.Survey, str]:
    """What the headers of these pictures tell, and the colors that "auto" means. Raises: DataError as `_look`."""
    lost = "; ".join(remark.text for remark in there.remarks if remark.matters)
    if not entries and lost:
        raise DataError(f"{path} holds no pictures: {lost}")
    looked = pictures.survey(entries)
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
    kept = Labelled([labelled.pictures[row] for row in rows], [labelled.maps[row] for row in rows], labelled.parts, [])
    made = np.full((len(rows), *room), IGNORED, np.uint8)
    for row, one in zip(made, maps(classes, kept, looked), strict=True):
        row[: one.shape[0], : one.shape[1]] = one
    return made
