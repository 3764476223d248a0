"""The pace of a training: means of what steps tell, and how many steps make the next chunk."""

from __future__ import annotations

import time

CHUNK_SECONDS = 0.5  # signals, bar and saving wait no longer than about this


class Means:
    """Means of scalars over the steps since the last record."""

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        self.sums, self.steps = {}, 0

    def add(self, sums: dict[str, float], steps: int) -> None:
        self.sums = {name: self.sums.get(name, 0.0) + value for name, value in sums.items()}
        self.steps += steps

    def values(self) -> dict[str, float]:
        return {name: value / self.steps for name, value in self.sums.items()}


class Speed:
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
