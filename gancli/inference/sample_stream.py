"""Images in any number: which are to be drawn, and what was drawn, piece by piece so that memory stays flat."""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.latents import Seeds

PIECE = 1024  # images at a time
IN_MEMORY = 64_000_000  # bytes of kept images; more go to a temporary file


class Piece(NamedTuple):
    """Some images: seeds int64 (count,), labels int32 (count,) or None, pixels uint8 (count, h, w, channels)."""

    seeds: np.ndarray
    labels: np.ndarray | None
    pixels: np.ndarray


@dataclass(frozen=True)
class Order:
    """Which images to draw: how many, and of the places from 0 on the seeds and, where a model is told some, labels.

    seeds: int64 (places,) -> int64 (places,). labels: places and seeds -> int32 (places,). are_distinct: whether no
    seed comes twice with one label.
    """

    count: int
    seeds: Callable[[np.ndarray], np.ndarray]
    labels: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None
    are_distinct: bool = True

    @staticmethod
    def of(seeds: Seeds, labels: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None) -> Order:
        """The order of these seeds."""
        starts = np.array([part.start for part in seeds.ranges], np.int64)
        ends = np.cumsum([len(part) for part in seeds.ranges], dtype=np.int64)
        firsts = np.concatenate([[0], ends[:-1]]).astype(np.int64)

        def at(places: np.ndarray) -> np.ndarray:
            part = np.searchsorted(ends, places, side="right")
            return starts[part] + (places - firsts[part])

        return Order(len(seeds), at, labels, seeds.are_distinct)

    @staticmethod
    def rows(seeds: Seeds, count: int) -> Order:
        """These seeds once for each of so many labels, from 0 on."""
        one, width = Order.of(seeds), len(seeds)
        told = lambda places, _: places // width  # noqa: E731
        return Order(width * count, lambda places: one.seeds(places % width), told, one.are_distinct)

    def pieces(self) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
        """Seeds and labels, 1024 at a time."""
        for start in range(0, self.count, PIECE):
            places = np.arange(start, min(start + PIECE, self.count), dtype=np.int64)
            seeds = self.seeds(places)
            yield seeds, None if self.labels is None else self.labels(places, seeds).astype(np.int32)

    def kinds(self) -> list[int]:
        """The labels that are met, each once."""
        return sorted({int(label) for _, labels in self.pieces() if labels is not None for label in np.unique(labels)})

    def __len__(self) -> int:
        return self.count

    def __iter__(self) -> Iterator[int]:
        """The seeds."""
        return (seed for seeds, _ in self.pieces() for seed in seeds.tolist())


@dataclass(frozen=True)
class Images:
    """Images that are drawn or read when they are asked for.

    order: which they are. shape: height, width, channels. pieces: all of them, from the first on, each time anew.
    """

    order: Order
    shape: tuple[int, int, int]
    pieces: Callable[[], Iterator[Piece]]

    @staticmethod
    def held(pixels: np.ndarray, seeds: Sequence[int], labels: np.ndarray | None = None) -> Images:
        """Images that are in memory, uint8 (count, height, width, channels)."""
        numbers = np.array(seeds, np.int64)
        are_distinct = len(set(zip(seeds, seeds if labels is None else labels.tolist(), strict=True))) == len(seeds)
        of_places = None if labels is None else lambda places, _: labels[places]
        order = Order(len(pixels), lambda places: numbers[places], of_places, are_distinct)
        return Images(order, pixels.shape[1:], lambda: iter([Piece(numbers, labels, pixels)]))

    def __len__(self) -> int:
        return self.order.count

    def at_once(self) -> Piece:
        """All of them, for few."""
        seeds, labels, pixels = zip(*self.pieces(), strict=True)
        return Piece(
            np.concatenate(seeds), None if labels[0] is None else np.concatenate(labels), np.concatenate(pixels)
        )


class Store:
    """Images that are kept for a while, on the disk if they are many.

    Attributes: `seeds`, of those that were added.
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.seeds = array("q")
        self._shape = shape
        self._file = tempfile.SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115 (as long as the store is)

    def add(self, seeds: Sequence[int], pixels: np.ndarray) -> None:
        """Keep images, uint8 (count, height, width, channels)."""
        self.seeds.extend(seeds)
        self._file.write(pixels.tobytes())

    def images(self, label: int | None = None) -> Images:
        """All that were added, in order. label: of all of them, if they have one."""
        numbers = np.frombuffer(self.seeds, np.int64) if self.seeds else np.zeros(0, np.int64)
        labels = None if label is None else lambda places, _: np.full(len(places), label, np.int32)
        order = Order(len(numbers), lambda places: numbers[places], labels, len(set(self.seeds)) == len(self.seeds))
        return Images(order, self._shape, lambda: self._pieces(order))

    def _pieces(self, order: Order) -> Iterator[Piece]:
        self._file.seek(0)
        size = int(np.prod(self._shape))
        for seeds, labels in order.pieces():
            content = self._file.read(len(seeds) * size)
            yield Piece(seeds, labels, np.frombuffer(content, np.uint8).reshape(-1, *self._shape))
