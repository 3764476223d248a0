"""Kernel distance of two sets of features (KID). Bińkowski et al. 2018, arXiv:1801.01401, section 3."""

from __future__ import annotations

import numpy as np

SUBSETS, SIZE = 100, 1000  # the authors'; torch-fidelity's too


def distance(
    first: np.ndarray, second: np.ndarray, *, subsets: int = SUBSETS, size: int = SIZE, seed: int = 0
) -> tuple[float, float]:
    """Mean and standard deviation, over random subsets, of the unbiased squared MMD; it can be slightly negative.

    first, second: float (count, features), two rows or more each; a subset takes `size` rows of each, or all.
    """
    size, random = min(size, len(first), len(second)), np.random.default_rng(seed)
    first, second = first.astype(np.float64), second.astype(np.float64)
    found = [
        squared_mmd(*(rows[random.choice(len(rows), size, replace=False)] for rows in (first, second)))
        for _ in range(subsets)
    ]
    return float(np.mean(found)), float(np.std(found))


def squared_mmd(first: np.ndarray, second: np.ndarray) -> float:
    """The unbiased estimate with the kernel k(x, y) = (x·y / features + 1)³; both sets of one count."""
    count = len(first)
    within = sum(matrix.sum() - np.trace(matrix) for matrix in (_kernel(first, first), _kernel(second, second)))
    return float(within / (count * (count - 1)) - 2 * _kernel(first, second).mean())


def _kernel(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    return (first @ second.T / first.shape[1] + 1.0) ** 3
