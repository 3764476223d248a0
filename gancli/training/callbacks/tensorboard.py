"""TensorBoard events of a training."""

from __future__ import annotations

from gancli.core.backend import np
from gancli.runs.metadata import Record
from gancli.training.callbacks.base import Callback, StepReport, TrainingContext
from gancli.training.tensorboard import TensorBoardWriter


class TensorBoardCallback(Callback):
    """Writes metrics and sample grids as TensorBoard events (`--tensorboard`)."""

    def __init__(self) -> None:
        self.writer: TensorBoardWriter | None = None

    def on_train_begin(self, training: TrainingContext) -> None:
        self.training = training
        self.writer = TensorBoardWriter(training.run.path / "tensorboard")

    def on_record(self, report: StepReport, record: Record) -> None:
        self.writer.scalars(report.scalars, report.step)

    def on_sample_grid(self, pixels: np.ndarray) -> None:
        self.writer.picture(pixels, self.training.step)

    def on_checkpoint(self) -> None:
        self.writer.flush()

    def close(self) -> None:
        if self.writer:
            self.writer.close()
