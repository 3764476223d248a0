"""The training loop: chunks of steps inside one graph, and callbacks between them."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
from collections.abc import Callable, Iterator, Sequence

from gancli.core.errors import DivergedError, Interrupted
from gancli.data import Dataset
from gancli.models.base import Model, Stage
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run
from gancli.training.callbacks import STOPPED_BY_CHIEF, Callback, StepReport, TrainingContext, with_built_in
from gancli.training.chunks import ChunkRunner
from gancli.training.failure import need_finite, record_failure
from gancli.training.resume import rollback
from gancli.training.signals import Signals
from gancli.training.throughput import ChunkScheduler, MetricAverager


def train(
    run: Run,
    model: Model,
    dataset: Dataset,
    position: Position,
    *,
    note: Callable[[str], None] = lambda text: None,
    callbacks: Sequence[Callback] = (),
) -> Iterator[StepReport]:
    """Train a run from a position to its end, yielding a report after every chunk of steps.

    note: shows a message to the user. callbacks: called besides the built-in ones (gancli/training/callbacks/base.py).

    Raises: Interrupted after a signal, with the state saved; DivergedError if a loss is not finite or --on-divergence
    does not tolerate a problem, with the last good checkpoint kept; ResourceError; LockedError; WorkerError. The run's
    status.json shows how the training ended.
    """
    run.lock.hold()
    signals = None
    try:
        while True:
            loop = _Loop(TrainingContext(run, model, dataset, position, note), callbacks)
            signals = signals or Signals()  # once everything is ready
            try:
                with contextlib.closing(loop.training.callbacks):
                    yield from loop.run(signals)
                break
            except DivergedError as error:
                if model.config.on_divergence != "restore":
                    raise
                del loop  # and its copy of the data
                note(f"{error}. Rolling back")
                model, position = rollback(run, model, error)
                rate = f"--learning-rate {model.options.learning_rate:g}"
                note(f"restored step {position.step:,}, with {rate}; the next problem stops the training")
        run.set_status("finished", step=loop.training.step, reason=loop.training.stop_reason or "")
    except BaseException as error:
        record_failure(run, error)
        model.devices.notify_exit(getattr(error, "exit_code", 1))
        raise
    finally:
        if signals is not None:
            signals.close()
        run.lock.release()


class _Loop:
    """One worker's part of a training. Only the chief has callbacks; the others follow its chunks."""

    def __init__(self, training: TrainingContext, callbacks: Sequence[Callback]) -> None:
        self.training = training
        self.model, self.devices = training.model, training.model.devices
        self.chunks = ChunkRunner(self.model, training.dataset)
        if self.devices.is_chief:
            training.callbacks = with_built_in(self.model, callbacks)
        training.callbacks.on_train_begin(training)
        training.follow_chief()

    def run(self, signals: Signals) -> Iterator[StepReport]:
        """Train every stage that has steps left."""
        training = self.training
        training.run.set_status("running", step=training.step, total=training.total_steps)
        for number, stage in enumerate(training.stages):
            if training.steps_left(number) and training.stop_reason is None:
                if not training.position.done[number]:
                    self.model.on_stage_start(number, training.dataset)
                if training.step == 0:
                    training.run.save(self.model, training.position)
                    training.callbacks.on_initial_weights()
                yield from self._train_stage(number, stage, signals)
        training.callbacks.on_train_end()

    def _train_stage(self, number: int, stage: Stage, signals: Signals) -> Iterator[StepReport]:
        training = self.training
        compiled, scheduler = self.chunks.compiled(stage), ChunkScheduler()
        averager = MetricAverager.continued(training.position, compiled.names)
        while steps := self._next_chunk(number, scheduler):
            done, sums, last = self.chunks.run(compiled, training.position.batches, steps, averager.sums)
            training.position = training.position.advanced(number, done, done * compiled.batches_per_step)
            need_finite(last, step=training.step, run=training.run, model=self.model)
            training.seconds += scheduler.measure(done)
            averager.advance(sums, done)
            report = self._report(number, averager, scheduler.rate * self.model.options.batch_size)
            training.position = dataclasses.replace(training.position, sums=averager.sums, summed=averager.steps)
            yield report
            self._end_chunk(report, signals)

    def _next_chunk(self, number: int, scheduler: ChunkScheduler) -> int:
        """Steps of the next chunk, as the chief decides for all workers; 0 at the end of the stage or an early stop."""
        training, steps = self.training, 0
        if training.stop_reason is None:
            left = training.steps_left(number)
            steps = min(scheduler.start_chunk(), left, training.callbacks.steps_until_due(training.step) or left)
        steps = self.devices.all_gather_int(steps)[0]
        if not steps and training.steps_left(number):
            training.request_stop(STOPPED_BY_CHIEF)
        return steps

    def _report(self, number: int, averager: MetricAverager, images_per_second: float) -> StepReport:
        """The report of a chunk; if a record is due, it is written and the means start anew."""
        training, stage = self.training, self.training.stages[number]
        batch_size = self.model.options.batch_size
        measured = training.callbacks.measure(stage)
        is_due = training.step % self.model.config.log_every == 0 or not training.steps_left(number) or bool(measured)
        epoch, metrics = training.position.batches / self.chunks.order.batches_per_epoch, averager.values() | measured
        report = StepReport(
            stage.name, training.step, training.total_steps, epoch, metrics, images_per_second, recorded=is_due
        )
        if is_due:
            images = training.position.batches * batch_size
            training.callbacks.on_record(report, report.record(images=images, seconds=training.seconds))
            averager.clear()
        return report

    def _end_chunk(self, report: StepReport, signals: Signals) -> None:
        """Let the callbacks save and stop; then end the training if any worker received a signal."""
        training = self.training
        training.signal = max(self.devices.all_gather_int(signals.received))
        training.callbacks.on_chunk_end(report)
        if training.stop_reason is not None:
            training.note(f"stopped: {training.stop_reason}")
        if not training.signal:
            training.signal = max(self.devices.all_gather_int(signals.received))  # meanwhile, as while saving
        if training.signal:
            training.callbacks.on_interrupt()
            place = f"{signal.Signals(training.signal).name} at step {report.step:,}"
            command = f"gancli train --resume --run {training.run.path}"
            raise Interrupted(f"{place}: saved; continue with {command}", training.signal)
