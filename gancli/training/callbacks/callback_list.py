"""Several callbacks called as one."""

from __future__ import annotations

from collections.abc import Sequence

from gancli.core.backend import np
from gancli.models.base import Stage
from gancli.runs.metadata import Record
from gancli.training.callbacks.base import Callback, StepReport, TrainingContext


class CallbackList(Callback):
    """Calls each method of its callbacks, in their order. `measure` joins their metrics, the last of a name counts."""

    def __init__(self, callbacks: Sequence[Callback] = ()) -> None:
        self._callbacks = list(callbacks)

    def on_train_begin(self, training: TrainingContext) -> None:
        for callback in self._callbacks:
            callback.on_train_begin(training)

    def on_initial_weights(self) -> None:
        for callback in self._callbacks:
            callback.on_initial_weights()

    def steps_until_due(self, step: int) -> int | None:
        due = [callback.steps_until_due(step) for callback in self._callbacks]
        return min((steps for steps in due if steps is not None), default=None)

    def measure(self, stage: Stage) -> dict[str, float]:
        metrics: dict[str, float] = {}
        for callback in self._callbacks:
            metrics |= callback.measure(stage)
        return metrics

    def on_record(self, report: StepReport, record: Record) -> None:
        for callback in self._callbacks:
            callback.on_record(report, record)

    def on_sample_grid(self, pixels: np.ndarray) -> None:
        for callback in self._callbacks:
            callback.on_sample_grid(pixels)

    def on_chunk_end(self, report: StepReport) -> None:
        for callback in self._callbacks:
            callback.on_chunk_end(report)

    def on_checkpoint(self) -> None:
        for callback in self._callbacks:
            callback.on_checkpoint()

    def on_interrupt(self) -> None:
        for callback in self._callbacks:
            callback.on_interrupt()

    def on_train_end(self) -> None:
        for callback in self._callbacks:
            callback.on_train_end()

    def close(self) -> None:
        for callback in self._callbacks:
            callback.close()
