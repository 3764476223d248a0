"""Which checkpoints of a run are kept."""

from __future__ import annotations

from collections.abc import Container, Sequence


def superseded(steps: Sequence[int], *, keep: int, spared: Container[int], keep_every: int | None = None) -> list[int]:
    """The steps, in order, of checkpoints that can be deleted.

    steps: of all checkpoints, in order. Kept are the newest `keep` (1 or more), those in `spared`, such as the best,
    and every multiple of `keep_every` except 0.
    """
    return [
        step for step in steps[:-keep] if step not in spared and not (keep_every and step and step % keep_every == 0)
    ]
