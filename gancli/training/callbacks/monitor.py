"""Warnings about a training that goes wrong, and early stopping."""

from __future__ import annotations

from gancli.core.errors import DivergedError
from gancli.runs.metadata import Record
from gancli.training.callbacks.base import Callback, StepReport, TrainingContext
from gancli.training.monitor import TrainingMonitor


class MonitorCallback(Callback):
    """Checks the records for problems and for early stopping (`--on-divergence`, `--patience`)."""

    def on_train_begin(self, training: TrainingContext) -> None:
        self.training = training
        self.warns = training.model.config.on_divergence == "warn"
        records = training.run.metrics()
        training.seconds = records[-1]["seconds"] if records else 0.0
        self.monitor = TrainingMonitor(
            records,
            higher_is_better=training.model.config.higher_is_better(),
            patience=training.model.config.patience,
            warns=self.warns,
        )
        training.stop_reason = self.monitor.early_stop_reason()

    def on_record(self, report: StepReport, record: Record) -> None:
        self.monitor.add(record)
        if self.monitor.is_best():
            self.training.best_step = report.step

    def on_chunk_end(self, report: StepReport) -> None:
        if report.recorded and not self.training.signal:
            self._report_problems()
        if reason := self.monitor.early_stop_reason():
            self.training.request_stop(reason)

    def _report_problems(self) -> None:
        """Warn once of each problem, or raise DivergedError if --on-divergence is not `warn`."""
        for diagnostic in self.monitor.new_diagnostics():
            if not self.warns:
                raise DivergedError(diagnostic.text, good=diagnostic.good)
            self.training.note(f"warning: {diagnostic.text}")
