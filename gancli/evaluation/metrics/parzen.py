"""Parzen window log-likelihood: the protocol of Goodfellow et al. 2014, section 5 (after Breuleux et al. 2011).

A Gaussian of width sigma on each sample gives a density; its mean log-likelihood on test images is the score:
LL(x) = log mean_i exp(-|x - s_i|² / 2 sigma²) - d log(sigma sqrt(2 pi)), in nats.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.core.progress import track

BLOCK = 250  # test images at a time, so that memory does not grow with their number
SIGMAS = tuple(10 ** (number * (1 / 9) - 1) for number in range(10))  # the authors' parzen_ll.py
EXTENSIONS, EXTENSION = 4, 5  # a grid whose edge is best is extended at most 4 times, by 5 widths each


@dataclass(frozen=True)
class Parzen:
    """mean: nats per image; standard_error: of the mean, None for one image; sigmas: one per fold; curve: nats on the
    validation images by sigma; at_edge: the best sigma lies at the edge of the grid in spite of all extensions."""

    mean: float
    standard_error: float | None
    sigmas: tuple[float, ...]
    curve: dict[float, float]
    at_edge: bool


def score(samples: np.ndarray, validation: np.ndarray, test: np.ndarray, *, sigmas: Sequence[float] = SIGMAS) -> Parzen:
    """Choose sigma on the validation images, then score the test images (the paper's MNIST protocol).

    samples, validation, test: float32 (count, pixels) in [0, 1]. The error is std / sqrt(count) of the test images.
    """
    curve = choose(samples, validation, sigmas)
    sigma = max(curve, key=curve.get)
    likelihoods = log_likelihoods(samples, test, [sigma])[0]
    error = float(likelihoods.std() / np.sqrt(len(test))) if len(test) > 1 else None
    at_edge = len(curve) > 1 and sigma in (min(curve), max(curve))
    return Parzen(float(likelihoods.mean()), error, (sigma,), curve, at_edge)


def score_folds(
    samples: np.ndarray, images: np.ndarray, *, folds: int, validation: int, sigmas: Sequence[float] = SIGMAS
) -> Parzen:
    """The protocol for data without a test split (the paper's for TFD): sigma for each fold, the error across folds.

    Each fold of the images is scored with the sigma that is best on the first `validation` images of the other folds.
    samples, images: float32 (count, pixels) in [0, 1]; at least two images.
    """
    rows = np.arange(len(images)) % folds
    scores = [
        score(samples, images[rows != fold][:validation], images[rows == fold], sigmas=sigmas) for fold in range(folds)
    ]
    means = np.array([fold.mean for fold in scores])
    return Parzen(
        float(means.mean()),
        float(means.std(ddof=1) / np.sqrt(folds)),
        tuple(fold.sigmas[0] for fold in scores),
        scores[0].curve,
        any(fold.at_edge for fold in scores),
    )


def choose(samples: np.ndarray, validation: np.ndarray, sigmas: Sequence[float] = SIGMAS) -> dict[float, float]:
    """Mean log-likelihood of the validation images by width, in nats; the grid is extended beyond an edge that is best.

    samples, validation: float32 (count, pixels) in [0, 1].
    """
    curve = _means(samples, validation, sorted(sigmas))
    for _ in range(EXTENSIONS if len(sigmas) > 1 else 0):
        widths, best = sorted(curve), max(curve, key=curve.get)
        ratio = widths[-1] / widths[-2]
        if best not in (widths[0], widths[-1]):
            break
        outward = 1 / ratio if best == widths[0] else ratio
        curve |= _means(samples, validation, [best * outward**step for step in range(1, EXTENSION + 1)])
    return dict(sorted(curve.items()))


def _means(samples: np.ndarray, images: np.ndarray, sigmas: Sequence[float]) -> dict[float, float]:
    found = log_likelihoods(samples, images, sigmas).mean(axis=1)
    return {float(sigma): float(value) for sigma, value in zip(sigmas, found, strict=True)}


def log_likelihoods(samples: np.ndarray, images: np.ndarray, sigmas: Sequence[float]) -> np.ndarray:
    """The log-likelihood of each image under each width, float64 (sigmas, images); distances are computed once.

    samples, images: float32 (count, pixels). Distances are computed in float32 around the mean of the samples, and
    shifted by the smallest: with 784 pixels and widths from .1 on the mean is within 1e-3 nats of float64.
    """
    center = samples.mean(axis=0, dtype=np.float64).astype(np.float32)  # smaller numbers, smaller rounding
    samples = samples - center
    norms = np.einsum("ij,ij->i", samples, samples)
    workspace = np.empty((2, BLOCK, len(samples)), np.float32)
    blocks = [
        _block(samples, norms, images[start : start + BLOCK] - center, sigmas, workspace)
        for start in track(range(0, len(images), BLOCK), "Parzen windows")
    ]
    return np.concatenate(blocks, axis=1)


def _block(
    samples: np.ndarray, norms: np.ndarray, images: np.ndarray, sigmas: Sequence[float], workspace: np.ndarray
) -> np.ndarray:
    distances, powers = workspace[:, : len(images)]
    np.matmul(images, samples.T, out=distances)
    distances *= -2.0
    distances += norms
    nearest = distances.min(axis=1)
    distances -= nearest[:, None]
    least = nearest + np.einsum("ij,ij->i", images, images, dtype=np.float64)
    rows = []
    for sigma in sigmas:
        np.multiply(distances, np.float32(-1 / (2 * sigma**2)), out=powers)
        sums = np.exp(powers, out=powers).sum(axis=1, dtype=np.float64)
        height = np.log(len(samples)) + samples.shape[1] * np.log(sigma * np.sqrt(2 * np.pi))
        rows.append(np.log(sums) - least / (2 * sigma**2) - height)
    return np.array(rows)
