"""A Dataset: named columns of arrays, a test split where there is one, class names, and its source."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from gancli.core.backend import h5py, np
from gancli.core.environment import total_memory
from gancli.core.progress import track
from gancli.data import subsets
from gancli.data.in_memory.constructors import InMemory
from gancli.data.remarks import Remark
from gancli.data.texts import tokenization

EXAMPLES = 64  # captions that a run remembers, for its sample grids
VALIDATION, VALIDATION_SHARE = 10_000, 5  # images, as Goodfellow et al. 2014 for MNIST; a fifth of small sets


@dataclass(frozen=True)
class DataFacts:
    """What a model and run.json need to know about a data set.

    frequencies: of the classes of label maps, see label_maps.frequencies; numbers: of these classes in files. side: the
    median shorter side of images that keep their own sizes. pixel_ranges: see Dataset. fingerprint: of all digests in
    `fingerprints` of columns and names; older runs have only the former. remarks: texts of those that matter.
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
    remarks: tuple[str, ...] = ()

    def validation_size(self, *, requested: bool) -> int:
        """The number of images kept out of training: the data set's own, or if requested validation_count."""
        return self.validation or (validation_count(self.count) if requested else 0)


@dataclass(frozen=True, repr=False)
class Dataset(InMemory):
    """Columns by name, for training and testing: `dataset.train["image"]`; len() is the number of training rows.

    `image` is uint8 (count, height, width, channels); `label` int32 (count,); `attributes` uint8 (count, attributes) of
    0 and 1; `size` int32 (count, 2), height and width of images that keep their own sizes, stored in the upper left
    corner of `image`; `map` uint8 (count, height, width), the class of each pixel, or 255; `other` uint8 (count,
    height, width, channels), the partner of each image of a pair; `caption` str (count, captions), empty if an image
    has fewer. Or the first column is `point` float32 (count, size), or `sentence` str (count,), in the order of the
    text, with its `line` int32 (count,): consecutive sentences have consecutive lines.

    `image` may be an h5py.Dataset, which is read in slices. validation: the number of rows at the end that are kept for
    validation. palette: color of each class of `map`; numbers: of each class in files. remarks: what was guessed,
    changed and left out. pixel_ranges: what became black and white, such as "16-bit 0:4095"; none for plain bytes.
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
        """The first column of the training set: images uint8, points float32 or sentences, from memory or disk."""
        return next(iter(self.train.values()))

    @property
    def shape(self) -> tuple[int, ...]:
        """Height, width and channels of an image, or the size of a point."""
        return tuple(int(side) for side in self.items.shape[1:])

    def facts(self) -> DataFacts:
        """The facts about this data set for a model and run.json, with its fingerprint."""
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
            tokenization.most_common(self.texts()),
            self.example_captions(),
            self.validation,
            self.palette,
            label_maps.frequencies(self.train["map"], len(self.classes)) if "map" in self.train else (),
            self.numbers,
            int(np.median(self.sizes().min(axis=1))) if "size" in self.train else 0,
            self.pixel_ranges,
            dict(self.fingerprints),
            tuple(remark.text for remark in self.remarks if remark.matters),
        )

    def texts(self) -> Iterator[str]:
        """The captions or sentences of the training set, if there are any."""
        for name in ("caption", "sentence"):
            if name in self.train:
                yield from (text for text in self.train[name].flat if text)

    def count_texts(self) -> int:
        """The number of captions or sentences of the training set."""
        return sum(1 for _ in self.texts())

    def example_captions(self) -> tuple[str, ...]:
        """One caption each of evenly spaced test images, or of training images if there is no test split."""
        captions = self.test.get("caption", self.train.get("caption"))
        if captions is None:
            return ()
        return tuple(
            captions[row, 0] for row in np.linspace(0, len(captions) - 1, min(len(captions), EXAMPLES)).astype(int)
        )

    def split(self) -> tuple[np.ndarray, np.ndarray]:
        """Rows for training and rows for validation, int, in order of use.

        Data sets with a test split are mixed, as MNIST is, and the last rows are for validation, as published. Others,
        those with captions or label maps, and those sorted by class are shuffled first, with a fixed seed. Some have
        validation images of their own.
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
        """Rows of the training set, int (count,), as an array (count, *shape), read from disk if they are there."""
        values = self.items
        if isinstance(values, np.ndarray):
            return values[rows]
        return np.stack([values[int(row)] for row in rows]) if len(rows) else np.zeros((0, *self.shape), values.dtype)

    def sizes(self, part: Mapping[str, np.ndarray] | None = None) -> np.ndarray:
        """Height and width of each image of the training set, or of `part`, int32 (count, 2)."""
        part = part or self.train
        same_size = np.broadcast_to(np.array(self.shape[:2], np.int32), (len(part["image"]), 2))
        return part.get("size", same_size)

    def pictures(self, rows: Iterable[int], part: Mapping[str, np.ndarray] | None = None) -> list[np.ndarray]:
        """These images of the training set, or of `part`, at their own sizes, uint8 (height, width, channels) each."""
        sizes, images = self.sizes(part), (part or self.train)["image"]
        return [images[int(row)][: sizes[row, 0], : sizes[row, 1]] for row in rows]

    def maps(self, rows: Iterable[int], part: Mapping[str, np.ndarray] | None = None) -> list[np.ndarray]:
        """The label maps of these images at their own sizes, uint8 (height, width) each."""
        sizes, maps = self.sizes(part), (part or self.train)["map"]
        return [maps[int(row)][: sizes[row, 0], : sizes[row, 1]] for row in rows]

    def sample(self, count: int) -> np.ndarray:
        """Up to `count` images (count, *shape) from all over the training set, always the same; see `sample_rows`."""
        return self.take(self.sample_rows(count))

    def sample_rows(
        self, count: int, *, part: Mapping[str, np.ndarray] | None = None, among: np.ndarray | None = None
    ) -> np.ndarray:
        """Up to `count` rows of the training set or `part`, or of the rows `among`, in order: int64, always the same.

        A sample comes from all over, and each class keeps its share; of a test split it holds the same images in
        whatever order they are stored.
        """
        part = part or self.train
        among = np.arange(len(next(iter(part.values())))) if among is None else among
        labels = part["label"][:][among] if "label" in part else None
        contents = part["image"] if part is self.test and "image" in part and len(among) == len(part["image"]) else None
        return among[subsets.draw(len(among), count, labels, contents=contents)]

    def class_counts(self) -> np.ndarray:
        """The number of training images of each class, int64 (classes,); (0,) without labels."""
        labels = self.train["label"][:] if "label" in self.train else np.zeros(0, int)
        return np.bincount(labels, minlength=len(self.classes) if "label" in self.train else 0)

    def class_shares(self) -> np.ndarray:
        """The share of each class in the training set, float64 (classes,)."""
        return self.class_counts() / len(self)

    def mean_image(self, rows: np.ndarray) -> np.ndarray:
        """The mean of these training images, float64 (height, width, channels) in [0, 1]."""
        parts = (self.take(rows[start : start + 1000]) for start in track(range(0, len(rows), 1000), "mean image"))
        return sum(part.sum(axis=0, dtype=np.int64) for part in parts) / (255.0 * len(rows))

    @functools.cached_property
    def fingerprints(self) -> dict[str, str]:
        """SHA-256 of every column and of the names, see gancli.data.fingerprints: the same in memory and on disk."""
        from gancli.data import fingerprints

        return fingerprints.of(self)

    def with_classes(self, facts: DataFacts) -> Dataset:
        """The same data with the class indices of a run, which may have more classes, or another order.

        Classes are matched by name; if the run lacks one of them, nothing is changed.
        """
        from gancli.data.annotations import label_maps

        if self.classes == facts.classes or not set(self.classes) <= set(facts.classes) or not self.classes:
            return self
        places = np.array([facts.classes.index(name) for name in self.classes])
        map_table = np.append(places, np.full(256 - len(places), label_maps.IGNORED)) if len(places) < 256 else places
        tables = {"label": places.astype(np.int32)}
        tables |= {"map": map_table.astype(np.uint8)} if "map" in self.train else {}
        parts: dict = {
            split: {name: tables[name][values[:]] if name in tables else values for name, values in columns.items()}
            for split, columns in (("train", self.train), ("test", self.test))
        }
        return replace(self, **parts, classes=facts.classes, palette=facts.palette, numbers=facts.numbers)

    def is_larger_than_memory(self) -> bool:
        """Whether the images take more than half of the memory."""
        return math.prod(self.items.shape) > total_memory() // 2


def _are_grouped(labels: np.ndarray | None, among: np.ndarray) -> bool:
    return labels is not None and subsets.are_grouped(labels[among])


def validation_count(count: int) -> int:
    """The number of training images kept for validation: 10,000, or a fifth of a small set."""
    return min(VALIDATION, count // VALIDATION_SHARE)
