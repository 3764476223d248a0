"""metrics.jsonl and the plot of the losses."""

from __future__ import annotations

from gancli.imaging import plots
from gancli.runs.metadata import Record
from gancli.training.callbacks.base import Callback, StepReport, TrainingContext


class MetricsCallback(Callback):
    """Writes metrics.jsonl, with a record every `--log-every` steps, and losses.png at the end."""

    def on_train_begin(self, training: TrainingContext) -> None:
        self.run, self.period = training.run, training.model.config.log_every

    def steps_until_due(self, step: int) -> int:
        return self.period - step % self.period

    def on_record(self, report: StepReport, record: Record) -> None:
        self.run.log(record)

    def on_train_end(self) -> None:
        if records := self.run.metrics():
            self.run.write("losses.png", plots.losses(records))
