"""Bounds on the log-likelihood of images: the ELBO, and the importance-weighted one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

from gancli import images
from gancli.abilities import Bounded
from gancli.backend import Tensor, tf

ROWS = 4000  # z's at a time
IMAGES = 100  # images at a time, with one z each


@dataclass(frozen=True)
class Bounds:
    """Means over images, in nats, and their standard errors. importance: of so many z's; None where not asked for."""

    count: int
    elbo: float
    elbo_error: float
    reconstruction: float
    kl: float
    importance: float | None = None
    importance_error: float | None = None


def measure(
    model: Bounded,
    pixels: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    importance: int = 0,
    seed: int = 0,
    told: Callable[[int], None] = lambda done: None,
) -> Bounds:
    """The bounds on images uint8 (count, height, width, channels). labels: int (count,), of a model that takes labels.

    importance: z's for each image in the weighted bound, 0 for none: log 1/k Σ p(x, z) / q(z | x), which is above the
    ELBO in the mean and nearer to log p(x) the larger k (Burda et al. 2015, 1509.00519, equation 8). told: after each
    batch, how many images are done.
    """
    rows = None if labels is None else np.eye(len(model.data.classes), dtype=np.float32)[labels]
    whole, weighted = tf.function(model.bound), tf.function(model.log_weights)
    terms, weights, at_once = [], [], max(1, min(IMAGES, ROWS // max(importance, 1)))
    each = max(1, ROWS // at_once)  # z's at a time
    for number, begin in enumerate(range(0, len(pixels), at_once)):
        part = slice(begin, begin + at_once)
        shown = images.from_uint8(tf.constant(pixels[part]))
        given = None if rows is None else tf.constant(rows[part])
        terms.append(np.stack(whole(shown, given, _seed(seed, number, 0))))
        parts = [min(each, importance - first) for first in range(0, importance, each)]
        found = [weighted(shown, given, _seed(seed, number, 1 + at), count) for at, count in enumerate(parts)]
        if found:
            weights.append(logsumexp(np.concatenate(found, axis=1), axis=1) - np.log(importance))
        told(min(begin + at_once, len(pixels)))
    (reconstruction, kl), root = np.concatenate(terms, axis=1).astype(np.float64), np.sqrt(len(pixels))
    elbo = reconstruction - kl
    bound = np.concatenate(weights).astype(np.float64) if weights else None
    return Bounds(
        len(pixels),
        float(elbo.mean()),
        float(elbo.std() / root),
        float(reconstruction.mean()),
        float(kl.mean()),
        None if bound is None else float(bound.mean()),
        None if bound is None else float(bound.std() / root),
    )


def _seed(seed: int, batch: int, part: int) -> Tensor:
    """Of the noise of a part of a batch."""
    return tf.constant(np.random.default_rng([seed, batch, part]).integers(0, 2**31 - 2, 2), tf.int32)
