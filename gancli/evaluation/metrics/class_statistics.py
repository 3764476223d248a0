"""Statistics of predicted classes: the Inception score, and the balance of the classes."""

from __future__ import annotations

from gancli.core.backend import np, stats

MISSING = 0.1  # of the real share: a class below is missing
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
    """Entropy of a histogram over the classes, in nats: log(classes) for a uniform one, 0 for one class or none.

    counts: int or float (classes,), 0 or more; they need not sum to 1.
    """
    return float(stats.entropy(counts)) if counts.sum() else 0.0


def missing(predicted: np.ndarray, shares: np.ndarray) -> list[int]:
    """Missing classes: those with less than a tenth of their real share among the predictions.

    predicted: int (count,), -1 for none; shares: float (classes,), of the real images.
    """
    counts = np.bincount(predicted[predicted >= 0], minlength=len(shares))
    return np.flatnonzero(counts < MISSING * shares * len(predicted)).tolist()
