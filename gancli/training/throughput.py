"""Means of the metrics between records, and the number of steps in the next chunk."""

from __future__ import annotations

import time
from collections.abc import Mapping

from gancli.runs.checkpoints import Position

CHUNK_SECONDS = 0.5  # about the longest delay of signals, progress and saving


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
