"""Nearest images: Figure 2 of Goodfellow et al. 2014, how much is memorised, and what is made twice."""

from __future__ import annotations

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.neighbors import NearestNeighbors


def nearest(queries: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row its nearest row of the pool: index int (queries,) and L2 distance float (queries,); exact.

    queries, pool: float (count, features).
    """
    return pairwise_distances_argmin_min(queries, pool, metric="euclidean")


def memorisation(queries: np.ndarray, train: np.ndarray, unseen: np.ndarray) -> float:
    """Mean distance to the nearest training image over that to the nearest image that was never seen.

    0 for copies of the training set. What to expect without memory depends on the two counts: take the value for other
    images that were never seen. queries, train, unseen: float (count, features).
    """
    return float(nearest(queries, train)[1].mean() / nearest(queries, unseen)[1].mean())


def to_own_nearest(rows: np.ndarray) -> np.ndarray:
    """Each row's distance to the nearest other row of the same set, float (count,)."""
    distances, _ = NearestNeighbors(n_neighbors=1).fit(rows).kneighbors()
    return distances[:, 0]


def near_duplicates(rows: np.ndarray, real: np.ndarray, *, usual: float = 0.001) -> tuple[float, float]:
    """Share of rows that lie nearer to another row than all but a share `usual` of real images do to one another.

    rows, real: float (count, features), compared at the count of the smaller. Returns: the share, the distance.
    """
    count, random = min(len(rows), len(real)), np.random.default_rng(0)
    rows, real = (part[np.sort(random.permutation(len(part))[:count])] for part in (rows, real))
    limit = float(np.quantile(to_own_nearest(real), usual))
    return float((to_own_nearest(rows) <= limit).mean()), limit
