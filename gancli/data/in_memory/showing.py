"""A data set in words, and as a picture in notebooks."""

from __future__ import annotations

import html
import math
from typing import TYPE_CHECKING

from gancli.core.backend import np

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset

MOST_SHOWN, MOST_NAMES, SIDE = 24, 5, 96  # images of a grid; names in words; pixels of an image


def in_words(dataset: Dataset) -> str:
    """Name, number, shape, classes, further columns and size of the test split, in a line."""
    kind = next(iter(dataset.train))
    words = {"image": "images", "point": "points", "sentence": "sentences"}.get(kind, kind)
    shape = {"image": " of " + "x".join(map(str, dataset.shape)), "point": f" of {math.prod(dataset.shape)} numbers"}
    parts = [f"{len(dataset) - dataset.validation:,} {words}{shape.get(kind, '')}"]
    if dataset.classes:
        names = ", ".join(dataset.classes[:MOST_NAMES]) + ", …" * (len(dataset.classes) > MOST_NAMES)
        parts.append(f"{len(dataset.classes):,} classes{' of pixels' * ('map' in dataset.train)} ({names})")
    more = [name for name in dataset.train if name not in (kind, "label", "line", "size")]
    parts += [f"with {', '.join(more)}"] if more else []
    parts += [f"{dataset.validation:,} for validation"] if dataset.validation else []
    count = len(next(iter(dataset.test.values()), ()))
    parts.append(f"{count:,} for testing" if count else "no test split")
    return f"<gancli.Dataset '{dataset.name}': {', '.join(parts)}>"


def as_html(dataset: Dataset) -> str:
    """The words, with a grid of images from all over the training set, or the first sentences or points."""
    from gancli.imaging import images
    from gancli.imaging.inline import html_picture, png

    text = html.escape(in_words(dataset))
    rows = dataset.sample_rows(MOST_SHOWN)
    if "image" not in dataset.train:
        lines = [html.escape(str(dataset.items[int(row)])) for row in rows[:MOST_NAMES]]
        return f"<div>{text}<br>{'<br>'.join(lines)}</div>"
    pixels = dataset.take(rows)
    pixels = pixels if pixels.ndim == 4 else pixels[..., np.newaxis]
    if max(pixels.shape[1:3]) > SIDE:
        scale = SIDE / max(pixels.shape[1:3])
        size = [max(1, round(side * scale)) for side in pixels.shape[2:0:-1]]
        pictures = [np.asarray(images.to_pillow(one).resize(size)) for one in pixels]
        pixels = np.stack(pictures).reshape(len(pixels), *size[::-1], -1)
    return f"<div>{text}<br>{html_picture(png(pixels))}</div>"
