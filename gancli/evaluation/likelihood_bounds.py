"""Bounds on the log-likelihood of images: the ELBO, and the importance-weighted one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import Tensor, graph_function, np, special, tf
from gancli.core.progress import track
from gancli.imaging import images
from gancli.models.base import one_hot
from gancli.models.capabilities import LikelihoodBound

Z_BATCH = 4000  # samples of z at a time
IMAGE_BATCH = 100  # images at a time, with one z each


@dataclass(frozen=True)
class ElboResult:
    """Means over `count` images, in nats, and their standard errors, None for one image.

    importance: the bound with `k` samples of z per image, None for k = 0. bits_per_number: an upper bound from the
    tighter of both, for images of bytes, else None.
    """

    count: int
    elbo: float
    elbo_error: float | None
    reconstruction: float
    kl: float
    importance: float | None = None
    importance_error: float | None = None
    k: int = 0
    bits_per_number: float | None = None

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        result = {"metric": "ELBO, nats", "mean": self.elbo, "standard_error": self.elbo_error}
        result |= {"reconstruction": self.reconstruction, "kl": self.kl}
        if self.importance is not None:
            result |= {"importance_weighted": self.importance, "importance_error": self.importance_error, "k": self.k}
        return result | ({} if self.bits_per_number is None else {"bits_per_number": self.bits_per_number})


def measure(
    model: LikelihoodBound,
    pixels: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    importance: int = 0,
    seed: int = 0,
) -> ElboResult:
    """Bounds on the log-likelihood of images uint8 (count, height, width, channels).

    labels: int (count,), for a class-conditional model. importance: samples of z per image for the importance-weighted
    bound, log 1/k Σ p(x, z) / q(z | x), 0 for none; its mean is above the ELBO, and the nearer to log p(x) the larger k
    (Burda et al. 2015, 1509.00519, equation 8).
    """
    conditions = None if labels is None else one_hot(labels, model.data.classes)
    observe, bound, log_weights = (graph_function(part) for part in (model.observe, model.bound, model.log_weights))
    terms, weighted = [], []
    for number, begin in enumerate(track(range(0, len(pixels), IMAGE_BATCH), "bounds of batches of images")):
        batch = slice(begin, begin + IMAGE_BATCH)
        observed = observe(images.from_uint8(tf.constant(pixels[batch])), _seed(seed, number, 0))
        condition = None if conditions is None else conditions[batch]
        terms.append(np.stack(bound(observed, condition, _seed(seed, number, 1))))
        if importance:
            weighted.append(_weighted(log_weights, observed, condition, importance, [seed, number]))
    reconstruction, kl = np.concatenate(terms, axis=1).astype(np.float64)
    elbo = reconstruction - kl
    importance_bound = np.concatenate(weighted).astype(np.float64) if weighted else None
    tightest = elbo if importance_bound is None else importance_bound
    return ElboResult(
        count=len(pixels),
        elbo=float(elbo.mean()),
        elbo_error=_error(elbo),
        reconstruction=float(reconstruction.mean()),
        kl=float(kl.mean()),
        importance=None if importance_bound is None else float(importance_bound.mean()),
        importance_error=None if importance_bound is None else _error(importance_bound),
        k=importance,
        bits_per_number=model.bits_per_number(float(tightest.mean())),
    )


def _error(values: np.ndarray) -> float | None:
    """The standard error of the mean; None for one value."""
    return float(values.std() / np.sqrt(len(values))) if len(values) > 1 else None


def _weighted(
    log_weights: Callable, observed: Tensor, condition: Tensor | None, importance: int, seed: list[int]
) -> np.ndarray:
    """The importance-weighted bounds of a batch, float64 (batch,): several images at a time, or part of one's z."""
    images_at_once = max(1, Z_BATCH // importance)
    bounds = []
    for begin in range(0, len(observed), images_at_once):
        part = slice(begin, begin + images_at_once)
        label = None if condition is None else condition[part]
        counts = [min(Z_BATCH, importance - first) for first in range(0, importance, Z_BATCH)]
        logs = [
            log_weights(observed[part], label, _seed(*seed, 2, begin, number), count)
            for number, count in enumerate(counts)
        ]
        bounds.append(special.logsumexp(np.concatenate(logs, axis=1).astype(np.float64), axis=1) - np.log(importance))
    return np.concatenate(bounds)


def _seed(*numbers: int) -> Tensor:
    """A seed for the noise of one part of a batch."""
    return tf.constant(np.random.default_rng(numbers).integers(0, 2**31 - 2, 2), tf.int32)
