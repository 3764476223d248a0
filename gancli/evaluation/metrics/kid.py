"""Kernel Inception Distance (KID) between two sets of features. Bińkowski et al. 2018, arXiv:1801.01401, section 3."""

from __future__ import annotations

from gancli.core.backend import np

SUBSETS, SIZE = 100, 1000  # as the authors, and torch-fidelity


def subsets(count: int) -> dict[str, int]:
    """Number of subsets for sets of `count` rows, and their size: 1,000 rows, or half of a small set."""
    return {"count": SUBSETS, "size": max(2, min(SIZE, count // 2))}


def distance(first: np.ndarray, second: np.ndarray, *, seed: int = 0) -> tuple[float, float]:
    """Mean and standard deviation, over random subsets, of the unbiased squared MMD; it can be slightly negative.

    first, second: float (count, features), two rows or more each.
    """
    taken, random = subsets(min(len(first), len(second))), np.random.default_rng(seed)
    first, second = first.astype(np.float64), second.astype(np.float64)
    found = [
        squared_mmd(*(rows[random.choice(len(rows), taken["size"], replace=False)] for rows in (first, second)))
        for _ in range(taken["count"])
    ]
    return float(np.mean(found)), float(np.std(found))


def squared_mmd(first: np.ndarray, second: np.ndarray) -> float:
    """The unbiased estimate of the squared MMD with the kernel k(x, y) = (x·y / features + 1)³.

    first, second: float64 (count, features), the same count of two or more.
    """
    count = len(first)
    within = sum(matrix.sum() - np.trace(matrix) for matrix in (_kernel(first, first), _kernel(second, second)))
    return float(within / (count * (count - 1)) - 2 * _kernel(first, second).mean())


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first @ second.T / first.shape[1] + 1.0) ** 3
