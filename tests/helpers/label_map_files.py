"""Files of label maps for specimens: numbers, palettes, colors, parts, and JPEG."""

import numpy as np
from PIL import Image

from tests.helpers.specimens import encoded, photo, put

SIDE = 16


def stripes(*values, side=SIDE):
    """A map with a stripe of each value, uint8 (side, side)."""
    return np.asarray(values, np.uint8)[np.arange(side) * len(values) // side][:, None].repeat(side, axis=1)


def numbers(path, *values, side=SIDE, **options):
    """A gray file with a stripe of each number; returns its path."""
    kind = {".jpg": "JPEG", ".gif": "GIF", ".bmp": "BMP"}.get(path.suffix, "PNG")
    return put(path, encoded(stripes(*values, side=side), kind, **options))


def palette(path, values, colors, *, side=SIDE):
    """A palette PNG with a stripe of each index. colors: red, green, blue of index 0, 1, …"""
    picture = Image.fromarray(stripes(*values, side=side), "P")
    picture.putpalette([part for color in colors for part in color])
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)
    return path


def colors(path, *values, side=SIDE):
    """An RGB file with a stripe of each color."""
    return put(path, encoded(np.asarray(values, np.uint8)[stripes(*range(len(values)), side=side)]))


def picture(path, *, side=SIDE, seed=0):
    """A photograph of this side."""
    return photo(path, side=side, seed=seed)


def voc_colors(count):
    """Pascal VOC's palette, after the example of its development kit."""
    found = []
    for number in range(count):
        red = green = blue = 0
        for shift in range(7, -1, -1):
            red |= (number & 1) << shift
            green |= (number >> 1 & 1) << shift
            blue |= (number >> 2 & 1) << shift
            number >>= 3
        found.append((red, green, blue))
    return found
