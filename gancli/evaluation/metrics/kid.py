"""Kernel Inception Distance (KID) between two sets of features. Bińkowski et al. 2018, arXiv:1801.01401, section 3."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gancli.core.backend import np
from gancli.evaluation.metrics import feature_rows
from gancli.evaluation.metrics.feature_rows import Rows

SUBSETS, SIZE = 100, 1000  # as the authors, and torch-fidelity
STEP = 250  # rows of a product of matrices: it stays in the cache of a processor


def subsets(count: int) -> dict[str, int]:
    """Number of subsets for sets of `count` rows, and their size: 1,000 rows, or half of a small set."""
    return {"count": SUBSETS, "size": max(2, min(SIZE, count // 2))}


def distance(first: Rows, second: Rows, *, seed: int = 0) -> tuple[float, float]:
    """Mean and standard deviation, over random subsets, of the unbiased squared MMD; it can be slightly negative.

    first, second: float (count, features), two rows or more each.
    """
    return distances([first], second, seed=seed)[0]


def distances(sets: Sequence[Rows], reference: Rows, *, seed: int = 0) -> list[tuple[float, float]]:
    """The `distance` of each set, all of one count, from the same reference, with the same subsets of it."""
    count = len(sets[0])

    def values(drawn: tuple[np.ndarray, np.ndarray]) -> list[float]:
        real = _lifted(feature_rows.take(reference, drawn[1]))
        real_sum = _sum_of_pairs(real)
        return [_squared_mmd(_lifted(feature_rows.take(rows, drawn[0])), real, real_sum) for rows in sets]

    found = np.array(list(feature_rows.in_threads(values, _draws(count, len(reference), seed))))
    return list(zip(found.mean(axis=0).tolist(), found.std(axis=0).tolist(), strict=True))


def _draws(first: int, second: int, seed: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The rows of each subset, of sets of these counts."""
    taken, random = subsets(min(first, second)), np.random.default_rng(seed)
    for _ in range(taken["count"]):
        yield tuple(random.choice(count, taken["size"], replace=False) for count in (first, second))


def squared_mmd(first: np.ndarray, second: np.ndarray) -> float:
    """The unbiased estimate of the squared MMD with the kernel k(x, y) = (x·y / features + 1)³.

    first, second: float (count, features), the same count of two or more.
    """
    first, second = _lifted(first), _lifted(second)
    return _squared_mmd(first, second, _sum_of_pairs(second))


def _squared_mmd(first: np.ndarray, second: np.ndarray, second_sum: float) -> float:
    count = len(first)
    between = sum(_sum_of_cubes(first[start : start + STEP] @ second.T) for start in range(0, count, STEP))
    within = _sum_of_pairs(first) + second_sum
    return float(within / (count * (count - 1)) - 2 * between / count**2)


def _lifted(rows: np.ndarray) -> np.ndarray:
    """Rows whose products are x·y / features + 1, float64 (count, features + 1)."""
    return np.hstack([rows / np.sqrt(rows.shape[1], dtype=np.float64), np.ones((len(rows), 1))])


def _sum_of_pairs(rows: np.ndarray) -> float:
    """The sum of the kernel over all ordered pairs of different rows; each product is computed once."""
    total = 0.0
    for start in range(0, len(rows), STEP):
        own, later = rows[start : start + STEP], rows[start + STEP :]
        total += _sum_of_cubes(own @ own.T) + 2 * _sum_of_cubes(own @ later.T)
    return total - float((np.square(rows).sum(axis=1) ** 3).sum())


def _sum_of_cubes(values: np.ndarray) -> float:
    return float(np.einsum("ij,ij", values * values, values))
