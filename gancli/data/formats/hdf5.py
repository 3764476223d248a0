"""Data from a `.h5` file: `images` uint8 (N, H, W[, C]), `labels` (N,), `attributes` (N, K), names; and writing one.

`others` (N, H, W[, C]) are the partners of images in pairs; `captions` (N, most) are texts, empty if an image has
fewer; `maps` (N, H, W) the class of each pixel, 255 for none; `tests` (N,) is 0 for training, 1 for test and 2 for
validation images. The attribute `pixel_ranges` says that the images were scaled to bytes and are read as they are.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gancli.core import files, safe_hdf5
from gancli.core.backend import h5py, np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data import fitting
from gancli.data.dataset import Dataset
from gancli.data.formats.hdf5_reading import PIXEL_RANGES, read
from gancli.data.formats.hdf5_storage import Column
from gancli.data.images import value_range_detection, value_ranges
from gancli.data.remarks import Remark, merged
from gancli.data.request import Request

AT_ONCE, MOST_AT_ONCE = 1_000_000, 1000  # bytes of images that are written at a time; images


@dataclass(frozen=True)
class Description:
    """What a file says about its columns: names of classes and attributes, see Dataset."""

    classes: tuple[str, ...] = ()
    remarks: Sequence[Remark] = ()
    attributes: tuple[str, ...] = ()
    palette: tuple[tuple[int, int, int], ...] = ()
    numbers: tuple[int, ...] = ()
    pixel_ranges: tuple[str, ...] = ()


def load(path: Path, request: Request) -> Dataset:
    """The data set in the file; images of the requested size stay on disk. Raises: DataError."""
    dataset = load_bytes(path, request)
    if "size" in dataset.train and not request.least:
        raise DataError(
            f"{path} holds pictures of several sizes, for super-resolution models; give the pictures themselves"
        )
    if fitting.needs_change(dataset, request):
        _check_memory(dataset.train["image"], path)
    return fitting.converted(dataset, request)


def load_bytes(path: Path, request: Request) -> Dataset:
    """The data set in the file with images as bytes: as they are on disk, or scaled in memory.

    Of the request only pixel_range, known and whole are used. Bytes are scanned until their range is settled, mostly by
    the first of them. Raises: DataError, OptionError.
    """
    dataset = read(path, whole=request.whole)
    images = dataset.train["image"]
    with safe_hdf5.open_hdf5(path) as file:
        is_final = PIXEL_RANGES in file.attrs
    if images.dtype == np.uint8 and is_final and request.pixel_range == value_ranges.AUTO:
        return dataset
    if images.dtype != np.uint8:
        _check_memory(images, path)
    parts = {"training images": dataset.train} | ({"test images": dataset.test} if dataset.test else {})
    extents = {name: _extents(part["image"], path) for name, part in parts.items()}
    known = value_ranges.from_texts(request.known)
    ranges, remarks = value_range_detection.detect(extents, request.pixel_range, name=f"{path}: images", known=known)
    texts = value_ranges.to_texts(value_ranges.to_remember(ranges, request.pixel_range))
    dataset = replace(dataset, remarks=merged(dataset.remarks, remarks), pixel_ranges=(*dataset.pixel_ranges, *texts))
    if images.dtype == np.uint8 and ranges[value_ranges.BYTE] == value_ranges.BYTES:
        return dataset
    _check_memory(images, path)
    train, test = (
        part | ({"image": value_ranges.to_bytes(part["image"][:], ranges)} if part else {})
        for part in (dict(dataset.train), dict(dataset.test))
    )
    return replace(dataset, train=train, test=test)


def _extents(images: np.ndarray | h5py.Dataset, path: Path) -> value_ranges.Extents:
    """The lowest and the highest pixel, of bytes as far as they can decide anything. Raises: DataError for NaN."""
    kind, extent = value_ranges.kind_of(images.dtype), None
    for start in track(range(0, len(images), value_ranges.ROWS), "range of the pixels"):
        if value_range_detection.is_settled(kind, extent):
            break
        try:
            extent = value_ranges.extent_of(images[start : start + value_ranges.ROWS]).union(extent)
        except DataError as error:
            raise DataError(f"{path}: images: {error}") from error
    return {kind: extent or value_ranges.Extent(0, 1)}


def _check_memory(images: np.ndarray | h5py.Dataset, path: Path) -> None:
    """Raise DataError for images that must be changed and do not fit into half of the memory."""
    if math.prod(images.shape) * images.dtype.itemsize > total_memory() // 2:
        raise DataError(
            f"{path}: images of shape {images.shape} must be resized or rescaled, and the memory cannot "
            "hold them: use gancli data pack --image-size on the pictures themselves"
        )


def _groups(images: Iterable[np.ndarray], ndim: int, at_once: int) -> Iterator[np.ndarray]:
    """Arrays of several images, from such arrays or from single images."""
    waiting = iter(images)
    while group := list(itertools.islice(waiting, at_once)):
        yield from group if group[0].ndim == ndim else [np.stack(group)]


def write(
    path: Path,
    images: Iterable[np.ndarray],
    shape: tuple[int, int, int, int],
    *,
    columns: Mapping[str, np.ndarray | Column] | None = None,
    description: Description | None = None,
) -> None:
    """Write images one by one, so that a data set of any size needs little memory.

    images: uint8 (H, W, C) each, shape[0] of them, or arrays of several. columns: further arrays, such as `labels`.
    Raises: ResourceError if the disk cannot hold them.
    """
    files.need_space(path.parent, int(np.prod(shape)) + 1_000_000)
    with files.atomic_path(path) as aside, aside.open("w+b") as raw, h5py.File(raw, "w") as file:
        stored = file.create_dataset("images", shape, np.uint8)
        at_once = min(MOST_AT_ONCE, max(1, AT_ONCE // max(1, math.prod(shape[1:]))))
        start = 0
        for group in _groups(images, len(shape), at_once):
            stored[start : start + len(group)] = group
            start += len(group)
        for name, values in (columns or {}).items():
            if isinstance(values, Column):
                values.write_to(file.create_dataset(name, (values.count,), values.dtype))
            else:
                file.create_dataset(name, data=values, dtype=h5py.string_dtype() if values.dtype == object else None)
        for name, value in vars(description or Description()).items():
            file.attrs[name] = json.dumps(value)
