"""Fréchet distance of Gaussians fitted to two sets of features. Heusel et al. 2017, arXiv:1706.08500, equation 6."""

from __future__ import annotations

from gancli.core.backend import linalg, np


def distance(first: np.ndarray, second: np.ndarray) -> float:
    """|m1 - m2|² + Tr(C1 + C2 - 2 (C1 C2)^½) of the means and covariances of two sets of features, 0 or more.

    first, second: float (count, features), two rows or more each. With X1 and X2 the centered sets, each divided by
    sqrt(count - 1), the trace of the root is the sum of the singular values of X1 X2': no matrix square root is needed,
    so rank-deficient covariances need no added constant. If there are more rows than features, factors of the
    covariances replace the sets. The value is biased upward for small counts: compare at equal counts only.
    """
    first, second = first.astype(np.float64), second.astype(np.float64)
    gap = first.mean(axis=0) - second.mean(axis=0)
    one, two = _factor(first), _factor(second)
    overlap = linalg.svdvals(one @ two.T).sum()
    return max(0.0, float(gap @ gap + np.square(one).sum() + np.square(two).sum() - 2 * overlap))


def _factor(rows: np.ndarray) -> np.ndarray:
    """A matrix F with F'F = the covariance: the centered rows, or as many rows as there are features."""
    centered = (rows - rows.mean(axis=0)) / np.sqrt(len(rows) - 1)
    return (
        linalg.qr(centered, mode="r", overwrite_a=True)[0][: rows.shape[1]] if len(rows) > rows.shape[1] else centered
    )
