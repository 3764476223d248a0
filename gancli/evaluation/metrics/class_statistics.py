"""What a classifier's labels of images say: an Inception-style score, and how evenly classes are made."""

from __future__ import annotations

from gancli.core.backend import np, stats

MISSING = 0.1  # of the real share of a class
SPLITS = 10  # Salimans et al. 2016, arXiv:1606.03498: mean and deviation over ten splits


def inception_score(probabilities: np.ndarray, *, splits: int = SPLITS, seed: int = 0) -> tuple[float, float]:
    """exp E KL(p(y|x) ‖ p(y)): mean and standard deviation over splits; from 1 to the number of classes.

    probabilities: float (count, classes), rows that sum to 1, shuffled by the seed; p(y) is the mean of a split.
    """
    shuffled = np.random.default_rng(seed).permutation(probabilities.astype(np.float64))
    parts = np.array_split(shuffled, min(splits, len(probabilities)))
    scores = [np.exp(stats.entropy(part, part.mean(axis=0, keepdims=True), axis=1).mean()) for part in parts]
    return float(np.mean(scores)), float(np.std(scores))


def entropy(counts: np.ndarray) -> float:
    """Entropy of a histogram over the classes, in nats; log(classes) where all are made alike, 0 for one alone."""
    return float(stats.entropy(counts)) if counts.sum() else 0.0


def missing(read: np.ndarray, shares: np.ndarray) -> list[int]:
    """Classes that are hardly made: less than a tenth of their real share among the labels.

    read: int (count,), -1 for none; shares: float (classes,), of the real images.
    """
    counts = np.bincount(read[read >= 0], minlength=len(shares))
    return np.flatnonzero(counts < MISSING * shares * len(read)).tolist()
