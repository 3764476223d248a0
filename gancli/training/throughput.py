"""Means of the metrics between records, the number of steps in the next chunk, and how many fit into a time."""

from __future__ import annotations

import dataclasses
import math
import time
from collections.abc import Mapping

from gancli.core.errors import OptionError
from gancli.core.progress import counting
from gancli.data import Dataset
from gancli.models.base import Model, Stage
from gancli.models.config import MOST_STEPS, TrainingConfig
from gancli.runs.checkpoints import Position
from gancli.training import validation
from gancli.training.chunks import ChunkRunner

CHUNK_SECONDS = 0.5  # about the longest delay of signals, progress and saving
PROBE_SHARE, LEAST_PROBE, MOST_PROBE = 0.02, 2.0, 30.0  # of the time, and seconds, to measure a stage's speed
START = Position()
RESERVE = 0.05  # of the time of several stages, so that the last comes to its end; one stage is ended by the clock


class MetricAverager:
    """Means of the metrics over the steps since the last record.

    Attributes: `sums` of the metrics, float64, over `steps` steps. The graph adds to the sums step by step, so that
    they have the same bits whatever the lengths of the chunks, which depend on the clock. A checkpoint contains both.
    """

    def __init__(self, sums: Mapping[str, float] | None = None, steps: int = 0) -> None:
        self.sums, self.steps = dict(sums or {}), steps

    @classmethod
    def continued(cls, position: Position, names: list[str]) -> MetricAverager:
        """The sums in a checkpoint, or new ones if those are of other metrics than `names`, sorted."""
        return cls(position.sums, position.summed) if list(position.sums) == names else cls()

    def clear(self) -> None:
        """Start anew, after a record."""
        self.sums, self.steps = {}, 0

    def advance(self, sums: dict[str, float], steps: int) -> None:
        """Replace the sums by those after `steps` more steps."""
        self.sums, self.steps = sums, self.steps + steps

    def values(self) -> dict[str, float]:
        """The means since the last record by name; there must be a step or more."""
        return {name: value / self.steps for name, value in self.sums.items()}


class ChunkScheduler:
    """Measures the speed and chooses the length of the next chunk.

    Attributes: `rate`, steps per second, smoothed.
    """

    def __init__(self) -> None:
        self.rate = 0.0
        self.chunk = 1
        self.since = time.monotonic()

    def start_chunk(self) -> int:
        """Start the clock. Returns: the number of steps for the next chunk."""
        self.since = time.monotonic()
        return self.chunk

    def measure(self, steps: int) -> float:
        """Update the rate after a chunk of `steps` steps. Returns: its seconds."""
        seconds = max(time.monotonic() - self.since, 1e-6)
        fresh = steps / seconds
        self.rate = fresh if self.rate == 0 or fresh > 2 * self.rate else 0.8 * self.rate + 0.2 * fresh
        self.chunk = max(1, min(2 * self.chunk, int(self.rate * CHUNK_SECONDS)))
        return seconds


def is_open(settings: TrainingConfig) -> bool:
    """Whether the number of steps must be estimated from --minutes."""
    return settings.minutes is not None and settings.steps is None


def estimate_steps(model: Model, dataset: Dataset, position: Position = START, spent: float = 0.0) -> int:
    """The --steps with which a training from this position takes its --minutes, compilation included.

    spent: seconds up to the position. Trains the model for some seconds in each stage: what it has learned so far is
    lost. Raises: OptionError if not even one step fits.
    """
    seconds = 60 * model.config.minutes - spent
    speed = _measure(model, dataset, min(MOST_PROBE, max(LEAST_PROBE, PROBE_SHARE * seconds)))
    used = 1 - RESERVE if len(speed.steps) > 1 else 1
    available = used * seconds - speed.compilation
    config = model.config

    def needed(steps: int) -> float:
        model.config = dataclasses.replace(config, steps=steps, epochs=None, minutes=None)
        stages = model.stages()
        return sum(speed.of(stage) * left for stage, left in zip(stages, position.left(stages), strict=True))

    try:
        if needed(1) > available:
            least = math.ceil((spent + (needed(1) + speed.compilation) / used) / 6) / 10
            raise OptionError(f"--minutes {config.minutes:g}: the training takes {least:g} minutes or more")
        low, high = 1, 2
        while needed(high) <= available and high < MOST_STEPS:
            low, high = high, 2 * high
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if needed(middle) <= available else (low, middle)
        return low
    finally:
        model.config = config


@dataclasses.dataclass(frozen=True)
class _Speed:
    """compilation: seconds that compiling all stages takes. steps: seconds of a step by the name of its stage."""

    compilation: float
    steps: Mapping[str, float]

    def of(self, stage: Stage) -> float:
        """Seconds of a step of a stage; as the slowest if it was not measured."""
        return self.steps.get(stage.name, max(self.steps.values()))


def _measure(model: Model, dataset: Dataset, seconds: float) -> _Speed:
    """Train each stage of another step for so many seconds. A score of --eval-every is shared out among the steps."""
    chunks, steps, compilation = ChunkRunner(model, dataset), {}, 0.0
    stages = {stage.name: stage for stage in model.stages() if stage.is_asked and stage.steps}
    with counting("measuring the speed, in seconds", round(len(stages) * seconds)) as advance:
        for name, stage in stages.items():
            started = time.monotonic()
            compiled = chunks.compiled(stage)
            chunks.run(compiled, 0, 1, {})
            compilation += time.monotonic() - started
            scheduler, done, began = ChunkScheduler(), 0, time.monotonic()
            while not done or time.monotonic() - began < seconds:
                count, _, _ = chunks.run(compiled, done * compiled.batches_per_step, scheduler.start_chunk(), {})
                scheduler.measure(count)
                done += count
                advance(round(len(steps) * seconds + time.monotonic() - began))
            steps[name] = (time.monotonic() - began) / done + (_score_share(model, dataset) if stage.is_scored else 0.0)
    return _Speed(compilation, steps)


def _score_share(model: Model, dataset: Dataset) -> float:
    """Seconds of a score of --eval-every for each step."""
    if not model.config.eval_every:
        return 0.0
    validator = validation.for_model(model, dataset, note=lambda text: None)
    started = time.monotonic()
    validator.score()
    return (time.monotonic() - started) / model.config.eval_every
