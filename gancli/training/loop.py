"""The only training loop: chunks of steps inside one graph, and between them saving, sampling, signals."""

from __future__ import annotations

import contextlib
import dataclasses
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gancli.core import files
from gancli.core.backend import np, tf
from gancli.core.errors import DivergedError, GancliError, Interrupted, ResourceError
from gancli.data import Dataset
from gancli.imaging import images, plots
from gancli.models.base import Model, Stage
from gancli.runs.checkpoints import Position
from gancli.runs.run import Run
from gancli.training import sample_grids, validation
from gancli.training.compiled_step import CompiledStage
from gancli.training.input_pipeline import epoch_order, feed
from gancli.training.monitor import TrainingMonitor
from gancli.training.resume import SLOWER, rollback
from gancli.training.setup import save_every
from gancli.training.signals import Signals
from gancli.training.tensorboard import TensorBoardWriter
from gancli.training.throughput import ChunkScheduler, MetricAverager

PICTURES = 20  # sample pictures in a training, if not told otherwise
STRIP_SIDE = 3.4  # inches of a snapshot in the strip
ENOUGH = "the chief has had enough"  # known to the other workers


@dataclass(frozen=True)
class StepReport:
    """What a training tells after each chunk: steps done and in all, the means since the last record, speed."""

    stage: str
    step: int
    total: int
    epoch: float
    scalars: dict[str, float]
    images_per_second: float
    recorded: bool


def train(
    run: Run, model: Model, dataset: Dataset, position: Position, *, note: Callable[[str], None] = lambda text: None
) -> Iterator[StepReport]:
    """Train a run from a position to its end, yielding after every chunk.

    note: told what a user should know beside the numbers. Raises: Interrupted after a signal, its state saved;
    DivergedError when a loss is not finite, the last good checkpoint kept, or when the options say so; ResourceError;
    LockedError; WorkerError. run's status.json says how it ended.
    """
    run.lock.hold()
    signals = None
    try:
        while True:
            session = _Session(run, model, dataset, position, note)
            signals = signals or Signals()  # when all is ready; from here on they are ours to give back
            try:
                with contextlib.closing(session):
                    yield from session.stages(signals)
                break
            except DivergedError as error:
                if model.config.on_divergence != "restore":
                    raise
                del session  # and its copy of the data
                note(f"{error}. It is taken back")
                model, position = rollback(run, model, error)
                rate = model.options.learning_rate
                note(f"restored step {position.step:,}, with --learning-rate {rate:g}; the next time it stops")
        run.set_status("finished", step=session.position.step, reason=session.enough)
    except BaseException as error:
        states = {DivergedError: "diverged", Interrupted: "interrupted"}
        reason = str(error) if isinstance(error, GancliError) else repr(error)
        with contextlib.suppress(ResourceError):  # a full disk must not hide what happened
            run.set_status(states.get(type(error), "failed"), step=run.status()["step"], reason=reason)
        model.devices.end(getattr(error, "exit_code", 1))
        raise
    finally:
        if signals is not None:
            signals.close()
        run.lock.release()


class _Session:
    """One process's share of a training."""

    def __init__(
        self, run: Run, model: Model, dataset: Dataset, position: Position, note: Callable[[str], None]
    ) -> None:
        self.run, self.model, self.dataset, self.note, self.devices = run, model, dataset, note, model.devices
        with _memory_advice(model.options.batch_size):
            self.feed = feed(dataset, model)
        self.batch_size, self.count = model.options.batch_size, model.training_count()
        self.training_rows, is_chief = model.training_rows(dataset), model.devices.is_chief
        self.gallery = sample_grids.of(model, dataset) if is_chief else None
        self.referee = validation.of(model, dataset, note=note) if is_chief and model.config.eval_every else None
        self.events = TensorBoardWriter(run.path / "tensorboard") if is_chief and model.config.tensorboard else None
        self.plan, self.compiled = model.stages(), {}
        self.total = position.step + sum(position.left(self.plan))
        self.sample_every = model.config.sample_every or max(1, self.total // PICTURES)
        self.snapshots = model.config.snapshot_steps()
        self.save_at = [save_every(model.config, self.total)]
        self.save_at += [model.config.keep_every] if model.config.keep_every else []
        records, chosen = run.metrics(), model.config
        self.seconds = records[-1]["seconds"] if records else 0.0
        self.warns = chosen.on_divergence == "warn"
        better = chosen.higher_is_better()
        self.watch = TrainingMonitor(records, higher_is_better=better, patience=chosen.patience, warns=self.warns)
        self.enough = self.watch.enough()
        self._epoch: tuple[int, np.ndarray] = (-1, np.zeros(0, int))
        done = [*position.done, *[0] * (len(self.plan) - len(position.done))]
        standing = [*done, position.batches, self.total, bool(self.enough)]
        *done, batches, self.total, is_enough = self.devices.begin(
            model.variables().values(), model.streams(), standing
        )
        self.position = dataclasses.replace(position, done=tuple(done), batches=batches)
        self.enough = self.enough or ENOUGH * is_enough

    def close(self) -> None:
        """Give back files."""
        if self.events:
            self.events.close()

    def stages(self, signals: Signals) -> Iterator[StepReport]:
        """Train every stage that is left, then draw the summary."""
        self.signals = signals
        self.run.set_status("running", step=self.position.step)
        for number, stage in enumerate(self.plan):
            if self._left(number) and not self.enough:
                if not self.position.done[number]:
                    self.model.begin(number, self.dataset)
                if self.position.step == 0:
                    self.run.save(self.model, self.position)
                    if self.gallery:
                        self.sample()
                yield from self.steps(number, stage)
        self.draw_summary()

    def _left(self, number: int) -> int:
        """Steps that are left in a stage."""
        return self.position.left(self.plan)[number]

    def steps(self, number: int, stage: Stage) -> Iterator[StepReport]:
        """Train one stage to its end, chunk by chunk."""
        compiled = self.compiled.get(stage.step)  # turns that come again are traced once
        if compiled is None:
            compiled = self.compiled[stage.step] = CompiledStage(stage, self.model, self.feed.specification())
        speed, means = ChunkScheduler(), self._means(compiled)
        while steps := self._next_chunk(number, speed):
            with _memory_advice(self.batch_size), self.devices.working():
                columns, rows = self.feed.rows(self._rows(steps * compiled.batches_per_step))
                done, sums, last = compiled.run(columns, rows, steps, means.sums)
            self.position = self.position.advanced(number, done, done * compiled.batches_per_step)
            if done < steps or not np.isfinite(list(last.values())).all():
                self._diverge(last)
            self.seconds += speed.measure(done)
            means.advance(sums, done)
            moment = self._moment(number, stage.name, means, speed.rate * self.batch_size)
            self.position = dataclasses.replace(self.position, sums=means.sums, summed=means.steps)
            yield moment
            self._between_chunks(moment)

    def _means(self, compiled: CompiledStage) -> MetricAverager:
        """The means of a stage as the checkpoint left them, or new ones where it tells of other scalars."""
        sums = self.position.sums
        return MetricAverager(sums, self.position.summed) if list(sums) == compiled.names else MetricAverager()

    def _next_chunk(self, number: int, speed: ChunkScheduler) -> int:
        """How many steps come next: the chief says it to all workers; 0 where the stage ends."""
        steps = self.devices.all_gather_int(
            0 if self.enough else min(speed.steps_a_chunk(), self._until_boundary(number))
        )[0]
        if not steps and self._left(number) and not self.enough:
            self.enough = ENOUGH
        return steps

    def _until_boundary(self, number: int) -> int:
        """Steps to the next record, sample, checkpoint or end: chunks stop there, whatever their length in time."""
        step = self.position.step
        every = [self.model.config.log_every, self.sample_every, *self.save_at]
        every += [self.model.config.eval_every] if self.model.config.eval_every else []
        ahead = [snapshot - step for snapshot in self.snapshots if snapshot > step]
        return min(self._left(number), *(period - step % period for period in every), *ahead)

    def _rows(self, batches: int) -> np.ndarray:
        """The rows of the next batches, int32 (batches, batch size): a function of seed and position alone."""
        per_epoch = self.count // self.batch_size
        numbers = range(self.position.batches, self.position.batches + batches)
        rows = [self._row(*divmod(number, per_epoch)) for number in numbers]
        return np.array(rows, np.int32)

    def _row(self, epoch: int, batch: int) -> np.ndarray:
        order = self._order(epoch)
        return self.training_rows[order[batch * self.batch_size : (batch + 1) * self.batch_size]]

    def _order(self, epoch: int) -> np.ndarray:
        """The order of the rows in an epoch; that of the last is kept."""
        if self._epoch[0] != epoch:
            seed = self.model.config.seed
            order = epoch_order(seed, epoch, self.count)
            self._epoch = epoch, self.model.arranged(order, np.random.default_rng([seed, epoch, 1]))
        return self._epoch[1]

    def _moment(self, number: int, stage: str, means: MetricAverager, images_per_second: float) -> StepReport:
        step, seen = self.position.step, self._looked(self.plan[number])
        ends = step % self.model.config.log_every == 0 or not self._left(number) or bool(seen)
        epoch = self.position.batches / (self.count // self.batch_size)
        moment = StepReport(stage, step, self.total, epoch, means.values() | seen, images_per_second, ends)
        if ends:
            record = {"stage": stage, "step": step, "epoch": round(epoch, 4)}
            record |= {"images": self.position.batches * self.batch_size, **moment.scalars}
            record |= {"images_per_second": round(images_per_second, 1), "seconds": round(self.seconds, 2)}
            self.run.log(record)
            self.watch.add(record)
            if self.events:
                self.events.scalars(moment.scalars, step)
            means.clear()
        return moment

    def _looked(self, stage: Stage) -> dict[str, float]:
        """What pictures and scores tell, where they are due: diversity, score, missing classes."""
        step, seen = self.position.step, {}
        if self.gallery and (step % self.sample_every == 0 or step == self.total):
            seen |= self.sample()
        elif self.gallery and step in self.snapshots:
            self.sample()
        is_due = self.referee and stage.is_scored and step % self.model.config.eval_every == 0
        if is_due or (self.referee and step == self.total):
            seen |= self.referee.score()
        return seen

    def _between_chunks(self, moment: StepReport) -> None:
        step, received = self.position.step, max(self.devices.all_gather_int(self.signals.received))
        if moment.recorded and not received and self.devices.is_chief:
            self._look_at_health()  # before the save: what is ill is not kept
        self.enough = self.watch.enough()
        is_best = moment.recorded and self.watch.is_best()
        if is_best or self.enough or any(step % period == 0 for period in self.save_at) or step == self.total:
            self.save()
        if self.enough:
            self.note(f"stopped: {self.enough}")
        if not received:
            received = max(self.devices.all_gather_int(self.signals.received))  # while the step was saved
        if received:
            if step not in self.run.checkpoints():
                self.save()
            name = signal.Signals(received).name
            raise Interrupted(
                f"{name} at step {step:,}: saved; gancli train --resume --run {self.run.path} goes on from here",
                received,
            )

    def _look_at_health(self) -> None:
        """Say once what looks wrong with the training, or end it, as the options wish."""
        for symptom in self.watch.fresh_symptoms():
            if not self.warns:
                raise DivergedError(symptom.text, good=symptom.good)
            self.note(f"warning: {symptom.text}")

    def save(self) -> None:
        """Write a checkpoint and say so in status.json."""
        try:
            self.run.save(self.model, self.position)
        except DivergedError as error:
            raise DivergedError(f"{error}. {self._remedy()}", good=self.position.step) from error
        if self.events:
            self.events.flush()
        self.run.set_status("running", step=self.position.step)

    def _diverge(self, last: dict[str, float]) -> None:
        names = [name for name, value in last.items() if not np.isfinite(value)]
        step = self.position.step
        raise DivergedError(f"{names[0]} is {last[names[0]]} at step {step:,}. {self._remedy()}", good=step)

    def _remedy(self) -> str:
        kept = max(self.run.checkpoints(), default=0)
        rate = self.model.options.learning_rate
        return (
            f"The checkpoint of step {kept:,} is whole: go on from it with gancli train --resume --run {self.run.path} "
            f"--learning-rate {rate / SLOWER:g} (it was {rate:g}), or look for odd images with gancli data check"
        )

    def sample(self) -> dict[str, float]:
        """Draw the same as ever; returns what the gallery tells of it."""
        picture, told = self.gallery.draw()
        self.run.write(f"samples/train-{self.position.step:08}.png", images.png(picture))
        if self.events:
            self.events.picture(picture, self.position.step)
        return told

    def draw_summary(self) -> None:
        """The growing samples as a GIF, the snapshots as a strip, and the losses as a plot."""
        frames = {}
        for step, path in self.run.pictures().items():
            with contextlib.suppress(OSError, SyntaxError, ValueError):  # one that was damaged is left out
                frames[step] = images.read_png(files.read_regular(path))
        frames = {step: frame for step, frame in frames.items() if frame.shape == frames[max(frames)].shape}
        if frames:
            self.run.write("samples/growing.gif", images.gif(list(frames.values()), milliseconds=250))
        strip = [(f"{step:,} steps", frames[step]) for step in self.snapshots if step in frames]
        if strip:
            self.run.write("samples/snapshots.png", plots.rows_of_images([("", strip)], side=STRIP_SIDE))
        records = self.run.metrics()
        if records:
            self.run.write("losses.png", plots.losses(records))


@contextlib.contextmanager
def _memory_advice(batch_size: int) -> Iterator[None]:
    try:
        yield
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        raise ResourceError(
            f"the memory does not hold the data and a step with --batch-size {batch_size}: "
            f"try --batch-size {max(2, batch_size // 2)}, a smaller --width or --image-size, or --in-memory no"
        ) from error
