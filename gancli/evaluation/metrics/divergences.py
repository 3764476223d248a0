"""The theory of Goodfellow et al. 2014, section 4, as numbers: densities in, the best discriminator and its value out.

A density is an array of its values; `measure` is what each value counts, 1 for the probabilities of discrete outcomes,
the distance between places for a density on a grid.
"""

from __future__ import annotations

import math

from gancli.core.backend import np, special


def best_discriminator(p: np.ndarray, q: np.ndarray) -> np.ndarray:
    """D* = p / (p + q), Proposition 1; NaN where neither density has anything."""
    with np.errstate(invalid="ignore"):
        return p / (p + q)


def value(p: np.ndarray, q: np.ndarray, belief: np.ndarray, *, measure: float = 1.0) -> float:
    """V(D, G) = E_p log D + E_q log(1 - D), equation 1, in nats. belief: D at each place.

    Places that neither density reaches are left out. Minus infinity where D is sure of what is not so.
    """
    seen = (p > 0) | (q > 0)
    with np.errstate(divide="ignore"):
        return float(np.sum(special.xlogy(p[seen], belief[seen]) + special.xlogy(q[seen], 1 - belief[seen])) * measure)


def jensen_shannon(p: np.ndarray, q: np.ndarray, *, measure: float = 1.0) -> float:
    """½ KL(p ‖ m) + ½ KL(q ‖ m), m = (p + q) / 2, in nats: from 0 to log 2."""
    middle = (p + q) / 2
    return float(np.sum(special.rel_entr(p, middle) + special.rel_entr(q, middle)) * measure / 2)


def cost(p: np.ndarray, q: np.ndarray, *, measure: float = 1.0) -> float:
    """C(G) = max_D V(D, G) = -log 4 + 2 JSD(p ‖ q), Theorem 1: -log 4 where the densities are one, 0 where disjoint."""
    return -math.log(4) + 2 * jensen_shannon(p, q, measure=measure)
