"""Spatial autocorrelation of images: whether adjacent pixels agree."""

from __future__ import annotations

from gancli.core.backend import np


def morans_i(pictures: np.ndarray) -> np.ndarray:
    """Moran's I of each image, with the adjacent pixels in rows and columns as neighbors: Moran 1950.

    I = (n / w) Σ over neighbors x_i x_j / Σ x_i², where the mean of each channel is subtracted from x. Near 0 for
    independent pixels, near 1 for large smooth shapes, 0 for an image of uniform color.

    pictures: float (count, height, width, channels). Returns: float64 (count,).
    """
    deviations = pictures - pictures.mean(axis=(1, 2), keepdims=True, dtype=np.float64)
    beside = (deviations[:, :, 1:] * deviations[:, :, :-1]).sum(axis=(1, 2, 3))
    above = (deviations[:, 1:] * deviations[:, :-1]).sum(axis=(1, 2, 3))
    height, width, channels = pictures.shape[1:]
    pairs = channels * (height * (width - 1) + (height - 1) * width)
    variance = np.square(deviations).mean(axis=(1, 2, 3))
    return np.divide(beside + above, pairs * variance, out=np.zeros(len(pictures)), where=variance > 0)
