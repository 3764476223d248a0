"""When a training saves a checkpoint."""

from __future__ import annotations

from gancli.core.errors import DivergedError
from gancli.training.callbacks.base import Callback, StepReport, TrainingContext
from gancli.training.failure import learning_rate_advice
from gancli.training.setup import save_every


class CheckpointCallback(Callback):
    """Saves a checkpoint at each interval, snapshot, best score, early stop and signal, and after the last step."""

    def on_train_begin(self, training: TrainingContext) -> None:
        self.training, keep_every = training, training.model.config.keep_every
        self.snapshots = training.model.config.snapshot_steps()
        self.periods = [save_every(training.model.config, training.total_steps), *([keep_every] if keep_every else [])]

    def steps_until_due(self, step: int) -> int:
        snapshots = [snapshot - step for snapshot in self.snapshots if snapshot > step]
        return min([*(period - step % period for period in self.periods), *snapshots])

    def on_chunk_end(self, report: StepReport) -> None:
        is_best = self.training.best_step == report.step
        is_due = any(report.step % period == 0 for period in self.periods) or report.step in (
            *self.snapshots,
            report.total,
        )
        if is_best or is_due or self.training.stop_reason:
            self._save()

    def on_interrupt(self) -> None:
        if self.training.step not in self.training.run.checkpoints():
            self._save()

    def _save(self) -> None:
        run = self.training.run
        model = self.training.model
        step = self.training.step
        try:
            run.save(model, self.training.position)
        except DivergedError as error:
            raise DivergedError(f"{error}. {learning_rate_advice(run, model)}", good=step) from error
        self.training.callbacks.on_checkpoint()
        run.set_status("running", step=step, seconds=self.training.clock.seconds)
