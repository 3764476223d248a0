"""When each resolution of a growing network fades in. Karras et al. 2018, appendix A."""

from __future__ import annotations

import itertools
from typing import NamedTuple

from gancli.core.backend import Tensor, tf


class Schedule(NamedTuple):
    """Growth in phases of equal length: the first resolution, then each further one as it fades in and as it stays.

    The last resolution stays for the rest of the training. Attributes: `sides` of the images, the smallest first;
    `steps` from the start until the last one has faded in.
    """

    sides: tuple[int, ...]
    steps: int

    def bounds(self) -> list[int]:
        """Steps at which the phases begin, and the end of the last fade-in."""
        phases = 2 * (len(self.sides) - 1)
        return [round(number * self.steps / phases) for number in range(phases + 1)]

    def phases(self, total: int) -> list[tuple[str, int, int]]:
        """Name, resolution (from 0) and steps of each phase in a training of `total` steps, which may end earlier."""
        bounds = [min(bound, total) for bound in self.bounds()] + [total]
        lengths = [end - start for start, end in itertools.pairwise(bounds)]
        names = [("", 0), *((name, level) for level in range(1, len(self.sides)) for name in ("fade-in-", ""))]
        return [
            (f"{name}{self.sides[level]}x{self.sides[level]}", level, steps)
            for (name, level), steps in zip(names, lengths, strict=True)
        ]

    def shares(self, done: Tensor | float) -> Tensor:
        """The share of each resolution but the first after so many steps, in [0, 1], float32 (resolutions - 1,)."""
        bounds = self.bounds()
        starts, ends = tf.constant(bounds[1::2], tf.float32), tf.constant(bounds[2::2], tf.float32)
        return tf.clip_by_value((done - starts) / tf.maximum(ends - starts, 1.0), 0.0, 1.0)
