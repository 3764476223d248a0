"""Selective classification (Geifman & El-Yaniv 2017, 1705.08500): calibrated probabilities, and a threshold with a
bounded error. The share of accepted images is the coverage, the error among them the risk."""

from __future__ import annotations

from dataclasses import dataclass

from gancli.core.backend import np, special

LEVEL = 0.95  # of one-sided bounds
SLOPES = (-4.0, 4.0)  # bounds of the logarithm of 1 / temperature


def temperature(logits: np.ndarray, truth: np.ndarray) -> float:
    """The temperature that calibrates the softmax of logits / temperature: Guo et al. 2017, 1706.04599, equation 9.

    logits: float (count, classes); truth: class numbers (count,), of images that were not trained on. It minimizes the
    mean negative log-likelihood, between exp(-4) and exp(4).
    """
    from scipy.optimize import minimize_scalar  # slow to import

    rows = np.arange(len(truth))

    def cost(log_slope: float) -> float:
        return -special.log_softmax(np.exp(log_slope) * logits, axis=1)[rows, truth].mean()

    return float(np.exp(-minimize_scalar(cost, bounds=SLOPES, method="bounded").x))


def platt(logits: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """Slope and offset that calibrate sigmoid(slope * logit + offset): Platt 1999, with his targets.

    logits: float (count,); truth: 0 and 1 (count,), of images that were not trained on. If only one of both occurs, the
    targets keep the probability away from 0 and 1; the slope is at least 0.
    """
    from scipy.optimize import minimize

    there = truth.astype(bool)
    yes, no = there.sum(), (~there).sum()
    target = np.where(there, (yes + 1) / (yes + 2), 1 / (no + 2))

    def cost(pair: np.ndarray) -> tuple[float, np.ndarray]:
        value = pair[0] * logits + pair[1]
        residual = special.expit(value) - target
        return float((np.logaddexp(0, value) - target * value).mean()), np.array(
            [(residual * logits).mean(), residual.mean()]
        )

    start = np.array([1.0, 0.0])
    return tuple(map(float, minimize(cost, start, jac=True, bounds=[(0, None), (None, None)], method="L-BFGS-B").x))


def upper_bound(wrong: np.ndarray, count: np.ndarray) -> np.ndarray:
    """The one-sided 95 % confidence bound on an error rate, `wrong` of `count` images: Wilson 1927; 1 for no images.

    wrong, count: integers, or arrays of them. Returns: float64 of their shape.
    """
    wrong, count = np.asarray(wrong, float), np.asarray(count, float)
    z2, n = special.ndtri(LEVEL) ** 2, np.maximum(count, 1)
    spread = np.sqrt(z2 * (wrong * (n - wrong) / n + z2 / 4))
    return np.where(count > 0, np.minimum(1.0, (wrong + z2 / 2 + spread) / (n + z2)), 1.0)


@dataclass(frozen=True)
class Threshold:
    """The minimum score to accept, and whether the error among the accepted is within the requested bound."""

    value: float
    is_reached: bool


def choose_threshold(scores: np.ndarray, wrong: np.ndarray, max_error: float, *, lowest: float) -> Threshold:
    """The lowest threshold whose accepted images have at most this error, by its upper confidence bound.

    scores: float (count,); wrong: bool (count,), whether an independent classifier disagrees. Images below `lowest` are
    never accepted. If no threshold meets the bound: the one with the lowest bound.
    """
    candidates = np.flatnonzero(scores >= lowest)
    order = candidates[np.argsort(-scores[candidates], kind="stable")]
    if not len(order):
        return Threshold(lowest, False)
    ranked, mistakes = scores[order], np.cumsum(wrong[order])
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))  # equal scores are accepted together
    bounds = upper_bound(mistakes[ends], ends + 1)
    within = np.flatnonzero(bounds <= max_error)
    end = ends[within[-1] if len(within) else bounds.argmin()]
    return Threshold(float(ranked[end]), bool(len(within)))
