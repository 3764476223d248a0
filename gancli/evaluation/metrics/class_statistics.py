"""Statistics of predicted classes: the Inception score, and the balance of the classes."""

from __future__ import annotations

import itertools

from gancli.core.backend import np
from gancli.evaluation.metrics import feature_rows
from gancli.evaluation.metrics.feature_rows import Rows

MISSING = 0.1  # of the real share: a class below is missing
SPLITS = 10  # Salimans et al. 2016, arXiv:1606.03498: mean and deviation over ten splits
DEVIATION = "over splits, with their number as the divisor"


def inception_score(
    probabilities: Rows, *, splits: int = SPLITS, seed: int = 0, order: np.ndarray | None = None
) -> tuple[float, float]:
    """exp E KL(p(y|x) ‖ p(y)): mean and standard deviation over splits; from 1 to the number of classes.

    probabilities: float (count, classes), rows that sum to 1. They are shuffled by the seed, or taken in the order of
    these numbers, int (count,), since images in order of class would have splits of few classes; the i-th split begins
    at i count // splits, as those of OpenAI's code and torch-fidelity. p(y) is the mean of a split. The divisor of the
    deviation is the number of splits, not one less.
    """
    count = len(probabilities)
    order = np.random.default_rng(seed).permutation(count) if order is None else order
    splits = min(splits, count)
    cuts = [split * count // splits for split in range(splits + 1)]
    parts = (np.sort(order[start:stop]) for start, stop in itertools.pairwise(cuts))
    scores = [_exponential_information(feature_rows.take(probabilities, part)) for part in parts]
    return float(np.mean(scores)), float(np.std(scores))


def _exponential_information(probabilities: np.ndarray) -> float:
    """exp of the mean divergence of rows, float64 (count, classes), from their mean; 0 log 0 is 0."""
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    mean = probabilities.mean(axis=0)
    ratios = np.divide(probabilities, mean, out=np.ones_like(probabilities), where=probabilities > 0)
    return float(np.exp((probabilities * np.log(ratios)).sum(axis=1).mean()))


def entropy(counts: np.ndarray) -> float:
    """Entropy of a histogram over the classes, in nats: log(classes) for a uniform one, 0 for one class or none.

    counts: int or float (classes,), 0 or more; they need not sum to 1.
    """
    shares = counts[counts > 0] / max(counts.sum(), np.finfo(float).tiny)
    return float(-(shares * np.log(shares)).sum()) + 0.0


def missing(predicted: np.ndarray, shares: np.ndarray) -> list[int]:
    """Missing classes: those with less than a tenth of their real share among the predictions.

    predicted: int (count,), -1 for none; shares: float (classes,), of the real images.
    """
    counts = np.bincount(predicted[predicted >= 0], minlength=len(shares))
    return np.flatnonzero(counts < MISSING * shares * len(predicted)).tolist()
