"""A lattice in enlarged pictures: whether the pixels that one became are each of a shade of their own.

Sub-pixel convolutions and strides leave such patterns (Odena et al. 2016, distill.pub, "Deconvolution and Checkerboard
Artifacts"); they are seen best where a picture is plain.
"""

from __future__ import annotations

from gancli.core.backend import np

PLAIN = 8.0  # of 255: patches whose shades deviate less are plain


def are_smooth(patches: np.ndarray) -> np.ndarray:
    """Which patches, uint8 (count, side, side, channels), have hardly anything in them, bool (count,)."""
    return patches.mean(axis=3).std(axis=(1, 2)) < PLAIN


def amplitudes(patches: np.ndarray, scale: int) -> np.ndarray:
    """How far the mean shades of the scale x scale pixels that one became lie apart, float64 (count,), of 255.

    patches: uint8 (count, side, side, channels), cut at a multiple of the scale. Of each the surface of second order
    that fits it best is taken away first, so that slopes and shadows count for nothing; then all pixels at one place of
    a cell are averaged, and their standard deviation is taken.
    """
    side = patches.shape[1] - patches.shape[1] % scale
    shades = patches[:, :side, :side].mean(axis=3).reshape(len(patches), side**2)
    rows, columns = np.mgrid[:side, :side].reshape(2, -1) / side
    surface = np.stack([rows**0, rows, columns, rows * columns, rows**2, columns**2], axis=1)
    rest = shades - shades @ np.linalg.pinv(surface).T @ surface.T
    cells = rest.reshape(len(patches), side // scale, scale, side // scale, scale).mean(axis=(1, 3))
    return cells.std(axis=(1, 2))
