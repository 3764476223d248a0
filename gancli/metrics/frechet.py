"""Fréchet distance of two Gaussians fitted to features. Heusel et al. 2017, arXiv:1706.08500, equation 6."""

from __future__ import annotations

import numpy as np
from scipy.linalg import eigh, eigvalsh


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """|m1 - m2|² + Tr(C1 + C2 - 2 (C1 C2)^½) of the means and covariances of two sets of features, 0 or more.

    first, second: float (count, features), two rows or more each. The trace of the root is taken from the symmetric
    C1^½ C2 C1^½, so covariances of less than full rank need no constant added. The value is biased upward where counts
    are small: compare at equal counts only.
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    gap = first.mean(axis=0) - second.mean(axis=0)
    covariance, other = (np.atleast_2d(np.cov(rows, rowvar=False)) for rows in (first, second))
    root = _root(covariance)
    overlap = np.sqrt(np.clip(eigvalsh(root @ other @ root), 0, None)).sum()
    return max(0.0, float(gap @ gap + np.trace(covariance) + np.trace(other) - 2 * overlap))


def _root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
