"""The Fréchet distance of infinitely many samples, extrapolated. Chong & Forsyth 2020, arXiv:1911.07023."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np
from gancli.evaluation.metrics import frechet
from gancli.evaluation.metrics.feature_rows import Rows

POINTS, LEAST = 15, 5000  # as the authors


class Extrapolation(NamedTuple):
    """The value of the line through distances over 1 / count at infinitely many samples, and its standard error.

    counts: of samples, ascending; distances: theirs.
    """

    value: float
    error: float
    counts: tuple[int, ...]
    distances: tuple[float, ...]


def counts_of(total: int) -> list[int]:
    """Evenly spaced numbers of samples: from a tenth of all, but 5,000 or more where half of all are as many."""
    least = min(max(total // 10, LEAST), total // 2)
    return np.unique(np.linspace(max(2, least), total, POINTS).round().astype(int)).tolist()


def extrapolate(samples: Rows, real: frechet.Moments, *, seed: int = 0) -> Extrapolation:
    """Distances of random draws of the samples, float (count, size), four or more, from the same real images.

    Each draw is without replacement. The error is that of the line alone: it leaves out that all draws are of the same
    samples, and the bias by the number of real images stays.
    """
    random, counts = np.random.default_rng(seed), counts_of(len(samples))
    draws = (np.sort(random.permutation(len(samples))[:count]) for count in counts)
    distances = [frechet.between(frechet.of_some(samples, drawn), real) for drawn in draws]
    (value, error) = _at_zero(1 / np.array(counts), np.array(distances))
    return Extrapolation(value, error, tuple(counts), tuple(distances))


def _at_zero(places: np.ndarray, values: np.ndarray) -> tuple[float, float]:
    """The value at 0 of the line of least squares, and its standard error."""
    mean, deviations = places.mean(), places - places.mean()
    squares = np.square(deviations).sum()
    slope = deviations @ values / squares
    value = values.mean() - slope * mean
    left = values - (value + slope * places)
    variance = left @ left / max(1, len(places) - 2)
    return float(value), float(np.sqrt(variance * (1 / len(places) + mean**2 / squares)))
