"""How batches are made of a data set, and in which order its rows are trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, np, tf
from gancli.imaging import images

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset
    from gancli.models.base import Model


class InputPipeline:
    """Batches of whole rows in random order. Models that crop or sort the data have a subclass of their own."""

    def __init__(self, model: Model) -> None:
        self.model = model

    def columns_to_load(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """The columns that training reads, one row per example."""
        return {name: dataset.train[name] for name in self.model.columns}

    def make_batch(self, columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """The batch of these rows, int32 (batch,), of the loaded columns: images float32 (batch, height, width,
        channels) in [-1, 1], other columns unchanged."""
        batch = {name: tf.gather(column, rows) for name, column in columns.items()}
        return {name: images.from_uint8(value) if value.dtype == tf.uint8 else value for name, value in batch.items()}

    def training_count(self) -> int:
        """Number of training examples."""
        data = self.model.data
        return data.count - data.held_out(asked=self.model.config.hold_out)

    def training_rows(self, dataset: Dataset) -> np.ndarray:
        """The rows of the data set that are trained on, int32 (count,)."""
        splits = self.model.config.hold_out or dataset.validation
        return (dataset.split()[0] if splits else np.arange(len(dataset))).astype(np.int32)

    def order_epoch(self, order: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """The order of an epoch, int (training_count,), from a random one. random: the epoch's own generator."""
        return order

    def batches_per_epoch(self) -> int:
        """Whole batches per pass over the training examples."""
        return self.training_count() // self.model.options.batch_size
