"""Precision and recall (Kynkäänniemi et al. 2019, 1904.06991), density and coverage (Naeem et al. 2020, 2002.09797)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from sklearn.metrics import pairwise_distances_chunked
from sklearn.neighbors import NearestNeighbors

NEIGHBOURS = 5  # Naeem et al.; Kynkäänniemi et al. take 3


class Measures(NamedTuple):
    """Each in [0, 1], but density, which may exceed 1.

    precision: share of fakes within the ball of a real image (its radius the distance to its k-th neighbour); recall:
    share of real images within the ball of a fake; density: real balls that hold a fake, over k; coverage: share of
    real balls that hold a fake, 1 - 2^-k or so for the same distribution.
    """

    precision: float
    recall: float
    density: float
    coverage: float


def measures(real: np.ndarray, fake: np.ndarray, *, neighbours: int = NEIGHBOURS) -> Measures:
    """The four measures of two sets of features, float (count, features), each with more rows than `neighbours`."""
    real_radii, fake_radii = _radii(real, neighbours), _radii(fake, neighbours)
    balls, start = np.zeros(len(fake), int), 0
    recalled, covered = np.zeros(len(real), bool), np.zeros(len(real), bool)
    for block in pairwise_distances_chunked(real, fake, working_memory=64):
        rows = slice(start, start + len(block))
        start += len(block)
        inside = block < real_radii[rows, None]  # (real, fake): the fake lies in the ball of the real
        balls += inside.sum(axis=0)
        covered[rows] = inside.any(axis=1)
        recalled[rows] = (block < fake_radii).any(axis=1)
    return Measures(
        float((balls > 0).mean()), float(recalled.mean()), float(balls.mean() / neighbours), float(covered.mean())
    )


def _radii(rows: np.ndarray, neighbours: int) -> np.ndarray:
    distances, _ = NearestNeighbors(n_neighbors=neighbours).fit(rows).kneighbors()  # without itself
    return distances[:, -1]
