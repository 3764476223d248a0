"""A Dataset: named columns of arrays, a test split where there is one, class names, and where it came from."""

from __future__ import annotations

import functools
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from gancli.core.backend import h5py, np
from gancli.core.errors import DataError, OptionError
from gancli.core.options import did_you_mean, whole
from gancli.data import subsets, tokenization, value_ranges
from gancli.data.class_names import folded
from gancli.data.remarks import Remark, guessed, left_out, some

SHOWN = 20  # classes in a message
LARGEST_LABEL, MOST_CLASSES = 2**53, 100_000
EXAMPLES = 64  # captions that a run remembers, to draw by
VALIDATION, VALIDATION_SHARE = 10_000, 5  # images, as Goodfellow et al. 2014 of MNIST; a fifth of small sets


@dataclass(frozen=True)
class Request:
    """What is asked of a source: side in pixels (None: as it is), "auto", "gray" or "rgb", and where to look.

    fit: the nearest side that the model can take, for a side that was not asked for. crop: side of the middle that is
    cut out of each image first, in its own pixels. whole: no part of a folder's pictures is kept for testing. least:
    images keep their own sizes, and those with a side shorter than this are left out. paired: each image has an other.
    alone: all pictures of a folder, and not what folders, lists and texts say of them. needs_maps: label maps that are
    bad are an error; else they are left out, told.
    pixel_range: the values that become black and white, see gancli.data.ranges; known: ranges of the set that images
    belong to, as `Dataset.pixel_ranges` has them, taken before others where pixel_range is auto.
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
    needs_maps: bool = True
    pixel_range: str = value_ranges.AUTO
    known: tuple[str, ...] = ()

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
    the usual shorter side of images that keep their own sizes. pixel_ranges: see Dataset.
    fingerprint: of all that is in `fingerprints`, the digests of columns and names; runs of old have only the first.
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
    pixel_ranges: tuple[str, ...] = ()
    fingerprints: Mapping[str, str] = field(default_factory=dict)

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
    remarks: what the reader guessed, changed and left out. pixel_ranges: the values that became black and white, by the
    kind of number, such as "16-bit 0:4095"; none for plain bytes.
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
    pixel_ranges: tuple[str, ...] = ()

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
        from gancli.data import fingerprints
        from gancli.data.annotations import label_maps

        return DataFacts(
            self.name,
            self.shape,
            len(self),
            tuple(self.train),
            self.classes,
            fingerprints.combined(self.fingerprints),
            self.source,
            self.attributes,
            tokenization.commonest(self.texts()),
            self.examples(),
            self.validation,
            self.palette,
            label_maps.frequencies(self.train["map"], len(self.classes)) if "map" in self.train else (),
            self.numbers,
            int(np.median(self.sizes().min(axis=1))) if "size" in self.train else 0,
            self.pixel_ranges,
            dict(self.fingerprints),
        )

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
        with captions or label maps, and those whose classes stand together are shuffled first, in a fixed way. Some
        have validation images of their own.
        """
        order, random = np.arange(len(self)), np.random.default_rng(0)
        labels = self.train["label"][:] if "label" in self.train else None
        if self.validation:
            known, unseen = np.split(order, [len(self) - self.validation])
            return known, random.permutation(unseen) if _are_grouped(labels, unseen) else unseen
        if "image" not in self.test or {"caption", "map", "other"} & self.train.keys() or _are_grouped(labels, order):
            order = random.permutation(order)
        cut = len(self) - validation_count(len(self))
        return np.sort(order[:cut]), order[cut:]

    def take(self, rows: np.ndarray) -> np.ndarray:
        """These images of the training set, wherever it lies."""
        values = self.items
        if isinstance(values, np.ndarray):
            return values[rows]
        return np.stack([values[int(row)] for row in rows]) if len(rows) else np.zeros((0, *self.shape), values.dtype)

    def sizes(self, part: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        """Height and width of each image of a part, int32 (count, 2): of the training set, or `test`."""
        part = part or self.train
        same_size = np.broadcast_to(np.array(self.shape[:2], np.int32), (len(part["image"]), 2))
        return part.get("size", same_size)

    def pictures(self, rows: Iterable[int], part: Mapping[str, np.ndarray] | None = None) -> list[np.ndarray]:
        """These images of a part at their own sizes, uint8 (height, width, channels) each."""
        sizes, held = self.sizes(part), (part or self.train)["image"]
        return [held[int(row)][: sizes[row, 0], : sizes[row, 1]] for row in rows]

    def maps(self, rows: Iterable[int], part: Mapping[str, np.ndarray] | None = None) -> list[np.ndarray]:
        """The label maps of these images of a part at their own sizes, uint8 (height, width) each."""
        sizes, held = self.sizes(part), (part or self.train)["map"]
        return [held[int(row)][: sizes[row, 0], : sizes[row, 1]] for row in rows]

    def some(self, count: int) -> np.ndarray:
        """Up to `count` images of the training set from all over it, always the same; see `drawn`."""
        return self.take(self.drawn(count))

    def drawn(
        self, count: int, *, part: Mapping[str, np.ndarray] | None = None, among: np.ndarray | None = None
    ) -> np.ndarray:
        """Up to `count` rows of a part, or among these of its rows, in their order: int64, always the same.

        Where fewer are taken than there are, they come from all over, and each class keeps its share; of a test split
        they are the same images in whatever order it holds them. part: the training set, or `test`.
        """
        part = part or self.train
        among = np.arange(len(next(iter(part.values())))) if among is None else among
        labels = part["label"][:][among] if "label" in part else None
        contents = part["image"] if part is self.test and "image" in part and len(among) == len(part["image"]) else None
        return among[subsets.draw(len(among), count, labels, contents=contents)]

    def class_counts(self) -> np.ndarray:
        """The images of each class in the training set, int64 (classes,); of data without labels (0,)."""
        labels = self.train["label"][:] if "label" in self.train else np.zeros(0, int)
        return np.bincount(labels, minlength=len(self.classes) if "label" in self.train else 0)

    def class_shares(self) -> np.ndarray:
        """The share of each class in the training set, float64 (classes,)."""
        return self.class_counts() / len(self)

    def mean_image(self, rows: np.ndarray) -> np.ndarray:
        """The mean of these training images, float64 (height, width, channels) in [0, 1]."""
        parts = (self.take(rows[start : start + 1000]) for start in range(0, len(rows), 1000))
        return sum(part.sum(axis=0, dtype=np.int64) for part in parts) / (255.0 * len(rows))

    @functools.cached_property
    def fingerprints(self) -> dict[str, str]:
        """SHA-256 of every column and of the names, see gancli.data.fingerprints: the same wherever they lie."""
        from gancli.data import fingerprints

        return fingerprints.of(self)

    def in_classes(self, facts: DataFacts) -> Dataset:
        """The same data with the classes that a run remembers, which may be more, or in another order.

        Classes are found by their names; where one of these is not among the run's, nothing is changed.
        """
        from gancli.data.annotations import label_maps

        if self.classes == facts.classes or not set(self.classes) <= set(facts.classes) or not self.classes:
            return self
        places = np.array([facts.classes.index(name) for name in self.classes])
        of_pixels = np.append(places, np.full(256 - len(places), label_maps.IGNORED)) if len(places) < 256 else places
        ways = {"label": places.astype(np.int32)}
        ways |= {"map": of_pixels.astype(np.uint8)} if "map" in self.train else {}
        parts = {
            split: {name: ways[name][held[:]] if name in ways else held for name, held in columns.items()}
            for split, columns in (("train", self.train), ("test", self.test))
        }
        return replace(self, **parts, classes=facts.classes, palette=facts.palette, numbers=facts.numbers)

    def is_larger_than_memory(self) -> bool:
        """Whether the images take more than half of the machine's memory."""
        return math.prod(self.items.shape) > total_memory() // 2


def _are_grouped(labels: np.ndarray | None, among: np.ndarray) -> bool:
    return labels is not None and subsets.are_grouped(labels[among])


def validation_count(count: int) -> int:
    """How many of a training set's images are for validation: 10,000, or a fifth of a small set."""
    return min(VALIDATION, count // VALIDATION_SHARE)


def class_index(name: str, classes: tuple[str, ...], data: str) -> int:
    """The index of the class that a text means.

    A class's name comes first: as it is, then whatever its case and Unicode composition (NFC), then as a number (7 for
    007). Where no class is named by a number, a number counts the classes from 0. Raises: OptionError for none, or
    several.
    """
    if not classes:
        raise OptionError(f"the data set '{data}' has no labels, so no class can be asked for; name seeds instead")
    are_numbers = any(_number(known) is not None for known in classes)
    ways: list[Callable[[str], object]] = [lambda text: text, folded]
    ways += [_number] if _number(name) is not None else []
    for way in ways:
        found = [index for index, known in enumerate(classes) if way(known) == way(name)]
        if len(found) > 1:
            raise OptionError(
                f"'{name}' is the name of several classes of '{data}': {some([classes[at] for at in found])}"
            )
        if found:
            return found[0]
    if not are_numbers and (number := whole(name, len(classes) - 1)) is not None:
        return number
    shown = ", ".join(classes if len(classes) <= SHOWN else (*classes[:SHOWN], "…"))
    raise OptionError(f"'{data}' has no class '{name}'; its classes: {shown}" + did_you_mean(name, classes))


def _number(name: str) -> int | None:
    """The number that a class is called by, if it is."""
    return whole(name, LARGEST_LABEL)


def total_memory() -> int:
    """Bytes of memory that this machine has in all."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def as_labels(values: np.ndarray, count: int, classes: tuple[str, ...], *, name: str) -> np.ndarray:
    """Labels as int64 (count,), from whole numbers (count,) or (count, 1), or one-hot rows (count, classes).

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
    if high > LARGEST_LABEL:
        raise DataError(f"{name}: labels up to {high}; expected numbers of classes")
    return values.astype(np.int64)


def numbered(
    labels: Mapping[str, np.ndarray], names: tuple[str, ...], *, name: str
) -> tuple[dict[str, np.ndarray], tuple[str, ...], list[Remark]]:
    """Labels of the splits of a set counted through, the names of the classes, and what is to be said.

    Classes are those that occur in a split. labels: whole numbers, by split ("train" and perhaps "test"), int64. names:
    of the numbers from 0 on; without any a class is named by its number. Returns: the labels int32, from 0 to the
    number of classes - 1. Raises: DataError for too many classes.
    """
    there = np.unique(np.concatenate(list(labels.values())))
    if len(there) > MOST_CLASSES:
        raise DataError(f"{name}: {len(there):,} different labels; expected at most {MOST_CLASSES:,} classes")
    classes = tuple(names[number] if names else str(number) for number in there.tolist())
    made = {split: np.searchsorted(there, own).astype(np.int32) for split, own in labels.items()}
    said, empty = [], [one for number, one in enumerate(names) if number not in set(there.tolist())]
    if empty:
        said.append(left_out(f"{len(empty):,} of {len(names):,} classes have no images: {some(empty)}"))
    elif not names and len(there) <= there[-1]:
        said.append(guessed(f"labels {some(classes)}: {len(classes):,} classes, named by their numbers", matters=False))
    unknown = sorted(set(range(len(classes))) - set(made["train"].tolist()))
    if unknown:
        what = "class" if len(unknown) == 1 else "classes"
        names_of = some([classes[at] for at in unknown])
        said.append(guessed(f"{len(unknown):,} {what} in the test split alone: {names_of}"))
    if len(set(classes)) < len(classes):
        said.append(
            guessed(f"several classes have one name: {some([one for one in set(classes) if classes.count(one) > 1])}")
        )
    return made, classes, said


def as_image_array(values: np.ndarray, *, name: str) -> np.ndarray:
    """Images as (count, height, width, channels), of whatever numbers. Raises: DataError for another shape."""
    if values.ndim == 3 and values.shape[-1] in (1, 3, 4) and values.shape[1] != values.shape[2]:
        raise DataError(
            f"{name}: shape {values.shape} is one image, or images of {values.shape[-1]} pixels across; expected "
            "(count, height, width[, 1 or 3])"
        )
    if values.ndim == 3:
        values = values[..., None]
    if values.ndim == 4 and values.shape[1] in (1, 3) and values.shape[-1] not in (1, 3) and values.shape[2] > 3:
        raise DataError(
            f"{name}: images of shape {values.shape} have their channels first; expected (count, height, width[, 1 or "
            "3]), as images.transpose(0, 2, 3, 1) makes"
        )
    if values.ndim != 4 or values.shape[-1] not in (1, 3) or 0 in values.shape:
        raise DataError(f"{name}: images of shape {values.shape}; expected (count, height, width[, 1 or 3]), not empty")
    return values
