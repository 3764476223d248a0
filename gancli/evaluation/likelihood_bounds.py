"""Bounds on the log-likelihood of images: the ELBO, and the importance-weighted one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import Tensor, np, special, tf
from gancli.imaging import images
from gancli.models.base import one_hot
from gancli.models.capabilities import LikelihoodBound

ROWS = 4000  # z's at a time
IMAGES = 100  # images at a time, with one z each


@dataclass(frozen=True)
class ElboResult:
    """Means over images, in nats, and their standard errors, None of one image. importance: of so many z's; None where
    not asked for."""

    count: int
    elbo: float
    elbo_error: float | None
    reconstruction: float
    kl: float
    importance: float | None = None
    importance_error: float | None = None


def measure(
    model: LikelihoodBound,
    pixels: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    importance: int = 0,
    seed: int = 0,
    told: Callable[[int], None] = lambda done: None,
) -> ElboResult:
    """The bounds on images uint8 (count, height, width, channels). labels: int (count,), of a model that takes labels.

    importance: z's for each image in the weighted bound, 0 for none: log 1/k Σ p(x, z) / q(z | x), which is above the
    ELBO in the mean and nearer to log p(x) the larger k (Burda et al. 2015, 1509.00519, equation 8). told: after each
    batch, how many images are done.
    """
    rows = None if labels is None else one_hot(labels, model.data.classes)
    observe, whole, weighted = (tf.function(part) for part in (model.observe, model.bound, model.log_weights))
    terms, weights = [], []
    for number, begin in enumerate(range(0, len(pixels), IMAGES)):
        batch = slice(begin, begin + IMAGES)
        seen = observe(images.from_uint8(tf.constant(pixels[batch])), _seed(seed, number, 0))
        given = None if rows is None else rows[batch]
        terms.append(np.stack(whole(seen, given, _seed(seed, number, 1))))
        if importance:
            weights.append(_weighted(weighted, seen, given, importance, [seed, number]))
        told(min(begin + IMAGES, len(pixels)))
    reconstruction, kl = np.concatenate(terms, axis=1).astype(np.float64)
    elbo = reconstruction - kl
    bound = np.concatenate(weights).astype(np.float64) if weights else None
    return ElboResult(
        len(pixels),
        float(elbo.mean()),
        _error(elbo),
        float(reconstruction.mean()),
        float(kl.mean()),
        None if bound is None else float(bound.mean()),
        None if bound is None else _error(bound),
    )


def _error(values: np.ndarray) -> float | None:
    """The standard error of a mean; one value has none."""
    return float(values.std() / np.sqrt(len(values))) if len(values) > 1 else None


def _weighted(weights: Callable, seen: Tensor, given: Tensor | None, importance: int, seed: list[int]) -> np.ndarray:
    """The weighted bounds of a batch, float64 (batch,): some images at a time, or some of the z's of one."""
    at_once = max(1, ROWS // importance)
    found = []
    for begin in range(0, len(seen), at_once):
        part = slice(begin, begin + at_once)
        condition = None if given is None else given[part]
        counts = [min(ROWS, importance - first) for first in range(0, importance, ROWS)]
        logs = [weights(seen[part], condition, _seed(*seed, 2, begin, at), count) for at, count in enumerate(counts)]
        found.append(special.logsumexp(np.concatenate(logs, axis=1).astype(np.float64), axis=1) - np.log(importance))
    return np.concatenate(found)


def _seed(*numbers: int) -> Tensor:
    """Of the noise of a part of a batch."""
    return tf.constant(np.random.default_rng(numbers).integers(0, 2**31 - 2, 2), tf.int32)
