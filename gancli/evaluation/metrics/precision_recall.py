"""Precision and recall (Kynkäänniemi et al. 2019, 1904.06991), density and coverage (Naeem et al. 2020, 2002.09797)."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.evaluation.metrics import feature_rows
from gancli.evaluation.metrics.feature_rows import Rows

NEIGHBORS = 5  # Naeem et al.; Kynkäänniemi et al. take 3
ROUNDING = 1e-6  # of the mean norm of the features: float32 features of one image differ by this between batches
DISTANCES = 2**21  # in memory at a time, for each thread: 16 MiB
WIDE = 512  # features, from which blocks are half as large: two of them are in memory


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


def measures(real: Rows, fake: Rows, *, neighbors: int = NEIGHBORS) -> Measures:
    """All scores of two sets of features, float (count, features), each with more rows than `neighbors`.

    Balls are closed, as in Kynkäänniemi et al., equation 1 (the code of Naeem et al. leaves the surface out): a ball of
    radius 0, around an image with k copies, contains the copies. A distance may exceed the radius by a millionth of the
    features' mean distance from their center, to allow for rounding.
    """
    return measures_of([fake], real, neighbors=neighbors)[0]


def measures_of(
    fakes: Sequence[Rows], real: Rows, *, neighbors: int = NEIGHBORS, real_radii: np.ndarray | None = None
) -> list[Measures]:
    """The `measures` of each set of fakes; the balls of the real images are computed once, or known: `radii`."""
    center, slack = _center(real)
    limits = (radii(real, neighbors=neighbors) if real_radii is None else real_radii) + slack
    return [_compare(real, limits, fake, center, slack, neighbors) for fake in fakes]


def radii(real: Rows, *, neighbors: int = NEIGHBORS) -> np.ndarray:
    """The distance of each real image to its k-th neighbor, float64 (count,)."""
    return _radii(real, _center(real)[0], neighbors)


def _center(real: Rows) -> tuple[np.ndarray, float]:
    """The mean of the features, which keeps distances, and what a distance may exceed a radius by."""
    center = sum(block.sum(axis=0) for block in feature_rows.blocks(real)) / len(real)
    spread = sum(float(np.square(block - center).sum()) for block in feature_rows.blocks(real)) / len(real)
    return center, ROUNDING * float(np.sqrt(spread))


def _compare(
    real: Rows, real_radii: np.ndarray, fake: Rows, center: np.ndarray, slack: float, neighbors: int
) -> Measures:
    fake_radii = _radii(fake, center, neighbors) + slack
    real_limits, fake_limits = np.square(real_radii), np.square(fake_radii)
    tiles = _Tiles(fake, center)

    def of_some(start: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Real images from `start` on: in how many of their balls each fake is; which are in a ball of a fake, and
        which balls contain one."""
        some = _left(feature_rows.stored(real, start, start + tiles.height), center)
        limits = real_limits[start : start + len(some), None]
        balls, recalled, covered = np.zeros(len(fake), np.int64), np.zeros(len(some), bool), np.zeros(len(some), bool)
        for place, columns in tiles:
            squares = some @ columns.T
            inside = squares <= limits
            balls[place : place + len(columns)] = inside.sum(axis=0)
            covered |= inside.any(axis=1)
            recalled |= (squares <= fake_limits[place : place + len(columns)]).any(axis=1)
        return balls, recalled, covered

    balls, recalled, covered = zip(*feature_rows.in_threads(of_some, range(0, len(real), tiles.height)), strict=True)
    counts = sum(balls)
    return Measures(
        float((counts > 0).mean()),
        float(np.concatenate(recalled).mean()),
        float(counts.mean() / neighbors),
        float(np.concatenate(covered).mean()),
        *(float((radii <= 2 * slack).mean()) for radii in (real_radii, fake_radii)),
    )


def _radii(rows: Rows, center: np.ndarray, neighbors: int) -> np.ndarray:
    """The distance of each row to its k-th neighbor, itself not counted, float64 (count,)."""
    tiles = _Tiles(rows, center)

    def of_some(start: int) -> np.ndarray:
        some = _left(feature_rows.stored(rows, start, start + tiles.height), center)
        nearest = np.full((len(some), 0), np.inf)
        for place, columns in tiles:
            squares = some @ columns.T
            own = np.arange(max(start, place), min(start + len(some), place + len(columns)))
            squares[own - start, own - place] = np.inf
            nearest = _smallest(np.hstack([nearest, _smallest(squares, neighbors)]), neighbors)
        return np.sqrt(np.maximum(nearest.max(axis=1), 0))

    return np.concatenate(list(feature_rows.in_threads(of_some, range(0, len(rows), tiles.height))))


def _smallest(values: np.ndarray, count: int) -> np.ndarray:
    """The `count` smallest values of each row, float (rows, count) in any order; all values if there are no more.

    They are among the values of the `count` groups with the smallest minima, and minima cost little.
    """
    rows, columns = values.shape
    if columns <= count:
        return values
    size = max(1, int(np.sqrt(columns / count)))
    groups = columns // size
    if size > 1 and groups > count:
        whole = values[:, : size * groups].reshape(rows, size, groups)
        chosen = np.argpartition(whole.min(axis=1), count - 1, axis=1)[:, :count]
        kept = np.take_along_axis(whole, chosen[:, None], axis=2).reshape(rows, -1)
        values = np.hstack([kept, values[:, size * groups :]])
    return np.partition(values, count - 1, axis=1)[:, :count]


class _Tiles:
    """Rows as the second factors of products that are squared distances, in blocks; a single block is kept.

    height: how many rows of the first factor fit to them.
    """

    def __init__(self, rows: Rows, center: np.ndarray) -> None:
        self.rows, self.center = rows, center
        wide = feature_rows.size_of(rows) > WIDE
        self.places = feature_rows.starts(rows, numbers=feature_rows.BLOCK // (1 + wide))
        self.height = max(1, min(DISTANCES // min(self.places.step, len(rows)), self.places.step))

    @functools.cached_property
    def only(self) -> np.ndarray:
        """The block of a small set."""
        return self._block(0)

    def _block(self, start: int) -> np.ndarray:
        return _right(feature_rows.stored(self.rows, start, start + self.places.step), self.center)

    def __iter__(self) -> Iterator[tuple[int, np.ndarray]]:
        for start in self.places:
            yield start, self.only if len(self.places) == 1 else self._block(start)


def _left(rows: np.ndarray, center: np.ndarray) -> np.ndarray:
    """x -> (-2 x, x·x, 1) of the centered rows: the product with (y, 1, y·y) is the squared distance."""
    found = _right(rows, center)
    found[:, :-2] *= -2
    found[:, -2:] = found[:, :-3:-1]
    return found


def _right(rows: np.ndarray, center: np.ndarray) -> np.ndarray:
    found = np.empty((len(rows), rows.shape[1] + 2))
    centered = np.subtract(rows, center, out=found[:, :-2])
    found[:, -2] = 1
    found[:, -1] = np.einsum("ij,ij->i", centered, centered)
    return found
