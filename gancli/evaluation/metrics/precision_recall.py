"""Precision and recall (Kynkäänniemi et al. 2019, 1904.06991), density and coverage (Naeem et al. 2020, 2002.09797)."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np

NEIGHBORS = 5  # Naeem et al.; Kynkäänniemi et al. take 3
ROUNDING = 1e-6  # of the mean norm of the features: float32 features of one image differ by this between batches
BLOCK = 512  # real images at a time


class Measures(NamedTuple):
    """Scores in [0, 1], except density, which may exceed 1.

    precision: share of fakes within the ball of a real image (radius: the distance to its k-th neighbor); recall: share
    of real images within the ball of a fake; density: mean number of real balls that contain a fake, over k; coverage:
    share of real balls that contain a fake, about 1 - 2^-k for the same distribution. copies, fake_copies: share of
    real images, and of fakes, whose k-th neighbor is a copy, so that their ball is a point.
    """

    precision: float
    recall: float
    density: float
    coverage: float
    copies: float
    fake_copies: float


def measures(real: np.ndarray, fake: np.ndarray, *, neighbors: int = NEIGHBORS) -> Measures:
    """All scores of two sets of features, float (count, features), each with more rows than `neighbors`.

    Balls are closed, as in Kynkäänniemi et al., equation 1 (the code of Naeem et al. leaves the surface out): a ball of
    radius 0, around an image with k copies, contains the copies. A distance may exceed the radius by a millionth of the
    features' mean distance from their center, to allow for rounding.
    """
    from sklearn.metrics.pairwise import euclidean_distances  # slow to import
    from sklearn.utils import gen_batches

    center = real.mean(axis=0, dtype=np.float64)  # keeps distances, and reduces rounding
    real, fake = (rows.astype(np.float64) - center for rows in (real, fake))
    slack = ROUNDING * float(np.sqrt(np.square(real).sum(axis=1).mean()))
    real_radii, fake_radii = (_radii(rows, neighbors) + slack for rows in (real, fake))
    balls = np.zeros(len(fake), int)
    recalled = np.zeros(len(real), bool)
    covered = np.zeros(len(real), bool)
    for rows in gen_batches(len(real), BLOCK):
        distances = euclidean_distances(real[rows], fake)
        inside = distances <= real_radii[rows, None]  # (real, fake): the fake is in the ball of the real image
        balls += inside.sum(axis=0)
        covered[rows] = inside.any(axis=1)
        recalled[rows] = (distances <= fake_radii).any(axis=1)
    return Measures(
        float((balls > 0).mean()),
        float(recalled.mean()),
        float(balls.mean() / neighbors),
        float(covered.mean()),
        *(float((radii <= 2 * slack).mean()) for radii in (real_radii, fake_radii)),
    )


def _radii(rows: np.ndarray, neighbors: int) -> np.ndarray:
    from sklearn.neighbors import NearestNeighbors  # slow to import

    distances, _ = NearestNeighbors(n_neighbors=neighbors).fit(rows).kneighbors()  # without itself
    return distances[:, -1]
