"""Pictures in a folder; sub-folders are classes. Decoded once into a cached HDF5 file."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import platformdirs

from gancli import files
from gancli.data import attributes, captions, domains, hdf5, label_maps, pictures
from gancli.data.dataset import Dataset, Request
from gancli.data.domains import Pairs
from gancli.data.label_maps import IGNORED, Labelled
from gancli.data.pictures import Entries, Entry
from gancli.errors import DataError

ACCEPTS = "a folder of pictures"
CACHE_FORMAT = 3
SHOWN = 5  # names of pictures in a note


def accepts(path: Path) -> bool:
    """Whether the path is a folder."""
    return path.is_dir()


def load(path: Path, request: Request) -> Dataset:
    """The pictures below a folder. Raises: DataError, naming every bad file up to five."""
    return decoded(path, entries(path), request, stamp=_stamp(path))


def entries(path: Path) -> Entries:
    """Every picture below a folder, by name, lists of attributes and texts.

    Hidden files, links to folders and other kinds are passed over.
    """
    found = []
    for folder, subfolders, names in os.walk(path, onerror=_refuse):
        subfolders.sort()
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file() or not file.exists():  # a broken link will be named
                found.append(Entry(file.relative_to(path).as_posix(), file.read_bytes))
    return Entries.among(found)


def _refuse(error: OSError) -> None:
    raise DataError(f"cannot read the folder {error.filename}: {error.strerror}")


def _stamp(path: Path) -> str:
    """Names, sizes and times of the files: when one changes, so does this."""
    lines = []
    found = entries(path)
    for entry in itertools.chain(*found):
        with contextlib.suppress(OSError):  # a broken link; decoding will name it
            status = (path / entry.name).stat()
            lines.append(f"{entry.name!r} {status.st_size} {status.st_mtime_ns}")
    return f"{path}\n" + "\n".join(lines)


def decoded(path: Path, found: Entries, request: Request, *, stamp: str) -> Dataset:
    """The data set of these pictures, from the cache if neither they nor the options have changed.

    Raises: DataError if there are no pictures or one is bad.
    """
    texts = "captions " if found.texts else ""
    crop, whole = f"crop {request.crop} " if request.crop else "", replace(request, crop=None)
    crop += f"from {request.least} " if request.least else "paired " if request.paired else ""
    key = hashlib.sha256(
        f"{CACHE_FORMAT} {request.image_size} {request.color} {crop}{texts}{stamp}".encode("utf-8", "surrogateescape")
    )
    cached = cache_folder() / "decoded" / f"{key.hexdigest()[:32]}.h5"
    try:
        dataset = hdf5.load(cached, whole)
    except DataError:  # absent or damaged: made anew
        files.sweep(cached.parent)
        if request.paired:
            pack_pairs(path, found, cached, side=request.image_size or request.crop, request=request)
        elif request.least:
            pack_whole(path, found, cached, color=request.color, least=request.least)
        else:
            pack(path, found, cached, side=request.image_size or request.crop, color=request.color, crop=request.crop)
        dataset = hdf5.load(cached, whole)
    return replace(dataset, name=path.stem, source=str(path))


def pack(
    path: Path, found: Entries, out: Path, *, side: int | None, color: str, crop: int | None = None
) -> pictures.Survey:
    """Decode pictures into one HDF5 file. Raises: DataError if there are none, or one or their list is bad."""
    looked, labelled, color = _look(path, found, color)
    kept = labelled.pictures if labelled else found.pictures
    side = side or looked.natural_side()

    def images() -> Iterator[np.ndarray]:
        for entry in kept:
            with pictures.open_picture(entry) as picture:
                yield pictures.as_array(picture, side, color, name=entry.name, crop=crop)

    columns, told = ({}, {}) if labelled else _columns(found)
    if labelled:
        maps, told = _maps(found, labelled, looked)
        columns = {"maps": np.stack([pictures.square_of(one, side, crop=crop) for one in maps])}
        columns |= {"tests": labelled.parts}
    shape = (len(kept), side, side, 1 if color == "grey" else 3)
    hdf5.write(out, images(), shape, columns=columns, notes=looked.notes(), **told)
    return looked


def pack_whole(path: Path, found: Entries, out: Path, *, color: str, least: int) -> None:
    """Decode pictures at their own sizes into one HDF5 file, those with a side below `least` left out and named.

    Raises: DataError if one is bad, or none is large enough.
    """
    looked, labelled, color = _look(path, found, color)
    entries = labelled.pictures if labelled else found.pictures
    is_large = np.array([min(looked.by_name[entry.name]) >= least for entry in entries])
    kept, small = ([entries[row] for row in np.flatnonzero(is_large == which)] for which in (True, False))
    if not kept:
        raise DataError(f"{path}: none of its {len(entries)} pictures has {least} pixels each way")
    sizes = np.array([looked.by_name[entry.name][::-1] for entry in kept], np.int32)
    room = sizes.max(axis=0)

    def images() -> Iterator[np.ndarray]:
        for entry, size in zip(kept, sizes, strict=True):
            with pictures.open_picture(entry) as picture:
                pixels = pictures.whole(picture, color, name=entry.name)
            yield np.pad(pixels, [*((0, side) for side in room - size), (0, 0)])

    columns, told = {"sizes": sizes}, {}
    if labelled:
        maps, told = _maps(found, labelled, looked)
        maps = [maps[row] for row in np.flatnonzero(is_large)]
        padded = [np.pad(one, [(0, side) for side in room - one.shape], constant_values=IGNORED) for one in maps]
        columns |= {"maps": np.stack(padded), "tests": labelled.parts[is_large]}
    else:
        kinds, classes = pictures.labels(kept)
        columns, told = columns | ({} if kinds is None else {"labels": kinds}), {"classes": classes}
    shown = ", ".join(entry.name for entry in small[:SHOWN])
    shown += f" and {len(small) - SHOWN} more" if len(small) > SHOWN else ""
    notes = (f"{len(small)} smaller than {least} pixels, left out: {shown}",) if small else ()
    shape = (len(kept), *map(int, room), 1 if color == "grey" else 3)
    hdf5.write(out, images(), shape, columns=columns, notes=notes, **told)


def pack_pairs(path: Path, found: Entries, out: Path, *, side: int | None, request: Request) -> None:
    """Decode pairs of pictures into one HDF5 file. Raises: DataError for one that lacks its other."""
    looked, labelled, color = _look(path, found, request.color)
    pairs = Pairs(labelled.pictures, None, labelled.parts) if labelled else domains.pairs_of(found)
    height = looked.sizes.most_common(1)[0][0][1]
    is_double = not labelled and pairs.other is None
    if is_double and any(wide != 2 * high for wide, high in looked.sizes):
        raise DataError(f"{path}: no pairs: no trainA and trainB, no label maps, no pictures twice as wide as high")
    side = side or request.side(height if is_double else looked.natural_side())
    read = functools.partial(_squares, side=side, color=color, crop=request.crop)
    columns, told = {"tests": pairs.parts}, {}
    if labelled:
        maps, told = _maps(found, labelled, looked)
        squares = np.stack([pictures.square_of(one, side, crop=request.crop) for one in maps])
        columns |= {"others": label_maps.colored(squares, told["palette"]), "maps": squares}
    elif pairs.other is not None:
        columns["others"] = np.stack([read(entry)[0] for entry in pairs.other])
    else:
        columns["others"] = np.stack([read(entry, halves=2)[1] for entry in pairs.first])
    made = (read(entry, halves=2 if is_double else 1)[0] for entry in pairs.first)
    shape = (len(pairs.first), side, side, 1 if color == "grey" else 3)
    hdf5.write(out, made, shape, columns=columns, notes=looked.notes(), **told)


def _squares(entry: Entry, *, side: int, color: str, crop: int | None, halves: int = 1) -> list[np.ndarray]:
    """A picture, or its parts from left to right, each as data sets have it: uint8 (side, side, channels)."""
    with pictures.open_picture(entry) as picture:
        if halves == 1:
            return [pictures.as_array(picture, side, color, name=entry.name, crop=crop)]
        parts = pictures.split(picture, halves, name=entry.name)
        return [pictures.as_array(part, side, color, name=entry.name, crop=crop) for part in parts]


def _look(path: Path, found: Entries, color: str) -> tuple[pictures.Survey, Labelled | None, str]:
    """What the headers of pictures tell, which of them are maps of others, and the colours that "auto" means.

    Raises: DataError for a bad one, or none.
    """
    labelled = label_maps.of_pictures(found)
    looked = pictures.survey(labelled.pictures if labelled else found.pictures)
    looked.raise_if_bad(str(path))
    return looked, labelled, looked.color if color == "auto" else color


def _columns(found: Entries) -> tuple[dict[str, np.ndarray], dict[str, tuple[str, ...]]]:
    """What folders, lists and texts say of pictures, and the names of classes and attributes."""
    kinds = domains.of_pictures(found.pictures)
    if kinds is not None:
        return {"labels": kinds.labels, "tests": kinds.parts}, {"classes": domains.SIDES}
    labels, classes = pictures.labels(found.pictures)
    columns, names = {} if labels is None else {"labels": labels}, ()
    if found.lists:
        columns["attributes"], names = attributes.of_pictures(found)
    written = captions.texts_of(found)
    if written is not None:
        labels, classes = (labels, classes) if classes else pictures.labels(written)
        columns |= {"captions": captions.read(written)} | ({} if labels is None else {"labels": labels})
        tests = captions.are_tests(found, labels, classes)
        columns |= {} if tests is None else {"tests": tests.astype(np.uint8)}
    return columns, {"classes": classes, "attributes": names}


def _maps(found: Entries, labelled: Labelled, looked: pictures.Survey) -> tuple[list[np.ndarray], dict[str, tuple]]:
    """The maps of pictures, and the names and colours of their classes.

    Raises: DataError for one that is not of its picture's size.
    """
    maps, classes = label_maps.read(found, labelled)
    for entry, of, one in zip(labelled.pictures, labelled.maps, maps, strict=True):
        width, height = looked.by_name[entry.name]
        if one.shape != (height, width):
            raise DataError(f"{of.name} has {one.shape[1]}x{one.shape[0]} pixels, and {entry.name} {width}x{height}")
    return maps, {"classes": classes.names, "palette": classes.palette}


def cache_folder() -> Path:
    """Where decoded pictures and classifiers are kept: GANCLI_CACHE, else the user's cache folder."""
    return Path(os.environ.get("GANCLI_CACHE") or platformdirs.user_cache_dir("gancli", appauthor=False))
