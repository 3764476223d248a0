"""Pictures and compressed arrays decoded once into a cached HDF5 file."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

from gancli.core import VERSION, input_files, temporary_files
from gancli.core.backend import np
from gancli.core.cache import cache_folder
from gancli.core.errors import DataError
from gancli.data.data_source import DataSource
from gancli.data.dataset import Dataset
from gancli.data.formats import hdf5, packing, pair_packing
from gancli.data.images import sound_pictures
from gancli.data.images.value_ranges import AUTO
from gancli.data.picture_set import TEST, TRAIN, VALIDATION, PictureSet
from gancli.data.request import Request

CACHE_FORMAT = 8
WORTH = 4_000_000  # bytes of images: fewer are read as fast as they are cached


def load(pictures: PictureSet, request: Request) -> Dataset:
    """The data set of these pictures, from the cache unless a file or the options have changed.

    Raises: DataError that names the bad files, or if there are no pictures.
    """
    path = pictures.entries.path
    key = _cache_key(f"{pictures.entries.stamp}\n{pictures.layouts} {pictures.remarks}", request)
    dataset = _load_or_write(key, request, partial(_pack, pictures, request))
    return replace(dataset, name=path.stem, source=str(path))


def _pack(pictures: PictureSet, request: Request, cached: Path) -> None:
    pack = pair_packing.pack_pairs if request.paired else packing.pack_native if request.least else packing.pack
    sound_pictures.packed(pictures, request, lambda chosen: pack(chosen, cached, request))


def load_arrays(source: DataSource, stamp: str, request: Request) -> Dataset:
    """The data set of arrays that take time to read, from the cache unless their file or the options have changed.

    stamp: of their file. Raises: DataError.
    """
    if math.prod(source.shape) * sum(source.parts.values()) < WORTH:
        return source.load(request)
    side = request.side(max(source.shape[:2])) if source.shape else None
    key = _cache_key(f"{stamp}\n{source.layouts} {side}", request)
    dataset = _load_or_write(key, request, lambda cached: _read(source, request, cached))
    return replace(dataset, name=source.path.stem, source=str(source.path))


def load_drawn(name: str, version: str, size: int, request: Request, draw: Callable[[], Dataset]) -> Dataset:
    """The data set that a program draws, from the cache unless its version or the options have changed.

    version: of the pictures, with their number and side. size: of the images in bytes.
    """
    if size < WORTH:
        return draw()

    def write(cached: Path) -> Dataset:
        dataset = draw()
        _write_rows(dataset, cached)
        return dataset

    return replace(_load_or_write(_cache_key(f"{name} {version}", request), request, write), name=name, source="gancli")


def load_archive(path: Path, request: Request, choice: str, recognize: Callable[[], DataSource]) -> Dataset:
    """The data set in an archive that must be unpacked to be listed, from the cache unless it has changed.

    choice: one of several sets in it. recognize: lists the archive. Raises: DataError.
    """
    status, sides = path.stat(), [request.side(side) for side in range(4, 257)]
    stamp = f"{VERSION} {path} {status.st_size} {status.st_mtime_ns} {choice} {sides}"

    def write(cached: Path) -> Dataset | None:
        source = recognize()
        if source.pictures is None:
            return _read(source, request, cached)
        _pack(source.pictures, request, cached)
        return None

    dataset = _load_or_write(_cache_key(stamp, request), request, write)
    return replace(dataset, name=path.stem, source=str(path))


def _load_or_write(key: str, request: Request, write: Callable[[Path], Dataset | None]) -> Dataset:
    """The data set in the cache. write: writes it if it is absent or damaged, and returns it if it is in memory."""
    cached = cache_folder() / "decoded" / f"{key[:32]}.h5"
    packed_request = replace(request, crop=None, pixel_range=AUTO)
    try:
        return hdf5.load(cached, packed_request)
    except DataError:  # absent or damaged: written anew
        input_files.forget(cached)
        temporary_files.sweep(cached.parent)
    dataset = write(cached)
    return hdf5.load(cached, packed_request) if dataset is None else dataset


def _read(source: DataSource, request: Request, cached: Path) -> Dataset:
    """Read arrays or sentences, and write images to the cache."""
    dataset = source.load(request)
    if isinstance(dataset.train.get("image"), np.ndarray):
        _write_rows(dataset, cached)
    return dataset


def _write_rows(dataset: Dataset, cached: Path) -> None:
    """Write a data set in memory: training, validation and test images, in this order."""
    train, test = dataset.train, dataset.test
    keys = {"label": "labels", "attributes": "attributes", "caption": "captions"}
    counts = len(dataset) - dataset.validation, dataset.validation, len(test.get("image", ()))
    columns = {
        key: np.concatenate([train[name], test[name]]) if test else train[name]
        for name, key in keys.items()
        if name in train and (not test or name in test)
    }
    splits = np.repeat(np.array([TRAIN, VALIDATION, TEST], np.uint8), counts)
    columns |= {"tests": splits} if splits.any() else {}
    images = [part["image"] for part in (train, test) if part]
    facts = {name: getattr(dataset, name) for name in ("classes", "remarks", "attributes", "pixel_ranges")}
    hdf5.write(cached, images, (sum(counts), *dataset.shape), columns=columns, description=hdf5.Description(**facts))


def _cache_key(what: str, request: Request) -> str:
    """SHA-256 of the files' stamp and of the options that matter to decoding."""
    options = [str(CACHE_FORMAT), str(request.image_size), request.color]
    options += [f"crop {request.crop}"] if request.crop else []
    if (request.pixel_range, request.known) != (AUTO, ()):
        options.append(f"range {' '.join([request.pixel_range, *request.known])}")
    options += [f"train from {request.least}"] if request.least else ["paired"] if request.paired else []
    options += ["alone"] if request.alone else []
    options += [f"maps {request.needs_maps}"] if request.needs_maps is not None else []
    options += ["skip bad"] if request.skip_bad else []
    return hashlib.sha256(f"{' '.join(options)} {what}".encode("utf-8", "surrogatepass")).hexdigest()
