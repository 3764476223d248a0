"""How much structure there is in pictures: whether neighbouring pixels agree."""

from __future__ import annotations

from gancli.core.backend import np


def morans_i(pictures: np.ndarray) -> np.ndarray:
    """Moran's I of each picture, its pixels' neighbours being those beside, above and below: Moran 1950.

    I = (n / w) Σ over neighbours x_i x_j / Σ x_i², with x less its mean in each channel. Near 0 where pixels are
    independent, towards 1 for large smooth forms, 0 for a picture of one colour.

    pictures: float (count, height, width, channels). Returns: float64 (count,).
    """
    deviations = pictures - pictures.mean(axis=(1, 2), keepdims=True, dtype=np.float64)
    beside = (deviations[:, :, 1:] * deviations[:, :, :-1]).sum(axis=(1, 2, 3))
    above = (deviations[:, 1:] * deviations[:, :-1]).sum(axis=(1, 2, 3))
    height, width, channels = pictures.shape[1:]
    pairs = channels * (height * (width - 1) + (height - 1) * width)
    variance = np.square(deviations).mean(axis=(1, 2, 3))
    return np.divide(beside + above, pairs * variance, out=np.zeros(len(pictures)), where=variance > 0)
