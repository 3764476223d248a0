"""Parzen window log-likelihood: the protocol of Goodfellow et al. 2014, section 5 (after Breuleux et al. 2011).

A Gaussian of width sigma on each sample makes a density; its mean log-likelihood on test images is the score:
LL(x) = log mean_i exp(-|x - s_i|² / 2 sigma²) - d log(sigma sqrt(2 pi)), in nats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import logsumexp

BLOCK = 250  # test images at a time: memory does not grow with their number
SIGMAS = tuple(np.logspace(-1, 0, 10))  # the authors' parzen_ll.py


@dataclass(frozen=True)
class Parzen:
    """mean: nats per image; standard_error: of the mean; sigma: the width; at_edge: it is the grid's first or last."""

    mean: float
    standard_error: float
    sigma: float
    at_edge: bool
    validation: dict[float, float]


def score(samples: np.ndarray, validation: np.ndarray, test: np.ndarray, *, sigmas: Sequence[float] = SIGMAS) -> Parzen:
    """Choose sigma on the validation images, then score the test images.

    samples, validation, test: float32 (count, pixels) in [0, 1].
    """
    found = log_likelihoods(samples, validation, sigmas).mean(axis=1)
    best = int(found.argmax())
    likelihoods = log_likelihoods(samples, test, [sigmas[best]])[0]
    error = likelihoods.std() / np.sqrt(len(test))
    table = {float(sigma): float(value) for sigma, value in zip(sigmas, found, strict=True)}
    return Parzen(float(likelihoods.mean()), float(error), float(sigmas[best]), best in (0, len(sigmas) - 1), table)


def log_likelihoods(samples: np.ndarray, images: np.ndarray, sigmas: Sequence[float]) -> np.ndarray:
    """The log-likelihood of each image under each width, float64 (sigmas, images); distances are computed once.

    samples, images: float32 (count, pixels).
    """
    centre = samples.mean(axis=0)  # smaller numbers, smaller rounding
    samples = samples - centre
    norms = np.einsum("ij,ij->i", samples, samples, dtype=np.float64)
    blocks = [
        _block(samples, norms, images[start : start + BLOCK] - centre, sigmas) for start in range(0, len(images), BLOCK)
    ]
    return np.concatenate(blocks, axis=1)


def _block(samples: np.ndarray, norms: np.ndarray, images: np.ndarray, sigmas: Sequence[float]) -> np.ndarray:
    own = np.einsum("ij,ij->i", images, images, dtype=np.float64)
    distances = own[:, None] + norms - 2.0 * (images @ samples.T)
    constant = np.log(len(samples))
    pixels = samples.shape[1]
    return np.array(
        [
            logsumexp(-distances / (2 * sigma**2), axis=1) - constant - pixels * np.log(sigma * np.sqrt(2 * np.pi))
            for sigma in sigmas
        ]
    )
