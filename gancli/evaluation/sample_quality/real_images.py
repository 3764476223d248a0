"""Real images to compare with, and other real images beside them: always the same."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.data import Dataset, subsets

REFERENCES = ("test", "train")
MIN_OTHERS = 20


@dataclass(frozen=True, eq=False)
class ImageSubset:
    """Images to compare: a name, how many, and which rows they are (subsets.describe).

    take: those from one number to before another, uint8 (count, height, width, channels). identity: differs between
    subsets of one name.
    """

    name: str
    count: int
    rows: str
    take: Callable[[int, int], np.ndarray]
    identity: str = ""

    @functools.cached_property
    def pixels(self) -> np.ndarray:
        """All of them, uint8 (count, height, width, channels)."""
        return self.take(0, self.count)

    def __str__(self) -> str:
        return self.name if self.rows.startswith("all") else f"{self.name}, {self.rows}"


def of_rows(
    name: str,
    images: np.ndarray | Callable[[np.ndarray], np.ndarray],
    index: np.ndarray,
    rows: str | None = None,
) -> ImageSubset:
    """The images of these numbers, int (count,), ascending; of an array, or of what returns images by number.

    rows: in words; by default all of them.
    """
    rows = f"all {len(index):,}" if rows is None else rows
    identity = hashlib.blake2b(index.tobytes(), digest_size=16).hexdigest()
    if callable(images):
        return ImageSubset(name, len(index), rows, lambda start, stop: images(index[start:stop]), identity)
    if len(index) == len(images):
        return ImageSubset(name, len(index), rows, lambda start, stop: images[start:stop], identity)
    return ImageSubset(name, len(index), rows, lambda start, stop: images[index[start:stop]], identity)


def test_and_training(dataset: Dataset, most: int) -> tuple[ImageSubset, ImageSubset]:
    """Up to `most` images of the test split, and as many training images; without one two halves of those.

    If there are more than needed, a fixed draw that keeps the shares of the classes is taken (Dataset.sample_rows).
    """
    if "image" not in dataset.test:
        return _halves(dataset, min(most, len(dataset) // 2))
    count = min(most, len(dataset.test["image"]), len(dataset))
    return _of_test_split(dataset, count), _of_training(dataset, dataset.sample_rows(count))


def training_and_others(dataset: Dataset, most: int) -> tuple[ImageSubset, ImageSubset | None]:
    """Up to `most` training images, and up to as many of the test split, or without one other training images; None if
    fewer than twenty are left. Both are drawn as by `test_and_training`."""
    count = min(most, len(dataset))
    index = dataset.sample_rows(count)
    if "image" in dataset.test:
        other = _of_test_split(dataset, min(count, len(dataset.test["image"])))
    else:
        left = np.setdiff1d(np.arange(len(dataset)), index)
        other = _of_training(dataset, left[subsets.draw(len(left), count)], "other training images")
    return _of_training(dataset, index), other if other.count >= MIN_OTHERS else None


def _of_test_split(dataset: Dataset, count: int) -> ImageSubset:
    test = dataset.test
    rows = subsets.describe(count, len(test["image"]), by_class="label" in test)
    return of_rows("test split", test["image"], dataset.sample_rows(count, part=test), rows)


def _of_training(dataset: Dataset, index: np.ndarray, name: str = "training images") -> ImageSubset:
    rows = subsets.describe(len(index), len(dataset), by_class="label" in dataset.train)
    return of_rows(name, dataset.take, index, rows)


def _halves(dataset: Dataset, count: int) -> tuple[ImageSubset, ImageSubset]:
    both = dataset.sample_rows(2 * count)
    rows = subsets.describe(count, len(dataset), by_class="label" in dataset.train)
    first, second = (of_rows("half of the training images", dataset.take, both[half::2], rows) for half in (0, 1))
    return first, second
