"""Section 4 of Goodfellow et al. 2014 in numbers: the optimal discriminator of two densities, and its value.

A density is a float array of any shape, 0 or more, and both have the same shape; `measure` is the weight of each value:
1 for probabilities of discrete outcomes, the grid spacing for a density on a grid.
"""

from __future__ import annotations

import math

from gancli.core.backend import np, special


def optimal_discriminator(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """D* = p / (p + q), Proposition 1, float in [0, 1] of their shape; NaN where both densities are 0."""
    with np.errstate(invalid="ignore"):
        return p / (p + q)


def value(p: np.ndarray, q: np.ndarray, output: np.ndarray, *, measure: float = 1.0) -> float:
    """V(D, G) = E_p log D + E_q log(1 - D), equation 1, in nats. output: D at each value, float in [0, 1].

    Values where both densities are 0 are left out. Minus infinity where D is certain and wrong.
    """
    support = (p > 0) | (q > 0)
    with np.errstate(divide="ignore"):
        terms = special.xlogy(p[support], output[support]) + special.xlogy(q[support], 1 - output[support])
        return float(np.sum(terms) * measure)


def jensen_shannon(p: np.ndarray, q: np.ndarray, *, measure: float = 1.0) -> float:
    """½ KL(p ‖ m) + ½ KL(q ‖ m), m = (p + q) / 2, in nats: from 0 to log 2."""
    middle = (p + q) / 2
    return float(np.sum(special.rel_entr(p, middle) + special.rel_entr(q, middle)) * measure / 2)


def cost(p: np.ndarray, q: np.ndarray, *, measure: float = 1.0) -> float:
    """C(G) = max_D V(D, G) = -log 4 + 2 JSD(p ‖ q), Theorem 1: -log 4 for equal densities, 0 for disjoint ones."""
    return -math.log(4) + 2 * jensen_shannon(p, q, measure=measure)
