"""Points on a line or a plane, sampled from known densities, whose modes can be plotted and counted.

Coordinates are scaled to lie within about two units of 0. `label` is the mode that a point was sampled from, if there
are modes.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TypeAlias

from gancli.core.backend import np
from gancli.data.dataset import Dataset
from gancli.data.request import Request
from gancli.data.sources import Source

COUNT = 100_000
GRID_SCALE = 2.828  # -4, -2, … 4 to -1.41 … 1.41, as the code of Gulrajani et al. 2017

Draw: TypeAlias = "Callable[[np.random.Generator], tuple[np.ndarray, np.ndarray | None]]"


def gaussian(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (count, 1) of a normal distribution of mean 1 and standard deviation 0.4."""
    return _around(random, np.array([[1.0]]), 0.4)


def mixture(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Points (count, 1) of three Gaussians of one width, the first and the last with fewer points."""
    return _around(random, np.array([[-1.2], [0.3], [1.5]]), 0.2, shares=(0.3, 0.4, 0.3))


def ring8(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Eight distinct modes (cos, sin)(2πi/8) of variance 1e-4: PacGAN (1712.04086), section 4.1."""
    angles = 2 * np.pi * np.arange(8) / 8
    return _around(random, np.stack([np.cos(angles), np.sin(angles)], axis=1), 0.01)


def grid25(random: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Twenty-five modes two apart of variance 0.0025, as PacGAN's, scaled by 1/2.828."""
    steps = np.arange(-4, 5, 2) / GRID_SCALE
    return _around(random, np.stack(np.meshgrid(steps, steps), axis=-1).reshape(-1, 2), 0.05 / GRID_SCALE)


def swissroll(random: np.random.Generator) -> tuple[np.ndarray, None]:
    """scikit-learn's roll seen from the side, noise 0.25, scaled by 1/7.5: the code of Gulrajani et al. 2017."""
    from sklearn.datasets import make_swiss_roll  # slow to import

    points, _ = make_swiss_roll(COUNT, noise=0.25, random_state=int(random.integers(2**31)))
    return points[:, [0, 2]] / 7.5, None


def two_lines(random: np.random.Generator) -> tuple[np.ndarray, None]:
    """Points (count, 2) on two parallel segments x = ±0.5, y in [-1, 1], without width."""
    return np.stack([random.integers(0, 2, COUNT) - 0.5, random.uniform(-1, 1, COUNT)], axis=1), None


def _around(
    random: np.random.Generator, centers: np.ndarray, deviation: float, *, shares: tuple[float, ...] | None = None
) -> tuple[np.ndarray, np.ndarray]:
    labels = random.choice(len(centers), COUNT, p=shares)
    return centers[labels] + deviation * random.standard_normal((COUNT, centers.shape[1])), labels


def _load(name: str, draw: Draw, request: Request) -> Dataset:
    points, labels = draw(np.random.default_rng(0))
    train = {"point": points.astype(np.float32)}
    if labels is None:
        return Dataset(name, train, source="gancli")
    classes = tuple(str(number) for number in range(labels.max() + 1))
    return Dataset(name, train | {"label": labels.astype(np.int32)}, {}, classes, "gancli")


def _source(name: str, summary: str, draw: Draw) -> Source:
    return Source(f"{COUNT:,} points, {summary}", functools.partial(_load, name, draw))


SOURCES = {
    name: _source(name, summary, draw)
    for name, summary, draw in (
        ("gaussian", "1-D: one Gaussian", gaussian),
        ("mixture", "1-D: three Gaussians", mixture),
        ("ring8", "2-D: eight small Gaussians on a circle", ring8),
        ("grid25", "2-D: twenty-five small Gaussians on a grid", grid25),
        ("swissroll", "2-D: a spiral", swissroll),
        ("two-lines", "2-D: two parallel lines", two_lines),
    )
}
