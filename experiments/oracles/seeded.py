"""Seeded weights and images, from NumPy alone: the published weights cannot be had everywhere, the networks can."""

from __future__ import annotations

import zlib
from collections.abc import Mapping

import numpy as np

LOGITS = 3.0  # scale of the last layer, so that classes are neither certain nor all alike


def weights(shapes: Mapping[str, tuple[int, ...]], *, seed: int = 0) -> dict[str, np.ndarray]:
    """float32 tensors that keep activations of about the same size in every layer: He et al. 2015 for kernels, and
    statistics and factors of batch normalization around 1, means and shifts around 0."""
    return {name: _tensor(name, shape, seed).astype(np.float32) for name, shape in shapes.items()}


def _tensor(name: str, shape: tuple[int, ...], seed: int) -> np.ndarray:
    random = np.random.default_rng([seed, zlib.crc32(name.encode())])
    if len(shape) > 1:
        scale = LOGITS if name == "fc.weight" else 1.0
        return random.standard_normal(shape, np.float32) * (scale * np.sqrt(2 / np.prod(shape[1:])))
    if name.endswith(("bn.weight", "bn.running_var")):
        return random.uniform(0.75, 1.3, shape)
    return random.normal(0, 0.2, shape)


def images(count: int, height: int, width: int, channels: int = 3, *, seed: int = 0) -> np.ndarray:
    """uint8 (count, height, width, channels): waves of random direction, length and color, with noise."""
    random = np.random.default_rng([seed, height, width, channels])
    rows, columns = np.mgrid[:height, :width] / max(height, width)
    waves = random.normal(0, 9, (2, count, 3, 1, 1, 1))
    phases = random.uniform(0, 2 * np.pi, (count, 3, 1, 1, 1))
    colors = random.normal(0, 40, (count, 3, 1, 1, channels))
    pictures = (np.sin(waves[0] * rows[..., None] + waves[1] * columns[..., None] + phases) * colors).sum(axis=1)
    pictures += random.uniform(60, 190, (count, 1, 1, channels)) + random.normal(0, 12, pictures.shape)
    return np.clip(np.rint(pictures), 0, 255).astype(np.uint8)
