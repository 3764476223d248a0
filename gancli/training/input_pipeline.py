"""The input pipeline: the order of the data, and how its rows get into the graph."""

from __future__ import annotations

import functools
from collections.abc import Callable

from gancli.core.backend import Tensor, np, tf
from gancli.core.distributed import replica_ops
from gancli.data import Dataset
from gancli.models.base import Model


class Batches:
    """The batches of a step while it is traced: each `next` gathers the next rows of every column.

    Attributes: `num_batches`, the number of batches so far.
    """

    def __init__(self, model: Model, columns: dict[str, Tensor], rows: Tensor) -> None:
        self.make_batch = model.pipeline.make_batch
        self.columns = columns
        self.rows = rows
        self.num_batches = 0

    def __next__(self) -> dict[str, Tensor]:
        """The next batch by column, each (batch, …), as `InputPipeline.make_batch` returns it."""
        self.num_batches += 1
        return self.make_batch(self.columns, self.rows[self.num_batches - 1])

    def each(self, count: int, move: Callable[[dict[str, Tensor]], object]) -> None:
        """Call `move` on each of the next `count` batches, in a loop inside the graph: it is traced once.

        move: must not capture tensors of this step (replica_ops.repeat).
        """
        rows, self.num_batches = self.rows[self.num_batches : self.num_batches + count], self.num_batches + count

        def one(index: Tensor, columns: dict[str, Tensor], rows: Tensor) -> None:
            move(self.make_batch(columns, rows[index]))

        if count:
            replica_ops.repeat(count, one, self.columns, rows)


@functools.lru_cache(maxsize=2)
def epoch_order(seed: int, epoch: int, count: int) -> np.ndarray:
    """The order of the data in an epoch, a permutation of range(count) that depends on seed and epoch only."""
    return np.random.default_rng([seed, epoch]).permutation(count)


class BatchOrder:
    """Which rows of the data make which batch: a function of the seed and the number of the batch alone.

    Attributes: `batches_per_epoch`, whole batches in an epoch; the rows left over in an epoch are not used in it.
    """

    def __init__(self, model: Model, dataset: Dataset) -> None:
        self._model, self._training_rows = model, model.pipeline.training_rows(dataset)
        self._count, self._batch_size = model.pipeline.training_count(), model.options.batch_size
        self.batches_per_epoch = self._count // self._batch_size
        self._epoch, self._order = -1, np.zeros(0, int)  # the last epoch and its order

    def rows(self, first: int, count: int) -> np.ndarray:
        """The rows of `count` batches from number `first` on, int32 (count, batch size)."""
        return np.array([self._batch(number) for number in range(first, first + count)], np.int32)

    def _batch(self, number: int) -> np.ndarray:
        epoch, batch = divmod(number, self.batches_per_epoch)
        if epoch != self._epoch:
            seed = self._model.config.seed
            order = epoch_order(seed, epoch, self._count)
            self._order = self._model.pipeline.order_epoch(order, np.random.default_rng([seed, epoch, 1]))
            self._epoch = epoch
        return self._training_rows[self._order[batch * self._batch_size : (batch + 1) * self._batch_size]]


def feed(dataset: Dataset, model: Model) -> InMemory | OnDisk:
    """The columns that the model trains on, in memory or on disk as --in-memory says."""
    in_memory = model.config.in_memory
    columns = model.pipeline.columns_to_load(dataset)
    if in_memory == "no" or (in_memory == "auto" and dataset.is_larger_than_memory()):
        return OnDisk(columns)
    return InMemory(columns)


class InMemory:
    """Columns as tensors on the device, where rows are gathered."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = {name: tf.constant(column[:]) for name, column in columns.items()}

    def specification(self) -> dict[str, tf.TensorSpec]:
        """Shapes and dtypes of the columns that `rows` returns."""
        return {name: tf.TensorSpec(column.shape, column.dtype) for name, column in self.columns.items()}

    def rows(self, rows: np.ndarray) -> tuple[dict[str, Tensor], np.ndarray]:
        """Columns that contain these rows, int32 (batches, batch size), and the index of each row in them."""
        return self.columns, rows


class OnDisk:
    """Columns on disk, read row by row for each chunk; the batches are the same as with `InMemory`."""

    def __init__(self, columns: dict[str, np.ndarray]) -> None:
        self.columns = columns

    def specification(self) -> dict[str, tf.TensorSpec]:
        """Shapes and dtypes of the columns that `rows` returns."""
        return {name: tf.TensorSpec((None, *column.shape[1:]), column.dtype) for name, column in self.columns.items()}

    def rows(self, rows: np.ndarray) -> tuple[dict[str, Tensor], np.ndarray]:
        """Columns that contain these rows, int32 (batches, batch size), and the index of each row in them."""
        needed, index = np.unique(rows, return_inverse=True)  # a small data set repeats rows within a chunk
        read = {name: np.stack([column[row] for row in needed]) for name, column in self.columns.items()}
        columns = {name: tf.constant(values) for name, values in read.items()}
        return columns, index.astype(np.int32).reshape(rows.shape)
