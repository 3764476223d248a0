"""The radial power spectrum of images: the power of coarse shapes, fine detail and noise."""

from __future__ import annotations

import itertools

from gancli.core.backend import np

BATCH = 1000  # images at a time


def radial(images: np.ndarray) -> np.ndarray:
    """Mean power by cycles per image, from 1 to half the side, float64 (side // 2,).

    images: float (count, side, side, channels); the mean of each channel does not count. Power is summed over a ring of
    frequencies and averaged over channels, so that the total is the variance of the pixels at these frequencies.
    """
    side = images.shape[1]
    across = np.fft.fftfreq(side, 1 / side)
    radius = np.rint(np.hypot(*np.meshgrid(across, across))).astype(int)
    total = np.zeros((side, side))
    for start in range(0, len(images), BATCH):
        power = np.abs(np.fft.fft2(images[start : start + BATCH], axes=(1, 2))) ** 2
        total += power.sum(axis=(0, 3))
    rings = np.bincount(radius.ravel(), weights=total.ravel(), minlength=side)
    return rings[1 : side // 2 + 1] / (len(images) * side**4 * images.shape[3])


def octaves(side: int) -> list[tuple[int, int]]:
    """Octaves of frequencies, each from a first to a last number of cycles; the last may be smaller."""
    ends = [1]
    while ends[-1] < side // 2:
        ends.append(min(2 * ends[-1], side // 2))
    return [(1, 1), *((low + 1, high) for low, high in itertools.pairwise(ends))]


def in_bands(spectrum: np.ndarray, bands: list[tuple[int, int]]) -> np.ndarray:
    """The power of each band, float64 (bands,)."""
    return np.array([spectrum[low - 1 : high].sum() for low, high in bands])
