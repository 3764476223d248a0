"""Nearest images: Figure 2 of Goodfellow et al. 2014, how much is memorised, and what is made twice."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sklearn.metrics import pairwise_distances_argmin_min
from sklearn.neighbors import NearestNeighbors


def nearest(queries: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row its nearest row of the pool: index int (queries,) and L2 distance float (queries,); exact.

    queries, pool: float (count, features).
    """
    return pairwise_distances_argmin_min(queries, pool, metric="euclidean")


def memorisation(queries: np.ndarray, train: np.ndarray, test: np.ndarray) -> float:
    """Mean distance to the nearest training image over that to the nearest test image, at equal counts.

    Near 1: as far from what was trained on as from what was not. Well below 1: images of the training set come back.
    The training set is taken in parts as large as the test set, and the distances are means over the parts; a test set
    that is larger is cut.
    """
    count = min(len(train), len(test))
    near_train = np.mean([nearest(queries, part)[1].mean() for part in _parts(train, count)])
    return float(near_train / nearest(queries, test[:count])[1].mean())


def _parts(rows: np.ndarray, count: int) -> Iterator[np.ndarray]:
    return (rows[start : start + count] for start in range(0, len(rows) - count + 1, count))


def to_own_nearest(rows: np.ndarray) -> np.ndarray:
    """Each row's distance to the nearest other row of the same set, float (count,)."""
    distances, _ = NearestNeighbors(n_neighbors=1).fit(rows).kneighbors()
    return distances[:, 0]


def near_duplicates(rows: np.ndarray, real: np.ndarray, *, usual: float = 0.001) -> tuple[float, float]:
    """Share of rows that lie nearer to another row than all but a share `usual` of real images do to one another.

    rows, real: float (count, features), compared at the count of the smaller. Returns: the share, the distance.
    """
    count = min(len(rows), len(real))
    limit = float(np.quantile(to_own_nearest(real[:count]), usual))
    return float((to_own_nearest(rows[:count]) <= limit).mean()), limit
