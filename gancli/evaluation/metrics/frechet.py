"""Fréchet distance of Gaussians fitted to two sets of features. Heusel et al. 2017, arXiv:1706.08500, equation 6."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.evaluation.metrics import feature_rows
from gancli.evaluation.metrics.feature_rows import Rows


@dataclass(frozen=True, eq=False)
class Moments:
    """The Gaussian of a set of features.

    mean: float64 (size,). spread: float64, the covariance (size, size) with the divisor count - 1, or, of at most as
    many rows as features, the centered rows divided by the root of count - 1. count: of the rows; None if unknown.
    """

    mean: np.ndarray
    spread: np.ndarray
    count: int | None = None
    is_factor: bool = False  # the second kind of `spread`

    @property
    def covariance(self) -> np.ndarray:
        """Float64 (size, size)."""
        return self.spread.T @ self.spread if self.is_factor else self.spread

    @functools.cached_property
    def variance(self) -> float:
        """The trace of the covariance."""
        return float(np.square(self.spread).sum() if self.is_factor else np.trace(self.spread))

    @functools.cached_property
    def factor(self) -> np.ndarray:
        """A matrix F with F'F = the covariance, float64 (rank, size).

        Directions whose variance is zero within rounding are left out of a singular covariance.
        """
        if self.is_factor:
            return self.spread
        try:
            return np.linalg.cholesky(self.spread).T
        except np.linalg.LinAlgError:  # singular
            values, vectors = np.linalg.eigh(self.spread)
            is_kept = values > len(values) * np.finfo(float).eps * values.max()
            return (vectors[:, is_kept] * np.sqrt(values[is_kept])).T


def moments(rows: Rows) -> Moments:
    """The moments of features, float (count, size), two rows or more, summed in float64 block by block."""
    size = feature_rows.size_of(rows)
    if len(rows) <= size:
        whole = feature_rows.read(rows, 0, len(rows))
        mean = whole.mean(axis=0)
        whole -= mean
        whole /= np.sqrt(len(rows) - 1)
        return Moments(mean, whole, len(rows), is_factor=True)
    return _summed(feature_rows.blocks(rows), len(rows))


def of_some(rows: Rows, index: np.ndarray) -> Moments:
    """The moments of the rows of these numbers, int (count,), ascending."""
    if len(index) <= feature_rows.size_of(rows):
        return moments(feature_rows.take(rows, index))
    places = feature_rows.starts(rows)
    cuts = np.searchsorted(index, [*places, len(rows)])
    parts = (index[start:stop] for start, stop in itertools.pairwise(cuts) if stop > start)
    return _summed((feature_rows.take(rows, part) for part in parts), len(index))


def _summed(blocks: Iterable[np.ndarray], count: int) -> Moments:
    """Sums of the distances from a point near the mean: no digits cancel."""
    origin = total = products = one = None
    for block in blocks:
        if origin is None:
            origin = block.mean(axis=0)
            total, products = np.zeros_like(origin), np.zeros((len(origin), len(origin)))
            one = np.empty_like(products)
        block -= origin
        total += block.sum(axis=0)
        products += np.matmul(block.T, block, out=one)
    gap = total / count
    products -= np.multiply.outer(gap * count, gap, out=one)
    products /= count - 1
    return Moments(origin + gap, products, count)


def distance(first: Rows, second: Rows) -> float:
    """The distance of two sets of features, float (count, size), two rows or more each: see `between`.

    The value is biased upward for small counts: compare at equal counts only.
    """
    return between(moments(first), moments(second))


def between(first: Moments, second: Moments) -> float:
    """|m1 - m2|² + Tr(C1 + C2 - 2 (C1 C2)^½) of the means and covariances of two sets of features, 0 or more.

    With F1'F1 = C1 and F2'F2 = C2 the trace of the root is the sum of the singular values of F1 F2': no matrix square
    root is needed, so singular covariances need no added constant.
    """
    gap = first.mean - second.mean
    overlap = np.linalg.svd(first.factor @ second.factor.T, compute_uv=False).sum()
    return max(0.0, float(gap @ gap + first.variance + second.variance - 2 * overlap))
