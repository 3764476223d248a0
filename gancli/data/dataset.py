"""A Dataset: named columns of arrays, a test split where there is one, class names, and where it came from."""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import h5py
import numpy as np

from gancli import texts
from gancli.data import label_maps
from gancli.data.remarks import Remark
from gancli.errors import DataError, OptionError
from gancli.options import did_you_mean

FINGERPRINT_IMAGES = 1024
SHOWN = 20  # classes in a message
EXAMPLES = 64  # captions that a run remembers, to draw by
VALIDATION, VALIDATION_SHARE = 10_000, 5  # images, as Goodfellow et al. 2014 of MNIST; a fifth of small sets


@dataclass(frozen=True)
class Request:
    """What is asked of a source: side in pixels (None: as it is), "auto", "grey" or "rgb", and where to look.

    fit: the nearest side that the model can take, for a side that was not asked for. crop: side of the middle that is
    cut out of each image first, in its own pixels. whole: no part of a folder's pictures is kept for testing. least:
    images keep their own sizes, and those with a side shorter than this are left out. paired: each image has an other.
    alone: all pictures of a folder, and not what folders, lists and texts say of them.
    """

    image_size: int | None = None
    color: str = "auto"
    data_dir: str | None = None
    fit: Callable[[int], int] = lambda side: side
    crop: int | None = None
    whole: bool = False
    least: int | None = None
    paired: bool = False
    alone: bool = False

    def side(self, natural: int) -> int:
        """The side that images of this natural side are brought to."""
        return self.image_size or self.fit(natural)


class Source(NamedTuple):
    """A named data set: what it is in a line, how it is loaded, and whether `load` takes a number of images."""

    summary: str
    load: Callable[..., Dataset]
    has_any_number: bool = False


@dataclass(frozen=True)
class DataFacts:
    """What a model and a run.json need to know of a data set; the data themselves are elsewhere.

    frequencies: of the classes of label maps, see label_maps.frequencies; numbers: which stand for them in files. side:
    the usual shorter side of images that keep their own sizes.
    """

    name: str
    shape: tuple[int, ...]
    count: int
    columns: tuple[str, ...] = ("image",)
    classes: tuple[str, ...] = ()
    fingerprint: str = ""
    source: str = ""
    attributes: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    captions: tuple[str, ...] = ()
    validation: int = 0
    palette: tuple[tuple[int, int, int], ...] = ()
    frequencies: tuple[float, ...] = ()
    numbers: tuple[int, ...] = ()
    side: int = 0

    def held_out(self, *, asked: bool) -> int:
        """How many images are kept out of a training: those that the data keep for validation, or if it is asked for
        validation_count."""
        return self.validation or (validation_count(self.count) if asked else 0)


@dataclass(frozen=True)
class Dataset:
    """Columns by name; `image` is uint8 (count, height, width, channels), `label` int32 (count,), `attributes` uint8
    (count, attributes) of 0 and 1, `size` int32 (count, 2), height and width where images keep their own and stand in
    the upper left of what `image` has room for, `map` uint8 (count, height, width), the class of each pixel or 255,
    `other` uint8 (count, height, width, channels), the other of a pair, `caption` str (count, captions), empty where a
    picture has fewer; or, first of all columns, `point` float32 (count, size), or `sentence` str (count,), in the order
    of the text, with its `line` int32 (count,): two of which one follows the other stand on lines that do.

    An `image` column may be an h5py.Dataset, which is read in slices. validation: how many rows at the end the data
    themselves keep for validation. palette: red, green and blue of each class of `map`; numbers: that of each in files.
    remarks: what the reader guessed, changed and left out.
    """

    name: str
    train: Mapping[str, np.ndarray | h5py.Dataset]
    test: Mapping[str, np.ndarray] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    source: str = ""
    remarks: tuple[Remark, ...] = ()
    attributes: tuple[str, ...] = ()
    validation: int = 0
    palette: tuple[tuple[int, int, int], ...] = ()
    numbers: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @property
    def items(self) -> np.ndarray | h5py.Dataset:
        """The images, or the points, to train on."""
        return next(iter(self.train.values()))

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of an image, or the size of a point."""
        return tuple(int(side) for side in self.items.shape[1:])

    def facts(self) -> DataFacts:
        """The record of this data set, with its fingerprint."""
        return DataFacts(
            self.name,
            self.shape,
            len(self),
            tuple(self.train),
            self.classes,
            self._fingerprint(),
            self.source,
            self.attributes,
            texts.commonest(self.texts()),
            self.examples(),
            self.validation,
            self.palette,
            label_maps.frequencies(self.train["map"], len(self.classes)) if "map" in self.train else (),
            self.numbers,
            int(np.median(self.sizes().min(axis=1))) if "size" in self.train else 0,
        )

    def in_classes(self, facts: DataFacts) -> Dataset:
        """The same data with its labels numbered in the order of a run's classes; itself where they are others.

        Runs of an older gancli have 10 before 2.
        """
        are_same = sorted(facts.classes) == sorted(self.classes) and len(set(self.classes)) == len(self.classes)
        if self.classes == facts.classes or not are_same or "label" not in self.train:
            return self
        numbers = np.array([facts.classes.index(name) for name in self.classes], np.int32)
        train, test = (
            {**part, "label": numbers[part["label"][:]]} if "label" in part else part
            for part in (self.train, self.test)
        )
        return replace(self, train=train, test=test, classes=facts.classes)

    def texts(self) -> Iterator[str]:
        """The captions or sentences to train on, if there are any."""
        for name in ("caption", "sentence"):
            if name in self.train:
                yield from (text for text in self.train[name].flat if text)

    def count_of_texts(self) -> int:
        """How many captions or sentences there are to train on."""
        return sum(1 for _ in self.texts())

    def examples(self) -> tuple[str, ...]:
        """A caption each of some test images, spread over all, or where there are none of training images."""
        captions = self.test.get("caption", self.train.get("caption"))
        if captions is None:
            return ()
        return tuple(
            captions[row, 0] for row in np.linspace(0, len(captions) - 1, min(len(captions), EXAMPLES)).astype(int)
        )

    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows to train on when validation images are held out, and the rows of those; int, in order of use.

        Sets with a test split are mixed, as MNIST is, and the last rows are for validation, as published. Others, those
        with captions or label maps, and those that are sorted by class are shuffled first, in a fixed way. Some have
        validation images of their own.
        """
        if self.validation:
            return np.split(np.arange(len(self)), [len(self) - self.validation])
        order = np.arange(len(self))
        is_sorted = "label" in self.train and bool((np.diff(self.train["label"][:]) >= 0).all())
        if "image" not in self.test or {"caption", "map", "other"} & self.train.keys() or is_sorted:
            order = np.random.default_rng(0).permutation(order)
        cut = len(self) - validation_count(len(self))
        return np.sort(order[:cut]), order[cut:]

    def take(self, rows: np.ndarray) -> np.ndarray:
        """These images of the training set, wherever it lies."""
        values = self.items
        return values[rows] if isinstance(values, np.ndarray) else np.stack([values[int(row)] for row in rows])

    def sizes(self, part: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        """Height and width of each image of a part, int32 (count, 2): of the training set, or `test`."""
        part = part or self.train
        everywhere = np.broadcast_to(np.array(self.shape[:2], np.int32), (len(part["image"]), 2))
        return part.get("size", everywhere)

    def pictures(self, rows: Iterable[int], part: Mapping[str, np.ndarray] | None = None) -> list[np.ndarray]:
        """These images of a part at their own sizes, uint8 (height, width, channels) each."""
        sizes, held = self.sizes(part), (part or self.train)["image"]
        return [held[int(row)][: sizes[row, 0], : sizes[row, 1]] for row in rows]

    def maps(self, rows: Iterable[int], part: Mapping[str, np.ndarray] | None = None) -> list[np.ndarray]:
        """The label maps of these images of a part at their own sizes, uint8 (height, width) each."""
        sizes, held = self.sizes(part), (part or self.train)["map"]
        return [held[int(row)][: sizes[row, 0], : sizes[row, 1]] for row in rows]

    def some(self, count: int) -> np.ndarray:
        """Up to `count` images of the training set from all over it, always the same."""
        return self.take(np.sort(np.random.default_rng(0).permutation(len(self))[:count]))

    def class_shares(self) -> np.ndarray:
        """The share of each class in the training set, float64 (classes,)."""
        counts = (
            np.bincount(self.train["label"][:], minlength=len(self.classes)) if "label" in self.train else np.zeros(0)
        )
        return counts / len(self)

    def mean_image(self, rows: np.ndarray) -> np.ndarray:
        """The mean of these training images, float64 (height, width, channels) in [0, 1]."""
        parts = (self.take(rows[start : start + 1000]) for start in range(0, len(rows), 1000))
        return sum(part.sum(axis=0, dtype=np.int64) for part in parts) / (255.0 * len(rows))

    def _fingerprint(self) -> str:
        """SHA-256 of shape, up to 1,024 evenly spaced images and all else there is: the same wherever they lie."""
        images = self.items
        digest = hashlib.sha256(repr(tuple(images.shape)).encode())
        for index in np.linspace(0, len(images) - 1, min(len(images), FINGERPRINT_IMAGES)).astype(int):
            digest.update(
                images[index].encode()
                if isinstance(images[index], str)
                else np.ascontiguousarray(images[index]).tobytes()
            )
        if "label" in self.train:
            digest.update(np.ascontiguousarray(self.train["label"]).tobytes())
        if "attributes" in self.train:
            digest.update(repr(self.attributes).encode() + np.ascontiguousarray(self.train["attributes"]).tobytes())
        for name in sorted({"line", "size", "map", "other"} & self.train.keys()):
            digest.update(self.train[name].tobytes())
        if "caption" in self.train:
            digest.update("\0".join(self.train["caption"].flat).encode("utf-8", "surrogatepass"))
        return digest.hexdigest()

    def is_larger_than_memory(self) -> bool:
        """Whether the images take more than half of the machine's memory."""
        return math.prod(self.items.shape) > total_memory() // 2


def validation_count(count: int) -> int:
    """How many of a training set's images are for validation: 10,000, or a fifth of a small set."""
    return min(VALIDATION, count // VALIDATION_SHARE)


def class_index(name: str, classes: tuple[str, ...], data: str) -> int:
    """The index of a class given by name (case does not matter) or number. Raises: OptionError."""
    if not classes:
        raise OptionError(f"the data set '{data}' has no labels, so no class can be asked for; name seeds instead")
    folded = [known.casefold() for known in classes]
    if name.casefold() in folded:
        return folded.index(name.casefold())
    if name.isdecimal() and int(name) < len(classes):
        return int(name)
    shown = ", ".join(classes if len(classes) <= SHOWN else (*classes[:SHOWN], "…"))
    raise OptionError(f"'{data}' has no class '{name}'; its classes: {shown}" + did_you_mean(name, classes))


def total_memory() -> int:
    """Bytes of memory that this machine has in all."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def as_labels(values: np.ndarray, count: int, classes: tuple[str, ...], *, name: str) -> np.ndarray:
    """Labels as int32 (count,), from whole numbers (count,) or (count, 1), or one-hot rows (count, classes).

    Raises: DataError if they are of another form, negative, or beyond the named classes.
    """
    values = np.asarray(values)
    if values.dtype.kind not in "iufb" or not np.isfinite(values).all():
        raise DataError(f"{name}: labels must be whole numbers, these are {values.dtype}")
    if values.ndim == 2 and values.shape[1] > 1 and np.array_equal(values.sum(axis=1), np.ones(len(values))):
        values = values.argmax(axis=1)
    values = values.reshape(len(values), -1)[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values
    if values.shape != (count,):
        raise DataError(f"{name}: labels of shape {values.shape} for {count} images")
    if not np.array_equal(values, np.floor(values)):
        raise DataError(f"{name}: labels must be whole numbers, these are fractions")
    low, high = int(values.min()), int(values.max())
    if low < 0 or (classes and high >= len(classes)):
        raise DataError(f"{name}: labels from {low} to {high} for {len(classes) or high + 1} classes")
    if high > 1_000_000:
        raise DataError(f"{name}: labels up to {high}; expected class numbers that count from 0")
    return values.astype(np.int32)


def as_images(values: np.ndarray, *, name: str) -> np.ndarray:
    """Images as uint8 (count, height, width, channels), from bytes, 16-bit, booleans, or floats of a known range.

    Raises: DataError for another rank, no images, NaN, or values of no known range.
    """
    if values.ndim == 3:
        values = values[..., None]
    if values.ndim != 4 or values.shape[-1] not in (1, 3) or 0 in values.shape:
        raise DataError(f"{name}: images of shape {values.shape}; expected (count, height, width[, 1 or 3]), not empty")
    if values.dtype == np.uint8:
        return np.ascontiguousarray(values)
    return _bytes(values, name)


def _bytes(values: np.ndarray, name: str) -> np.ndarray:
    if values.dtype.kind not in "biuf":
        raise DataError(f"{name}: images of type {values.dtype}; expected numbers")
    if values.dtype == bool:
        return values.astype(np.uint8) * 255
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise DataError(f"{name}: the images hold NaN or infinity")
    if values.dtype.kind == "u" and values.dtype.itemsize == 2 and high > 255:  # of either byte order
        return np.rint(values / 257.0).astype(np.uint8)
    if values.dtype.kind == "f" and low >= 0 and high <= 1:
        return np.rint(values * 255.0).astype(np.uint8)
    if values.dtype.kind == "f" and low >= -1 and high <= 1:
        return np.rint((values + 1.0) * 127.5).astype(np.uint8)
    if low >= 0 and high <= 255:
        return np.rint(values).astype(np.uint8)
    raise DataError(f"{name}: pixels from {low:g} to {high:g}; expected 0 to 255, 0 to 1 or -1 to 1")
