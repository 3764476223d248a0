"""Mode coverage: which modes samples reach, the share of high-quality samples, and their balance."""

from __future__ import annotations

import math
from typing import NamedTuple

from gancli.core.backend import np, special

NEAR = 3.0  # standard deviations of a mode within which a point is of high quality: PacGAN (1712.04086), section 4.1


class Coverage(NamedTuple):
    """covered: modes of the data with a high-quality sample; good: the share of high-quality samples; reverse_kl:
    KL(samples ‖ data) of the histograms of modes, in nats; counts: high-quality samples of each mode, int (classes,);
    modes: number of modes in the data.
    """

    covered: int
    good: float
    reverse_kl: float
    counts: np.ndarray
    modes: int


def of_points(points: np.ndarray, real: np.ndarray, labels: np.ndarray) -> Coverage:
    """Coverage of the modes of points with labels.

    points, real: float (count, size). labels: the mode of each real point, int (count,). Centers and standard
    deviations are those of the real points; the deviation is that of one axis, averaged over the axes.
    """
    names, labels = np.unique(labels, return_inverse=True)  # a mode without points has no center
    modes = len(names)
    groups = [real[labels == mode] for mode in range(modes)]
    centers = np.array([group.mean(axis=0) for group in groups])
    deviations = np.array([np.sqrt(group.var(axis=0).mean()) for group in groups])
    distances = np.linalg.norm(points[:, None] - centers[None], axis=-1)
    which = distances.argmin(axis=1)
    good = distances.min(axis=1) <= NEAR * deviations[which]
    return of_labels(which[good], np.bincount(labels, minlength=modes), of=len(points))


def of_labels(predicted: np.ndarray, real_counts: np.ndarray, *, of: int | None = None) -> Coverage:
    """Coverage by the mode of each high-quality sample, int (count,). of: number of all samples, if larger."""
    counts = np.bincount(predicted, minlength=len(real_counts))
    total = len(predicted) if of is None else of
    is_mode = real_counts > 0
    covered = int((counts[is_mode] > 0).sum())
    return Coverage(
        covered, len(predicted) / max(total, 1), reverse_kl(counts, real_counts), counts, int(is_mode.sum())
    )


def reverse_kl(counts: np.ndarray, real_counts: np.ndarray) -> float:
    """KL(q ‖ p) in nats of the shares q of `counts` and p of `real_counts`, int (modes,) each.

    Infinite if q is not within the support of p, NaN if all counts are 0.
    """
    if not counts.sum():
        return math.nan
    return float(special.rel_entr(counts / counts.sum(), real_counts / real_counts.sum()).sum())
