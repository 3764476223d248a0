"""The end of a training that was given minutes instead of steps."""

from __future__ import annotations

from gancli.training.callbacks.base import Callback, StepReport, TrainingContext


class TimeLimitCallback(Callback):
    """Stops a training after its `--minutes`, if its last step has not come before.

    Time counts from here on, with compilation, pictures, scores and checkpoints; that of a resumed training goes on.
    """

    def on_train_begin(self, training: TrainingContext) -> None:
        self.training, self.minutes = training, training.model.config.minutes
        training.clock.restart()
        self._stop_in_time()

    def on_chunk_end(self, report: StepReport) -> None:
        if report.step < report.total:
            self._stop_in_time()

    def _stop_in_time(self) -> None:
        if self.minutes is not None and self.training.clock.seconds >= 60 * self.minutes:
            self.training.request_stop(f"the time of --minutes {self.minutes:g} is over")
