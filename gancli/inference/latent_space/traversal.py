"""Traversal of single coordinates of z, and how attributes change with them; grids over a two-dimensional z."""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np
from gancli.inference.image_classifier import ImageClassifier
from gancli.inference.sampling import Sampler

REACH = {"normal": 3.0, "uniform": 1.0}  # how far a coordinate goes, per prior
EFFECT_SAMPLES = 64  # latent vectors to measure an effect over
EDGE = 0.025  # probability outside the plane, at each side


def correlations(z: np.ndarray, present: np.ndarray) -> np.ndarray:
    """Pearson's r of each coordinate of z with each attribute; 0 where either is constant.

    z: float (count, size). present: float (count, attributes), 0 and 1 or probabilities. Returns: float64 (size,
    attributes).
    """
    z, present = (values - values.mean(axis=0, dtype=np.float64) for values in (z, present))
    scale = np.outer(np.linalg.norm(z, axis=0), np.linalg.norm(present, axis=0))
    return np.divide(z.T @ present, scale, out=np.zeros_like(scale), where=scale > 0)


class Traversal(NamedTuple):
    """Images along a coordinate of z. values: float64 (steps,); pixels: uint8 (rows, steps, height, width, channels)"""

    values: np.ndarray
    pixels: np.ndarray


def along(
    sampler: Sampler, starts: np.ndarray, coordinate: int, *, steps: int, reach: float, labels: np.ndarray | None = None
) -> Traversal:
    """One row per z, float32 (rows, z_size): one coordinate goes from -reach to reach, the others are fixed.

    labels: int (rows,), for a class-conditional model.
    """
    values = np.linspace(-reach, reach, steps)
    z = starts.repeat(steps, axis=0)
    z[:, coordinate] = np.tile(values, len(starts))
    pixels = sampler.decode(z, None if labels is None else labels.repeat(steps))
    return Traversal(values, pixels.reshape(len(starts), steps, *pixels.shape[1:]))


class TraversalEffect(NamedTuple):
    """How an attribute changes along a coordinate, according to a classifier.

    r: Pearson's correlation of its probability with the coordinate. shares: of images that show it (probability at
    least 0.5) at the low end, at 0, and at the high end.
    """

    r: float
    shares: list[float]


def measure_effect(
    sampler: Sampler,
    classifier: ImageClassifier,
    coordinate: int,
    attribute: int,
    *,
    reach: float,
    label: int | None = None,
) -> TraversalEffect:
    """Measure the effect of a coordinate on the attribute of this number, over 64 latent vectors."""
    labels = None if label is None else np.full(EFFECT_SAMPLES, label, np.int32)
    starts = sampler.model.latents(range(EFFECT_SAMPLES))
    images = along(sampler, starts, coordinate, steps=3, reach=reach, labels=labels)
    probabilities = classifier.probabilities(images.pixels.reshape(-1, *images.pixels.shape[2:]))[:, attribute]
    r = correlations(np.tile(images.values, EFFECT_SAMPLES)[:, None], probabilities[:, None])[0, 0]
    return TraversalEffect(float(r), (probabilities.reshape(EFFECT_SAMPLES, 3) >= 0.5).mean(axis=0).round(4).tolist())


def plane(sampler: Sampler, side: int, *, label: int | None = None) -> np.ndarray:
    """Images over a two-dimensional latent space, on a grid of equal probability: Kingma & Welling 2013, Figure 4.

    The first coordinate grows to the right, the second upwards. Returns: uint8 (side², height, width, channels).
    """
    from scipy.stats import norm

    shares = np.linspace(EDGE, 1 - EDGE, side)
    places = norm.ppf(shares) if sampler.model.prior == "normal" else 2 * shares - 1
    z = np.array([(right, up) for up in places[::-1] for right in places], np.float32)
    return sampler.decode(z, None if label is None else np.full(len(z), label))
