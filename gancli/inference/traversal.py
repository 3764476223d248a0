"""Single coordinates of z: which attribute moves with which, and what is seen along one; the plane of a z of two."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np
from gancli.inference.image_classifier import ImageClassifier
from gancli.inference.sampling import Sampler

REACH = {"normal": 3.0, "uniform": 1.0}  # how far a coordinate goes by the prior
READ = 64  # z's whose images a classifier reads along a coordinate
EDGE = 0.025  # probability beyond the plane, at each side


def correlations(z: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Pearson's r of each coordinate of z with each attribute; 0 where one of both never changes.

    z: float (count, size). shown: float (count, attributes), 0 and 1 or probabilities. Returns: float64 (size,
    attributes).
    """
    z, shown = (values - values.mean(axis=0, dtype=np.float64) for values in (z, shown))
    scale = np.outer(np.linalg.norm(z, axis=0), np.linalg.norm(shown, axis=0))
    return np.divide(z.T @ shown, scale, out=np.zeros_like(scale), where=scale > 0)


class Traversal(NamedTuple):
    """Images along a coordinate. values: float64 (steps,); pixels: uint8 (rows, steps, height, width, channels)."""

    values: np.ndarray
    pixels: np.ndarray


def along(
    sampler: Sampler, starts: np.ndarray, coordinate: int, *, steps: int, reach: float, labels: np.ndarray | None = None
) -> Traversal:
    """A row for each z, float32 (rows, z_size): one coordinate goes from -reach to reach, the others stand still.

    labels: int (rows,), of a model that takes labels.
    """
    values = np.linspace(-reach, reach, steps)
    z = starts.repeat(steps, axis=0)
    z[:, coordinate] = np.tile(values, len(starts))
    pixels = sampler.decode(z, None if labels is None else labels.repeat(steps))
    return Traversal(values, pixels.reshape(len(starts), steps, *pixels.shape[1:]))


class TraversalEffect(NamedTuple):
    """What a classifier sees of an attribute along a coordinate.

    r: Pearson's, of its probability with the coordinate. shares: of the images that show it (with half or more), at
    the low end, at 0 and at the high end.
    """

    r: float
    shares: list[float]


def seen_along(
    sampler: Sampler,
    reader: ImageClassifier,
    coordinate: int,
    attribute: int,
    *,
    reach: float,
    label: int | None = None,
) -> TraversalEffect:
    """Let a classifier look for its attribute of this number along a coordinate, over 64 z's."""
    labels = None if label is None else np.full(READ, label, np.int32)
    starts = sampler.model.latents(range(READ))
    drawn = along(sampler, starts, coordinate, steps=3, reach=reach, labels=labels)
    shown = reader.probabilities(drawn.pixels.reshape(-1, *drawn.pixels.shape[2:]))[:, attribute]
    r = correlations(np.tile(drawn.values, READ)[:, None], shown[:, None])[0, 0]
    return TraversalEffect(float(r), (shown.reshape(READ, 3) >= 0.5).mean(axis=0).round(4).tolist())


def plane(sampler: Sampler, side: int, *, label: int | None = None) -> np.ndarray:
    """The images of a z of two numbers on a grid of equal probability: Kingma & Welling 2013, figure 4.

    The first number rises to the right, the second upwards. Returns: uint8 (side², height, width, channels), by rows.
    """
    from scipy.stats import norm

    shares = np.linspace(EDGE, 1 - EDGE, side)
    places = norm.ppf(shares) if sampler.model.prior == "normal" else 2 * shares - 1
    z = np.array([(right, up) for up in places[::-1] for right in places], np.float32)
    return sampler.decode(z, None if label is None else np.full(len(z), label))
