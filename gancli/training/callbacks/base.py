"""The interface of callbacks, and the training that they see."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gancli.core.backend import np
from gancli.data import Dataset
from gancli.models.base import Model, Stage, random_streams
from gancli.runs.checkpoints import Position
from gancli.runs.metadata import Record
from gancli.runs.run import Run

STOPPED_BY_CHIEF = "stopped early by the chief worker"  # the reason of the other workers


@dataclass(frozen=True)
class StepReport:
    """The state of a training at the end of a chunk.

    Attributes: `stage`, its name; `step`, steps done in all stages; `total`, steps of all stages; `epoch`, passes over
    the data; `scalars`, the means of the step's metrics since the last record and what the callbacks measured;
    `images_per_second`; `recorded`, whether metrics.jsonl has a record of this step.
    """

    stage: str
    step: int
    total: int
    epoch: float
    scalars: dict[str, float]
    images_per_second: float
    recorded: bool

    def record(self, *, images: int, seconds: float) -> Record:
        """The line of metrics.jsonl. images: drawn in all batches so far. seconds: of training."""
        where: dict[str, Any] = {
            "stage": self.stage,
            "step": self.step,
            "epoch": round(self.epoch, 4),
            "images": images,
        }
        speed = {"images_per_second": round(self.images_per_second, 1), "seconds": round(seconds, 2)}
        return {**where, **self.scalars, **speed}


class TrainingClock:
    """The seconds from the start of a training to now, pictures and checkpoints included, pauses before resumes not."""

    def __init__(self, earlier: float = 0.0) -> None:
        """earlier: the seconds before a resume."""
        self._earlier, self._started = earlier, time.monotonic()

    def restart(self) -> None:
        """Begin to count here: what was done since the clock was made is preparation."""
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds of training, including those before a resume."""
        return self._earlier + time.monotonic() - self._started


@dataclass
class TrainingContext:
    """A training in progress, as callbacks see it.

    Attributes: `run`, `model`, `dataset`; `position`, the steps and batches done; `note`, shows a message to the user;
    `stages` of the model; `total_steps` of all stages; `callbacks`, all of this training as one; `seconds` in steps,
    including those before a resume; `clock`, the time of the whole training; `best_step`, the step with the best
    validation score since the training began or resumed; `stop_reason`, why the training stops early; `signal`, the
    signal that ends it, 0 without one.
    """

    run: Run
    model: Model
    dataset: Dataset
    position: Position
    note: Callable[[str], None]
    seconds: float = 0.0
    best_step: int | None = None
    stop_reason: str | None = None
    signal: int = 0

    def __post_init__(self) -> None:
        self.callbacks = Callback()  # of a worker that is not the chief
        self.clock = TrainingClock(self.run.status()["seconds"])
        self.stages = self.model.stages()
        self.total_steps = self.position.step + sum(self.position.left(self.stages))

    @property
    def step(self) -> int:
        """Steps done in all stages."""
        return self.position.step

    def steps_left(self, number: int) -> int:
        """Steps left in the stage of this number."""
        return self.position.left(self.stages)[number]

    def finish(self) -> None:
        """Write to status.json that the training is finished."""
        self.run.set_status("finished", step=self.step, reason=self.stop_reason or "", seconds=self.clock.seconds)

    def follow_chief(self) -> None:
        """Take weights, position, length and an early stop from the chief worker."""
        done = [*self.position.done, *[0] * (len(self.stages) - len(self.position.done))]
        state = [*done, self.position.batches, self.total_steps, int(self.stop_reason is not None)]
        variables, streams = self.model.variables().values(), random_streams(self.model)
        state = self.model.devices.broadcast_initial_state(variables, streams, state)
        *done, batches, self.total_steps, is_stopped = state
        self.position = dataclasses.replace(self.position, done=tuple(done), batches=batches)
        if is_stopped:
            self.request_stop(STOPPED_BY_CHIEF)

    def request_stop(self, reason: str) -> None:
        """End the training after this chunk with a checkpoint. The first reason given is shown in status.json."""
        if self.stop_reason is None:
            self.stop_reason = reason


class Callback:
    """Base class of callbacks: every method does nothing; override those you need.

    A training by several workers calls the callbacks of the chief only. After a rollback (`--on-divergence restore`)
    `on_train_begin` is called again, with a new context. An exception raised by a callback ends the training.
    """

    def on_train_begin(self, training: TrainingContext) -> None:
        """Called before the first step, also of a resumed training. Keep `training` to use it in the other methods."""

    def on_initial_weights(self) -> None:
        """Called at step 0, after the initial checkpoint has been saved."""

    def steps_until_due(self, step: int) -> int | None:
        """How many steps (1 or more) after `step` a chunk must end; None if any chunk length will do."""

    def measure(self, stage: Stage) -> dict[str, float]:
        """Metrics of this step. If there are any, the chunk ends in a record that contains them."""
        return {}

    def on_record(self, report: StepReport, record: Record) -> None:
        """Called with each line for metrics.jsonl: the metrics of the report, and stage, epoch, images, seconds."""

    def on_sample_grid(self, pixels: np.ndarray) -> None:
        """Called with each new sample grid, uint8 (height, width, channels)."""

    def on_chunk_end(self, report: StepReport) -> None:
        """Called after each chunk; `training.request_stop(reason)` ends the training here."""

    def on_checkpoint(self) -> None:
        """Called after a checkpoint has been saved."""

    def on_interrupt(self) -> None:
        """Called before a signal ends the training."""

    def on_train_end(self) -> None:
        """Called after the last step or an early stop, but not after an error or a signal."""

    def close(self) -> None:
        """Release open files; called however the training ends."""
