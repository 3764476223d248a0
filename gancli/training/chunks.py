"""Chunks of steps: their batches, and the compiled graph that runs them."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping

from gancli.core.backend import tf
from gancli.core.errors import ResourceError
from gancli.data import Dataset
from gancli.models.base import Model, Stage
from gancli.training.compiled_step import CompiledStage
from gancli.training.input_pipeline import BatchOrder, feed


class ChunkRunner:
    """Runs chunks of steps of a model's stages on a data set.

    Attributes: `order`, which rows of the data make which batch. Raises: ResourceError if the memory does not suffice.
    """

    def __init__(self, model: Model, dataset: Dataset) -> None:
        self.model, self.order = model, BatchOrder(model, dataset)
        self._compiled: dict[Callable, CompiledStage] = {}
        with _memory_advice(model.options.batch_size):
            self._feed = feed(dataset, model)

    def compiled(self, stage: Stage) -> CompiledStage:
        """The compiled step of a stage; stages with the same step share it."""
        if stage.step not in self._compiled:
            self._compiled[stage.step] = CompiledStage(stage, self.model, self._feed.specification())
        return self._compiled[stage.step]

    def run(
        self, compiled: CompiledStage, first_batch: int, steps: int, sums: Mapping[str, float]
    ) -> tuple[int, dict[str, float], dict[str, float]]:
        """Run up to `steps` steps on the batches from number `first_batch` on. Returns: as CompiledStage.run.

        Raises: WorkerError if another worker is lost meanwhile.
        """
        with _memory_advice(self.model.options.batch_size), self.model.devices.collective_errors():
            rows = self.order.rows(first_batch, steps * compiled.batches_per_step)
            columns, rows = self._feed.rows(rows)
            return compiled.run(columns, rows, steps, sums)


@contextlib.contextmanager
def _memory_advice(batch_size: int) -> Iterator[None]:
    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        raise ResourceError(
            f"not enough memory for the data and a step with --batch-size {batch_size}: "
            f"try --batch-size {max(2, batch_size // 2)}, a smaller --width or --image-size, or --in-memory no"
        ) from error
