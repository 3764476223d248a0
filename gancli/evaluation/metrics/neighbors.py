"""Nearest neighbors: figure 2 of Goodfellow et al. 2014, memorization and near-duplicates."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np

ROUNDING = 1e-6  # of the norm of a row: features are float32, and a shorter distance is that of copies


def nearest(queries: np.ndarray, pool: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The nearest row of the pool for each query: index int (queries,) and L2 distance float (queries,); exact.

    queries, pool: float (count, features).
    """
    from sklearn.metrics import pairwise_distances_argmin_min  # slow to import

    return pairwise_distances_argmin_min(queries, pool, metric="euclidean")


def memorization(
    queries: np.ndarray, train: np.ndarray, unseen: np.ndarray, *, to_train: float | None = None
) -> float | None:
    """Mean distance to the nearest training image, divided by the mean distance to the nearest unseen image.

    0 for copies of the training set. The value without memorization depends on the two counts: compare with the value
    for other unseen images. None if the queries are copies of the unseen images: the ratio is not defined.
    queries, train, unseen: float (count, features). to_train: the first mean distance, if it is known.
    """
    to_train = float(nearest(queries, train)[1].mean()) if to_train is None else to_train
    to_unseen = float(nearest(queries, unseen)[1].mean())
    return None if to_unseen <= ROUNDING * np.linalg.norm(queries, axis=1).mean() else to_train / to_unseen


def to_own_nearest(rows: np.ndarray) -> np.ndarray:
    """Distance of each row to the nearest other row of the set, float (count,)."""
    from sklearn.neighbors import NearestNeighbors  # slow to import

    distances, _ = NearestNeighbors(n_neighbors=1).fit(rows).kneighbors()
    return distances[:, 0]


class Duplicates(NamedTuple):
    """The share of rows, and of real images, within `distance` of another of the same set; `count` of each were
    compared."""

    share: float
    real_share: float
    distance: float
    count: int


def near_duplicates(rows: np.ndarray, real: np.ndarray, *, usual: float = 0.001) -> Duplicates:
    """Share of rows that are closer to another row than all but a share `usual` of the real images to one another.

    The share of the real images is measured too: for few images it exceeds `usual`, because the two nearest images have
    the same distance. rows, real: float (count, features), compared at the size of the smaller set.
    """
    count, random = min(len(rows), len(real)), np.random.default_rng(0)
    rows, real = (part[np.sort(random.permutation(len(part))[:count])] for part in (rows, real))
    gaps, real_gaps = to_own_nearest(rows), to_own_nearest(real)
    limit = float(np.quantile(real_gaps, usual))
    return Duplicates(float((gaps <= limit).mean()), float((real_gaps <= limit).mean()), limit, count)
