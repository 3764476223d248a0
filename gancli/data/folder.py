"""Pictures in a folder; sub-folders are classes. Decoded once into a cached HDF5 file."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import os
from dataclasses import replace
from pathlib import Path

import platformdirs

from gancli import files
from gancli.data import hdf5, packing
from gancli.data.dataset import Dataset, Request
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
    crop += f"train from {request.least} " if request.least else "paired " if request.paired else ""
    key = hashlib.sha256(
        f"{CACHE_FORMAT} {request.image_size} {request.color} {crop}{texts}{stamp}".encode("utf-8", "surrogateescape")
    )
    cached = cache_folder() / "decoded" / f"{key.hexdigest()[:32]}.h5"
    try:
        dataset = hdf5.load(cached, whole)
    except DataError:  # absent or damaged: made anew
        files.sweep(cached.parent)
        side = request.image_size or request.crop
        if request.paired:
            packing.pack_pairs(path, found, cached, side=side, request=request)
        elif request.least:
            packing.pack_whole(path, found, cached, color=request.color, least=request.least)
        else:
            packing.pack(path, found, cached, side=side, color=request.color, crop=request.crop)
        dataset = hdf5.load(cached, whole)
    return replace(dataset, name=path.stem, source=str(path))


def cache_folder() -> Path:
    """Where decoded pictures and classifiers are kept: GANCLI_CACHE, else the user's cache folder."""
    return Path(os.environ.get("GANCLI_CACHE") or platformdirs.user_cache_dir("gancli", appauthor=False))
