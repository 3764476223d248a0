"""Batches: the order of the data, and how rows of it come into the graph."""

from __future__ import annotations

import functools
from collections.abc import Callable

from gancli.core.backend import Tensor, np, tf
from gancli.core.distributed import replica_ops
from gancli.data import Dataset
from gancli.models.base import Model


class Batches:
    """An iterator over batches while a step is traced: each `next` gathers the next rows of every column."""

    def __init__(self, model: Model, columns: dict[str, Tensor], rows: Tensor) -> None:
        self.gathered = model.gathered
        self.columns, self.rows, self.taken = columns, rows, 0

    def __next__(self) -> dict[str, Tensor]:
        """The next batch by column, as the model gathers it."""
        self.taken += 1
        return self.gathered(self.columns, self.rows[self.taken - 1])

    def each(self, count: int, move: Callable[[dict[str, Tensor]], object]) -> None:
        """Call `move` on each of the next `count` batches, in a loop inside the graph: it is traced once.

        move: holds no tensors that were made in this step: see replicas.repeat.
        """
        rows, self.taken = self.rows[self.taken : self.taken + count], self.taken + count

        def one(index: Tensor, columns: dict[str, Tensor], rows: Tensor) -> None:
            move(self.gathered(columns, rows[index]))

        if count:
            replica_ops.repeat(count, one, self.columns, rows)


@functools.lru_cache(maxsize=2)
def epoch_order(seed: int, epoch: int, count: int) -> np.ndarray:
    """The order of the data in an epoch, a permutation of range(count), from seed and epoch alone."""
    return np.random.default_rng([seed, epoch]).permutation(count)


def feed(dataset: Dataset, model: Model) -> InMemory | OnDisk:
    """The columns that the model wants, held in memory or left on disk as the options say."""
    wish = model.config.in_memory
    columns = model.held(dataset)
    if wish == "no" or (wish == "auto" and dataset.is_larger_than_memory()):
        return OnDisk(columns)
    return InMemory(columns)


class InMemory:
    """Columns as tensors on the device; rows are gathered there."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = {name: tf.constant(column[:]) for name, column in columns.items()}

    def specification(self) -> dict[str, tf.TensorSpec]:
        """Shapes and types of the columns that `rows` gives."""
        return {name: tf.TensorSpec(column.shape, column.dtype) for name, column in self.columns.items()}

    def rows(self, rows: np.ndarray) -> tuple[dict[str, Tensor], np.ndarray]:
        """Columns that hold these rows, int32 (batches, batch size), and where in them each row stands."""
        return self.columns, rows


class OnDisk:
    """Columns read row by row for each chunk; the same batches as `InMemory` gives."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = columns

    def specification(self) -> dict[str, tf.TensorSpec]:
        """Shapes and types of the columns that `rows` gives."""
        return {name: tf.TensorSpec((None, *column.shape[1:]), column.dtype) for name, column in self.columns.items()}

    def rows(self, rows: np.ndarray) -> tuple[dict[str, Tensor], np.ndarray]:
        """Columns that hold these rows, int32 (batches, batch size), and where in them each row stands."""
        needed, places = np.unique(rows, return_inverse=True)  # of a small set each comes again and again
        read = {name: np.stack([column[row] for row in needed]) for name, column in self.columns.items()}
        held = {name: tf.constant(values) for name, values in read.items()}
        return held, places.astype(np.int32).reshape(rows.shape)
