"""Label maps as arrays: the class of each pixel, colors and frequencies of classes."""

from __future__ import annotations

import colorsys

from gancli.core.backend import np

IGNORED = 255  # pixels without a label in the column `map`
GOLDEN = 0.618034  # the golden ratio spreads hues


def default_palette(count: int) -> tuple[tuple[int, int, int], ...]:
    """Colors of bytes for classes that have none, (count, 3)."""
    return tuple(map(default_color, range(count)))


def default_color(number: int) -> tuple[int, int, int]:
    """The color of a class that has none."""
    return tuple(round(255 * part) for part in colorsys.hsv_to_rgb(number * GOLDEN % 1.0, 0.65, 0.95))


def colored(classes: np.ndarray, palette: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    """Maps uint8 (…, height, width) in the colors of their classes, uint8 (…, height, width, 3); black for none."""
    table = np.zeros((256, 3), np.uint8)
    table[: len(palette)] = palette
    return table[classes]


def frequencies(maps: np.ndarray, count: int) -> tuple[float, ...]:
    """The frequency of each class: its pixels over all labeled pixels of the maps that contain it, (count,).

    maps: uint8 (maps, height, width). Eigen & Fergus 2015 (1411.4734), section 6.3.2; 0 for a class in no map.
    """
    counts = np.stack([np.bincount(one.ravel(), minlength=256)[:count] for one in maps])
    totals = (counts.sum(axis=1, keepdims=True) * (counts > 0)).sum(axis=0)
    return tuple((counts.sum(axis=0) / np.maximum(totals, 1)).tolist())


def shares(maps: np.ndarray, count: int) -> np.ndarray:
    """The share of each class among all labeled pixels, float64 (count,)."""
    counts = sum((np.bincount(one.ravel(), minlength=256)[:count] for one in maps), np.zeros(count, np.int64))
    return counts / max(counts.sum(), 1)
