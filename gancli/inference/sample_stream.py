"""Any number of samples: which to generate, and the images, in batches so that memory use stays constant."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gancli.core.backend import np
from gancli.nn.latents import Seeds

BATCH = 1024
IN_MEMORY = 64_000_000  # bytes of buffered images; more go to a temporary file


class SampleBatch(NamedTuple):
    """Some samples: seeds int64 (count,), labels int32 (count,) or None, pixels uint8 (count, h, w, channels)."""

    seeds: np.ndarray
    labels: np.ndarray | None
    pixels: np.ndarray


@dataclass(frozen=True)
class SampleOrder:
    """Which samples to generate: how many, and the seed and, for a conditional model, the label at each position.

    seeds: positions int64 (count,) -> int64 (count,). labels: positions and seeds -> int32 (count,). are_distinct:
    whether no pair of seed and label occurs twice.
    """

    count: int
    seeds: Callable[[np.ndarray], np.ndarray]
    labels: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    are_distinct: bool = True

    @staticmethod
    def from_seeds(seeds: Seeds, labels: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None) -> SampleOrder:
        """One sample per seed, in their order. labels: positions and seeds -> int32 (count,)."""
        starts = np.array([part.start for part in seeds.ranges], np.int64)
        ends = np.cumsum([len(part) for part in seeds.ranges], dtype=np.int64)
        firsts = np.concatenate([[0], ends[:-1]]).astype(np.int64)

        def at(places: np.ndarray) -> np.ndarray:
            part = np.searchsorted(ends, places, side="right")
            return starts[part] + (places - firsts[part])

        return SampleOrder(len(seeds), at, labels, seeds.are_distinct)

    @staticmethod
    def rows(seeds: Seeds, count: int) -> SampleOrder:
        """One row of these seeds for each label from 0 to count - 1."""
        one, width = SampleOrder.from_seeds(seeds), len(seeds)
        return SampleOrder(
            width * count,
            lambda places: one.seeds(places % width),
            lambda places, _: places // width,
            one.are_distinct,
        )

    def batches(self) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Seeds int64 (count,) and labels int32 (count,) or None, 1024 at a time."""
        for start in range(0, self.count, BATCH):
            places = np.arange(start, min(start + BATCH, self.count), dtype=np.int64)
            seeds = self.seeds(places)
            yield seeds, None if self.labels is None else self.labels(places, seeds).astype(np.int32)

    def unique_labels(self) -> list[int]:
        """The labels that occur, sorted."""
        return sorted({int(label) for _, labels in self.batches() if labels is not None for label in np.unique(labels)})

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        """Iterate over the seeds."""
        return (seed for seeds, _ in self.batches() for seed in seeds.tolist())


@dataclass(frozen=True)
class SampleStream:
    """Samples that are generated or read on demand.

    order: which they are. shape: height, width, channels. batches: iterates over all of them, each time from the start.
    """

    order: SampleOrder
    shape: tuple[int, int, int]
    batches: Callable[[], Iterator[SampleBatch]]

    @staticmethod
    def from_arrays(pixels: np.ndarray, seeds: Sequence[int], labels: np.ndarray | None = None) -> SampleStream:
        """Samples in memory, uint8 (count, height, width, channels)."""
        numbers = np.array(seeds, np.int64)
        are_distinct = len(set(zip(seeds, seeds if labels is None else labels.tolist(), strict=True))) == len(seeds)
        of_places = None if labels is None else lambda places, _: labels[places]
        order = SampleOrder(len(pixels), lambda places: numbers[places], of_places, are_distinct)
        return SampleStream(order, pixels.shape[1:], lambda: iter([SampleBatch(numbers, labels, pixels)]))

    def __len__(self) -> int:
        return self.order.count

    def load(self) -> SampleBatch:
        """Generate or read all samples into memory, as one batch."""
        seeds, labels, pixels = zip(*self.batches(), strict=True)
        return SampleBatch(
            np.concatenate(seeds), None if labels[0] is None else np.concatenate(labels), np.concatenate(pixels)
        )


class SampleBuffer:
    """A buffer of images, in a temporary file if they are many.

    Attributes: `seeds` of the images.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.seeds = array("q")
        self._shape = shape
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (open as long as the buffer exists)

    def add(self, seeds: Sequence[int], pixels: np.ndarray) -> None:
        """Append images, uint8 (count, height, width, channels)."""
        self.seeds.extend(seeds)
        self._file.write(pixels.tobytes())

    def images(self, label: int | None = None) -> SampleStream:
        """All images, in order. label: of all of them, if they have one."""
        numbers = np.frombuffer(self.seeds, np.int64) if self.seeds else np.zeros(0, np.int64)
        labels = None if label is None else lambda places, _: np.full(len(places), label, np.int32)
        order = SampleOrder(
            len(numbers), lambda places: numbers[places], labels, len(set(self.seeds)) == len(self.seeds)
        )
        return SampleStream(order, self._shape, lambda: self._batches(order))

    def _batches(self, order: SampleOrder) -> Iterator[SampleBatch]:
        self._file.seek(0)
        size = int(np.prod(self._shape))
        for seeds, labels in order.batches():
            content = self._file.read(len(seeds) * size)
            yield SampleBatch(seeds, labels, np.frombuffer(content, np.uint8).reshape(-1, *self._shape))
