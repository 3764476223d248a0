"""Modes: which of them samples reach, how many samples are close to one, and how evenly they fall."""

from __future__ import annotations

import math
from typing import NamedTuple

from gancli.core.backend import np, special

NEAR = 3.0  # deviations from a mode within which a point is of high quality: PacGAN (1712.04086), section 4.1


class Coverage(NamedTuple):
    """covered: modes of the data that have a good sample; good: the share of samples within three deviations of a mode;
    reverse_kl: KL(samples ‖ data) of the modes' histograms in nats; counts: good samples of each mode, int (classes,);
    modes: how many of these the data have.
    """

    covered: int
    good: float
    reverse_kl: float
    counts: np.ndarray
    modes: int


def of_points(points: np.ndarray, real: np.ndarray, labels: np.ndarray) -> Coverage:
    """Coverage of the modes of labelled points.

    points, real: float (count, size). labels: the mode of each real point, int (count,). The centres and deviations are
    those of the real points; a deviation is one axis's, the mean over the axes.
    """
    held, labels = np.unique(labels, return_inverse=True)  # a mode without points has no centre
    modes = len(held)
    groups = [real[labels == mode] for mode in range(modes)]
    centres = np.array([group.mean(axis=0) for group in groups])
    deviations = np.array([np.sqrt(group.var(axis=0).mean()) for group in groups])
    distances = np.linalg.norm(points[:, None] - centres[None], axis=-1)
    which = distances.argmin(axis=1)
    good = distances.min(axis=1) <= NEAR * deviations[which]
    return of_labels(which[good], np.bincount(labels, minlength=modes), of=len(points))


def of_labels(read: np.ndarray, real_counts: np.ndarray, *, of: int | None = None) -> Coverage:
    """Coverage where the mode of each good sample is known, int (count,). of: samples in all, if some were not good."""
    counts = np.bincount(read, minlength=len(real_counts))
    total = len(read) if of is None else of
    is_mode = real_counts > 0
    covered = int((counts[is_mode] > 0).sum())
    return Coverage(covered, len(read) / max(total, 1), reverse_kl(counts, real_counts), counts, int(is_mode.sum()))


def reverse_kl(counts: np.ndarray, real_counts: np.ndarray) -> float:
    """KL(q ‖ p) in nats, q the shares of the first counts, p those of the second; infinite where q is outside p.

    NaN where there is nothing to count.
    """
    if not counts.sum():
        return math.nan
    return float(special.rel_entr(counts / counts.sum(), real_counts / real_counts.sum()).sum())
