"""Data from a `.h5` file: `images` uint8 (N, H, W[, C]), `labels` (N,), `attributes` (N, K), names; and writing one.

`others` are images, each the other of a pair; `captions` (N, most) are texts, empty where an image has fewer; `maps`
(N, H, W) the class of each pixel, 255 for none; `tests` (N,) is 1 for images that are not trained on, 2 for those to
validate on. The attribute `pixel_ranges` says that a file's images were brought to bytes and are read as they are.
"""

from __future__ import annotations

import itertools
import json
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from gancli.core import files, safe_hdf5
from gancli.core.backend import h5py, np
from gancli.core.errors import DataError
from gancli.data import value_ranges
from gancli.data.annotations import label_maps
from gancli.data.annotations.attributes import as_attributes
from gancli.data.dataset import Dataset, Request, as_labels, numbered, total_memory
from gancli.data.formats.arrays import from_arrays
from gancli.data.remarks import GUESSED, Remark, changed, from_json, merged

ACCEPTS = "a .h5 file with images, labels"
PIXEL_RANGES = "pixel_ranges"
AT_ONCE, MOST_AT_ONCE = 1_000_000, 1000  # bytes of images that are written at a time; images


def accepts(path: Path) -> bool:
    """Whether the path is a `.h5` or `.hdf5` file."""
    return path.is_file() and path.suffix.lower() in (".h5", ".hdf5")


def load(path: Path, request: Request) -> Dataset:
    """The data set in the file; images of the size asked for stay on disk. Raises: DataError."""
    dataset = read_bytes(path, request)
    images = dataset.train["image"]
    if images.ndim == 3 and {"map", "other", "size"} & dataset.train.keys():  # what belongs to them is not resized
        dataset = replace(dataset, train={**dataset.train, "image": images[:][..., None]})
        images = dataset.train["image"]
    if "size" in dataset.train and not request.least:
        raise DataError(
            f"{path} holds pictures of several sizes, for models that enlarge; give the pictures themselves"
        )
    fits = bool(request.least) or images.shape[1] == images.shape[2] == request.side(images.shape[1])
    natural = images.ndim == 4 and fits and request.crop in (None, images.shape[1])
    color = {1: "gray", 3: "rgb"}.get(images.shape[-1])
    if natural and images.shape[3] in (1, 3) and request.color in ("auto", color):
        return dataset
    if {"map", "other"} & dataset.train.keys():
        raise DataError(
            f"{path} holds images of {images.shape[2]}x{images.shape[1]}, with what belongs to them: they are not "
            "brought to another size or other colours; give the pictures themselves"
        )
    _need_memory(images, path)
    arrays = {"images": images[:]} | ({"labels": dataset.train["label"]} if "label" in dataset.train else {})
    arrays |= {"classes": np.array(dataset.classes)} if dataset.classes else {}
    if dataset.attributes:
        arrays |= {"attributes": dataset.train["attributes"], "attribute_names": np.array(dataset.attributes)}
    if dataset.test:
        arrays["x_test"] = dataset.test["image"]
        arrays |= {"y_test": dataset.test["label"]} if "label" in dataset.test else {}
    made = from_arrays(dataset.name, arrays, replace(request, pixel_range=str(value_ranges.BYTES)), source=str(path))
    said = [remark for remark in made.remarks if remark.kind != GUESSED]  # ranges and classes were told above
    return replace(
        made,
        train={**dataset.train, **made.train},
        test={**dataset.test, **made.test},
        remarks=merged(dataset.remarks, said),
        pixel_ranges=dataset.pixel_ranges,
        validation=dataset.validation,
    )


def read_bytes(path: Path, request: Request) -> Dataset:
    """The data set in the file with images of bytes: as they lie on the disk, or brought to them in memory.

    Of the request only pixel_range, known and whole are met. Bytes are looked through until their range is settled,
    mostly by the first of them. Raises: DataError, OptionError.
    """
    dataset = read(path, whole=request.whole)
    images = dataset.train["image"]
    with safe_hdf5.open_hdf5(path) as file:
        is_final = PIXEL_RANGES in file.attrs
    if images.dtype == np.uint8 and is_final and request.pixel_range == value_ranges.AUTO:
        return dataset
    if images.dtype != np.uint8:
        _need_memory(images, path)
    parts = {"training images": dataset.train} | ({"test images": dataset.test} if dataset.test else {})
    extents = {name: _extents(part["image"], path) for name, part in parts.items()}
    found, said = value_ranges.decide(
        extents, request.pixel_range, name=f"{path}: images", known=value_ranges.read(request.known)
    )
    dataset = replace(
        dataset,
        remarks=merged(dataset.remarks, said),
        pixel_ranges=(
            *dataset.pixel_ranges,
            *value_ranges.spelled(value_ranges.beyond_bytes(found, request.pixel_range)),
        ),
    )
    if images.dtype == np.uint8 and found[value_ranges.BYTE] == value_ranges.BYTES:
        return dataset
    _need_memory(images, path)
    train, test = (
        part | ({"image": value_ranges.to_bytes(part["image"][:], found)} if part else {})
        for part in (dict(dataset.train), dict(dataset.test))
    )
    return replace(dataset, train=train, test=test)


def _extents(images: np.ndarray | h5py.Dataset, path: Path) -> value_ranges.Extents:
    """The lowest and the highest pixel, of bytes as far as they can decide anything. Raises: DataError for NaN."""
    kind, found = value_ranges.kind_of(images.dtype), None
    for start in range(0, len(images), value_ranges.ROWS):
        if value_ranges.is_settled(kind, found):
            break
        try:
            found = value_ranges.extent_of(images[start : start + value_ranges.ROWS]).joined(found)
        except DataError as error:
            raise DataError(f"{path}: images: {error}") from error
    return {kind: found or value_ranges.Extent(0, 1)}


def _need_memory(images: np.ndarray | h5py.Dataset, path: Path) -> None:
    """Raise DataError for images that must be changed and do not fit into half of the memory."""
    if math.prod(images.shape) * images.dtype.itemsize > total_memory() // 2:
        raise DataError(
            f"{path}: images of shape {images.shape} must be brought to another size or range, and the memory cannot "
            "hold them: use gancli data pack --image-size on the pictures themselves"
        )


def read(path: Path, *, whole: bool = False) -> Dataset:
    """The data set in the file as it is, images left on disk. whole: the test images among the others, and a column
    `tests` that says which they are.

    Raises: DataError.
    """
    with safe_hdf5.open_hdf5(path) as file:
        images = safe_hdf5.plain_dataset(file, "images", name=str(path))
        if images.ndim not in (3, 4) or 0 in images.shape:
            raise DataError(f"{path}: 'images' has shape {images.shape}; expected (count, height, width, channels)")
        classes = _texts(file, "classes", path)
        columns, names, remarks = {}, _texts(file, "attributes", path), _remarks(file, path)
        tests = safe_hdf5.plain_dataset(file, "tests", name=str(path))[()] if "tests" in file else None
        if "labels" in file:
            values = safe_hdf5.plain_dataset(file, "labels", name=str(path))[()]
            labels = as_labels(values, len(images), classes, name=f"{path}: labels")
            columns["label"] = labels.astype(np.int32)
            if "maps" not in file:  # whose classes are those of pixels
                columns["label"], classes, said = _numbered(labels, None if whole else tests, classes, path)
                remarks = merged(remarks, said)
        if "attributes" in file:
            values = safe_hdf5.plain_dataset(file, "attributes", name=str(path))[()]
            columns["attributes"] = as_attributes(values, len(images), names, name=str(path))
        if "captions" in file:
            columns["caption"] = _captions(
                safe_hdf5.plain_dataset(file, "captions", name=str(path), of="O"), len(images), path
            )
        if "sizes" in file:
            sizes = safe_hdf5.plain_dataset(file, "sizes", name=str(path))[()]
            if sizes.shape != (len(images), 2) or (sizes < 1).any() or (sizes > images.shape[1:3]).any():
                raise DataError(f"{path}: 'sizes' must be height and width of each image, within {images.shape[1:3]}")
            columns["size"] = sizes.astype(np.int32)
        palette, numbers = _palette(file, classes, path), _numbers(file, classes, path)
        if "maps" in file:
            columns["map"] = _maps(safe_hdf5.plain_dataset(file, "maps", name=str(path)), images.shape, classes, path)
        if "others" in file:
            columns["other"] = _others(safe_hdf5.plain_dataset(file, "others", name=str(path)), images.shape, path)
        scaled = _texts(file, PIXEL_RANGES, path)
        columns |= {"tests": tests} if whole and tests is not None and tests.any() else {}
    kept_open = safe_hdf5.safe_dataset(h5py.File(path, "r")["images"])  # for as long as the data set is in use
    stored = kept_open if kept_open.id.get_offset() is None else InOnePiece(kept_open, path)
    found = Dataset(
        path.stem,
        {"image": stored, **columns},
        {},
        classes,
        str(path),
        remarks,
        names,
        0,
        palette,
        numbers,
        scaled,
    )
    return found if tests is None or whole or not tests.any() else _parted(found, tests, path)


def _numbered(
    labels: np.ndarray, tests: np.ndarray | None, classes: tuple[str, ...], path: Path
) -> tuple[np.ndarray, tuple[str, ...], list[Remark]]:
    """Labels counted through, the names of their classes, and what is to be said, see dataset.numbered."""
    are_tests = np.zeros(len(labels), bool) if tests is None or tests.shape != labels.shape else tests == 1
    splits = {"train": labels[~are_tests], "test": labels[are_tests]}
    made, names, said = numbered({name: own for name, own in splits.items() if len(own)}, classes, name=str(path))
    whole = np.empty(len(labels), np.int32)
    for name, rows in (("train", ~are_tests), ("test", are_tests)):
        whole[rows] = made.get(name, np.zeros(0, np.int32))
    return whole, names, said


def _palette(file: h5py.File, classes: Sequence[str], path: Path) -> tuple[tuple[int, int, int], ...]:
    """The colours of the classes of label maps. Raises: DataError for what is none."""
    if "maps" not in file:
        return ()
    held = _json(file, "palette", path)
    is_colored = all(isinstance(color, list) and len(color) == 3 for color in held) and len(held) == len(classes)
    if held and not (is_colored and all(type(part) is int and 0 <= part < 256 for color in held for part in color)):
        raise DataError(f"{path}: the attribute 'palette' must be red, green, blue of each of {len(classes)} classes")
    return tuple(map(tuple, held)) or label_maps.palette(len(classes))


def _numbers(file: h5py.File, classes: Sequence[str], path: Path) -> tuple[int, ...]:
    """The numbers that stand for classes in files of label maps. Raises: DataError for what are none."""
    held = _json(file, "numbers", path)
    if "maps" not in file or not held:
        return tuple(range(len(classes))) if "maps" in file else ()
    if len(set(map(str, held))) != len(classes) or not all(type(one) is int and 0 <= one < 65536 for one in held):
        raise DataError(f"{path}: the attribute 'numbers' must be one of 16 bits for each of {len(classes)} classes")
    return tuple(held)


def _maps(stored: h5py.Dataset, shape: tuple[int, ...], classes: Sequence[str], path: Path) -> np.ndarray:
    """Label maps uint8 (count, height, width). Raises: DataError for what is none."""
    if stored.shape != shape[:3] or stored.dtype != np.uint8:
        raise DataError(f"{path}: 'maps' has shape {stored.shape} of {stored.dtype}; expected {shape[:3]} of uint8")
    if not classes or len(set(classes)) < len(classes):
        raise DataError(f"{path} holds 'maps', and no attribute 'classes' with a name for each")
    maps = stored[()]
    strange = np.unique(maps[(maps >= len(classes)) & (maps != label_maps.IGNORED)])
    if len(strange):
        raise DataError(f"{path}: 'maps' holds label {strange[0]}, which is none of the {len(classes)} classes")
    return maps


def _others(stored: h5py.Dataset, shape: tuple[int, ...], path: Path) -> np.ndarray:
    """Images uint8 (count, height, width, channels) that others are paired with. Raises: DataError for what is none."""
    if stored.shape[:3] != shape[:3] or stored.shape[3:] != (shape[3:] or (1,)) or stored.dtype != np.uint8:
        raise DataError(f"{path}: 'others' has shape {stored.shape} of {stored.dtype}; expected images as 'images'")
    return stored[()]


def _captions(stored: h5py.Dataset, count: int, path: Path) -> np.ndarray:
    """Captions str (count, most). Raises: DataError for what is none."""
    texts = h5py.check_string_dtype(stored.dtype)
    if texts is None or stored.ndim != 2 or len(stored) != count or 0 in stored.shape:
        raise DataError(
            f"{path}: 'captions' has shape {stored.shape} of {stored.dtype}; expected texts ({count}, most)"
        )
    values = stored[()]
    read = [
        [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in row] for row in values
    ]
    if not all(row[0].strip() for row in read):
        raise DataError(f"{path}: 'captions': an image has none in its first column")
    if any(after and not before for row in read for before, after in itertools.pairwise(row)):
        raise DataError(f"{path}: 'captions': an empty one stands before another of the same image")
    return np.array(read, object)


def _parted(whole: Dataset, tests: np.ndarray, path: Path) -> Dataset:
    """The images to train on and those to test on, both in memory if it holds them. Raises: DataError."""
    if tests.shape != (len(whole),) or not np.isin(tests, (0, 1, 2)).all() or tests.all():
        raise DataError(
            f"{path}: 'tests' must be 0 for images to train on, 1 to test and 2 to validate, {len(whole)} numbers"
        )
    train, validation = np.flatnonzero(tests == 0), np.flatnonzero(tests == 2)
    rows = {"train": np.concatenate([train, validation]), "test": np.flatnonzero(tests == 1)}
    on_disk = {"image"} if whole.is_larger_than_memory() else set()
    parts = {
        kind: {name: Rows(column, at) if name in on_disk else column[:][at] for name, column in whole.train.items()}
        for kind, at in rows.items()
        if len(at)
    }
    return replace(whole, **parts, validation=len(validation))


class Rows:
    """Some rows of a column that is left on disk, in their order.

    Attributes: as an array's; `stored`, the HDF5 data set they are in; `rows`, which they are, int64.
    """

    def __init__(self, column: h5py.Dataset | InOnePiece, rows: np.ndarray) -> None:
        self._column, self.rows, self.stored = column, rows, getattr(column, "stored", column)
        self.shape, self.dtype, self.ndim = (len(rows), *column.shape[1:]), column.dtype, column.ndim
        self.size = math.prod(self.shape)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, key: object) -> np.ndarray:
        rows = self.rows[key]
        if np.ndim(rows) == 0:
            return self._column[int(rows)]
        read = [self._column[int(row)] for row in rows]
        return np.stack(read) if read else np.zeros((0, *self.shape[1:]), self.dtype)


class InOnePiece:
    """An HDF5 data set that is neither cut into chunks nor packed: single rows are read from the file straight away.

    A random row of 28 x 28 takes 6 microseconds so, 50 through HDF5. Attributes: as an array's.
    """

    def __init__(self, stored: h5py.Dataset, path: Path) -> None:
        self.stored, self.path = stored, path
        self.shape, self.dtype, self.ndim, self.size = stored.shape, stored.dtype, stored.ndim, stored.size
        self._start, self._row_bytes = stored.id.get_offset(), stored.dtype.itemsize * math.prod(stored.shape[1:])
        self._file = path.open("rb", buffering=0)

    def __len__(self) -> int:
        return len(self.stored)

    def __getitem__(self, key: object) -> np.ndarray:
        if not isinstance(key, (int, np.integer)) or not 0 <= key < len(self):
            return self.stored[key]
        row = os.pread(self._file.fileno(), self._row_bytes, self._start + int(key) * self._row_bytes)
        if len(row) < self._row_bytes:
            raise DataError(f"{self.path} ends before image {key}: it was changed or cut short")
        return np.frombuffer(row, self.dtype).reshape(self.shape[1:])


def _texts(file: h5py.File, name: str, path: Path) -> tuple[str, ...]:
    texts = _json(file, name, path, of=" of texts")
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"{path}: the attribute '{name}' is not a JSON list of texts")
    return tuple(texts)


def _remarks(file: h5py.File, path: Path) -> tuple[Remark, ...]:
    """What was told when the file was made. Raises: DataError for what are no remarks."""
    if "remarks" not in file.attrs:  # of an older gancli, which had texts alone
        return tuple(changed(text) for text in _texts(file, "notes", path))
    try:
        return from_json(_json(file, "remarks", path))
    except ValueError as error:
        raise DataError(f"{path}: the attribute 'remarks': {error}") from error


def _json(file: h5py.File, name: str, path: Path, *, of: str = "") -> list:
    try:
        held = json.loads(file.attrs.get(name, "[]"))
        if not isinstance(held, list):
            raise ValueError("no list")
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: the attribute '{name}' is not a JSON list{of}") from error
    return held


class Column(NamedTuple):
    """A column that is written piece by piece: how many values, their type, and the pieces, each time anew."""

    count: int
    dtype: np.dtype
    pieces: Callable[[], Iterator[np.ndarray]]


def write(
    path: Path,
    images: Iterable[np.ndarray],
    shape: tuple[int, int, int, int],
    *,
    columns: Mapping[str, np.ndarray | Column] | None = None,
    classes: tuple[str, ...] = (),
    remarks: Sequence[Remark] = (),
    attributes: tuple[str, ...] = (),
    palette: tuple[tuple[int, int, int], ...] = (),
    numbers: tuple[int, ...] = (),
    pixel_ranges: tuple[str, ...] = (),
) -> None:
    """Write images one by one, so that a set of any size passes through little memory.

    images: uint8 (H, W, C) each, shape[0] of them. columns: further arrays, such as `labels`; attributes: the names of
    those in the column `attributes`; pixel_ranges: the values that became black and white, see Dataset.
    Raises: ResourceError if the disk cannot hold them.
    """
    files.need_space(path.parent, int(np.prod(shape)) + 1_000_000)
    with files.atomic_path(path) as aside, aside.open("w+b") as raw, h5py.File(raw, "w") as file:
        stored = file.create_dataset("images", shape, np.uint8)
        at_once = min(MOST_AT_ONCE, max(1, AT_ONCE // max(1, math.prod(shape[1:]))))
        waiting, start = iter(images), 0
        while group := list(itertools.islice(waiting, at_once)):
            stored[start : start + len(group)] = np.stack(group)
            start += len(group)
        for name, values in (columns or {}).items():
            if isinstance(values, Column):
                _fill(file.create_dataset(name, (values.count,), values.dtype), values)
            else:
                file.create_dataset(name, data=values, dtype=h5py.string_dtype() if values.dtype == object else None)
        told = {
            "classes": classes,
            "remarks": remarks,
            "attributes": attributes,
            "palette": palette,
            "numbers": numbers,
            PIXEL_RANGES: pixel_ranges,
        }
        for name, texts in told.items():
            file.attrs[name] = json.dumps(texts)


def _fill(stored: h5py.Dataset, column: Column) -> None:
    start = 0
    for piece in column.pieces():
        stored[start : start + len(piece)] = piece
        start += len(piece)
