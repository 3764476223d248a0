"""Real images against the same images saved as JPEG."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image

from experiments._harness import table
from experiments.honest_scores._shared import distance, features, shuffled
from gancli.evaluation.metrics import precision_recall

QUALITIES = {"95": 0, "95 ": 2, "90": 2, "75": 2, "50": 2}  # Pillow's subsampling: 0 is 4:4:4, 2 is 4:2:0, its default
COUNT = 5000


def saved(pixels: np.ndarray, quality: int, subsampling: int) -> np.ndarray:
    """Images as they are read from JPEG files of a quality, uint8 (count, height, width, 3)."""
    found = []
    for one in pixels:
        file = io.BytesIO()
        Image.fromarray(one).save(file, "JPEG", quality=quality, subsampling=subsampling)
        found.append(np.asarray(Image.open(file)))
    return np.stack(found)


def part() -> str:
    """A table: the distance to the originals, and all scores against other real images."""
    images = shuffled("cifar10")
    first, other = images[:COUNT], images[COUNT : 2 * COUNT]
    plain, real = features(first, "cifar10"), features(other, "cifar10")
    rows = [_row("PNG", first, plain, plain, real)]
    for quality, subsampling in QUALITIES.items():
        pixels = saved(first, int(quality), subsampling)
        title = f"JPEG {quality.strip()}, {'4:2:0' if subsampling else '4:4:4'}"
        rows.append(_row(title, pixels, features(pixels, "cifar10"), plain, real))
    head = ["saved as", "distance to the same images", "distance to other images", "precision", "recall"]
    head += ["mean difference of a pixel, of 255"]
    for row, pixels in zip(rows, [first, *(saved(first, int(q), s) for q, s in QUALITIES.items())], strict=True):
        row.append(f"{np.abs(pixels.astype(float) - first).mean():.1f}")
    text = (
        f"{COUNT:,} images of CIFAR-10, beside {COUNT:,} other ones that stay as they are; features of its classifier."
    )
    return f"{text}\n\n{table(head, rows)}"


def _row(title: str, pixels: np.ndarray, found: np.ndarray, plain: np.ndarray, real: np.ndarray) -> list[str]:
    near = precision_recall.measures(real, found)
    return [
        title,
        f"{distance(found, plain):.2f}",
        f"{distance(found, real):.2f}",
        f"{near.precision:.3f}",
        f"{near.recall:.3f}",
    ]
