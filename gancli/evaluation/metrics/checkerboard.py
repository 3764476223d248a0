"""Checkerboard artifacts of upscaled images: a pattern that repeats with the scale.

Sub-pixel and transposed convolutions leave such patterns (Odena et al. 2016, distill.pub, "Deconvolution and
Checkerboard Artifacts"); they are most visible where an image is smooth.
"""

from __future__ import annotations

from gancli.core.backend import np

SMOOTH = 8.0  # of 255: patches with a smaller standard deviation are smooth


def are_smooth(patches: np.ndarray) -> np.ndarray:
    """Which patches, uint8 (count, side, side, channels), have hardly any detail, bool (count,)."""
    return patches.mean(axis=3).std(axis=(1, 2)) < SMOOTH


def amplitudes(patches: np.ndarray, scale: int) -> np.ndarray:
    """Standard deviation of the mean values at the scale x scale positions within a cell, float64 (count,), of 255.

    patches: uint8 (count, side, side, channels), cropped at a multiple of the scale. The best-fitting quadratic surface
    is subtracted from each patch first, so that gradients and shadows do not count; then all pixels at the same
    position within a cell are averaged.
    """
    side = patches.shape[1] - patches.shape[1] % scale
    shades = patches[:, :side, :side].mean(axis=3).reshape(len(patches), side**2)
    rows, columns = np.mgrid[:side, :side].reshape(2, -1) / side
    surface = np.stack([rows**0, rows, columns, rows * columns, rows**2, columns**2], axis=1)
    rest = shades - shades @ np.linalg.pinv(surface).T @ surface.T
    cells = rest.reshape(len(patches), side // scale, scale, side // scale, scale).mean(axis=(1, 3))
    return cells.std(axis=(1, 2))
