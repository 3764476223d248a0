"""The pace of a training: means of what steps tell, and how many steps make the next chunk."""

from __future__ import annotations

import time
from collections.abc import Mapping

from gancli.runs.checkpoints import Position

CHUNK_SECONDS = 0.5  # signals, bar and saving wait no longer than about this


class MetricAverager:
    """Means of scalars over the steps since the last record.

    Attributes: `sums` of the scalars, float64, and how many `steps` they are over. The graph adds to the sums step by
    step, so that they have the same bits whatever the lengths of the chunks, which depend on the clock. A checkpoint
    holds both.
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
        """Take the sums as they are after so many more steps."""
        self.sums, self.steps = sums, self.steps + steps

    def values(self) -> dict[str, float]:
        return {name: value / self.steps for name, value in self.sums.items()}


class ChunkScheduler:
    """Steps a second, and from it the length of the next chunk."""

    def __init__(self) -> None:
        self.rate, self.chunk, self.since = 0.0, 1, time.monotonic()

    def steps_a_chunk(self) -> int:
        self.since = time.monotonic()
        return self.chunk

    def measure(self, steps: int) -> float:
        """Tell how many steps the chunk took; returns its seconds."""
        seconds = max(time.monotonic() - self.since, 1e-6)
        fresh = steps / seconds
        self.rate = fresh if self.rate == 0 or fresh > 2 * self.rate else 0.8 * self.rate + 0.2 * fresh
        self.chunk = max(1, min(2 * self.chunk, int(self.rate * CHUNK_SECONDS)))
        return seconds
