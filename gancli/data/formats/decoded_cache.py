"""Pictures decoded once into a cached HDF5 file."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from gancli.core import input_files, temporary_files
from gancli.core.cache import cache_folder
from gancli.core.errors import DataError
from gancli.data.dataset import Dataset
from gancli.data.formats import hdf5, packing, pair_packing
from gancli.data.images.value_ranges import AUTO
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

CACHE_FORMAT = 8


def load(pictures: PictureSet, request: Request) -> Dataset:
    """The data set of these pictures, from the cache unless a file or the options have changed.

    Raises: DataError that names the bad files, up to five, or if there are no pictures.
    """
    path = pictures.entries.path
    cached = cache_folder() / "decoded" / f"{_cache_key(pictures, request)[:32]}.h5"
    packed_request = replace(request, crop=None, pixel_range=AUTO)
    try:
        dataset = hdf5.load(cached, packed_request)
    except DataError:  # absent or damaged: written anew
        input_files.forget(cached)
        temporary_files.sweep(cached.parent)
        if request.paired:
            pair_packing.pack_pairs(pictures, cached, request)
        elif request.least:
            packing.pack_native(pictures, cached, request)
        else:
            packing.pack(pictures, cached, request)
        dataset = hdf5.load(cached, packed_request)
    return replace(dataset, name=path.stem, source=str(path))


def _cache_key(pictures: PictureSet, request: Request) -> str:
    """SHA-256 of the files' stamp and of the options that matter to decoding."""
    options = [str(CACHE_FORMAT), str(request.image_size), request.color]
    options += [f"crop {request.crop}"] if request.crop else []
    if (request.pixel_range, request.known) != (AUTO, ()):
        options.append(f"range {' '.join([request.pixel_range, *request.known])}")
    options += [f"train from {request.least}"] if request.least else ["paired"] if request.paired else []
    options += ["alone"] if request.alone else []
    options += ["maps or not"] if not request.needs_maps else []
    text = f"{' '.join(options)} {pictures.entries.stamp}\n{pictures.layouts} {pictures.remarks}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
