"""Validation scores during a training."""

from __future__ import annotations

from gancli.models.base import Stage
from gancli.training import validation
from gancli.training.callbacks.base import Callback, TrainingContext


class ValidationCallback(Callback):
    """Scores the model on validation data every `--eval-every` steps and at the end."""

    def on_train_begin(self, training: TrainingContext) -> None:
        self.training, self.period = training, training.model.config.eval_every
        self.validator = validation.for_model(training.model, training.dataset, note=training.note)

    def steps_until_due(self, step: int) -> int:
        return self.period - step % self.period

    def measure(self, stage: Stage) -> dict[str, float]:
        step = self.training.step
        is_due = stage.is_scored and step % self.period == 0
        return self.validator.score() if is_due or step == self.training.total_steps else {}
