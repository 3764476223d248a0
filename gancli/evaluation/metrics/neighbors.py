"""Nearest images: Figure 2 of Goodfellow et al. 2014, how much is memorised, and what is made twice."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np

ROUNDING = 1e-6  # of the length of a row: features are float32, and a shorter distance is one of copies


def nearest(queries: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row its nearest row of the pool: index int (queries,) and L2 distance float (queries,); exact.

    queries, pool: float (count, features).
    """
    from sklearn.metrics import pairwise_distances_argmin_min  # slow to import

    return pairwise_distances_argmin_min(queries, pool, metric="euclidean")


def memorization(queries: np.ndarray, train: np.ndarray, unseen: np.ndarray) -> float | None:
    """Mean distance to the nearest training image over that to the nearest image that was never seen.

    0 for copies of the training set. What to expect without memory depends on the two counts: take the value for other
    images that were never seen. None where the queries are copies of the images never seen: the ratio is not defined.
    queries, train, unseen: float (count, features).
    """
    seen, new = (float(nearest(queries, rows)[1].mean()) for rows in (train, unseen))
    return None if new <= ROUNDING * np.linalg.norm(queries, axis=1).mean() else seen / new


def to_own_nearest(rows: np.ndarray) -> np.ndarray:
    """Each row's distance to the nearest other row of the same set, float (count,)."""
    from sklearn.neighbors import NearestNeighbors  # slow to import

    distances, _ = NearestNeighbors(n_neighbors=1).fit(rows).kneighbors()
    return distances[:, 0]


class Duplicates(NamedTuple):
    """The share of rows, and of real images, that lie within `distance` of another of their own set; `count` of each
    were compared."""

    share: float
    real_share: float
    distance: float
    count: int


def near_duplicates(rows: np.ndarray, real: np.ndarray, *, usual: float = 0.001) -> Duplicates:
    """Share of rows that lie nearer to another row than all but a share `usual` of real images do to one another.

    The real images' own share is measured: of a few images it is more than `usual`, since the two that lie nearest are
    at one distance. rows, real: float (count, features), compared at the count of the smaller.
    """
    count, random = min(len(rows), len(real)), np.random.default_rng(0)
    rows, real = (part[np.sort(random.permutation(len(part))[:count])] for part in (rows, real))
    gaps, real_gaps = to_own_nearest(rows), to_own_nearest(real)
    limit = float(np.quantile(real_gaps, usual))
    return Duplicates(float((gaps <= limit).mean()), float((real_gaps <= limit).mean()), limit, count)
