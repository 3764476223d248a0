"""Real photographs made smaller in different ways, and the distance between the results."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PIL import Image

from experiments._harness import table
from experiments.honest_scores._shared import distance, features, shuffled

SIDE = 32
SETS = {"faces": "celeba.zip", "flowers": "flowers.zip", "landscapes": "summer2winter_yosemite.zip"}


def by_pillow(method: Image.Resampling, **settings: object) -> Callable[[np.ndarray], np.ndarray]:
    """Pillow's resize: with antialiasing, but for nearest."""
    return lambda pixels: np.stack([Image.fromarray(one).resize((SIDE, SIDE), method, **settings) for one in pixels])


def by_tensorflow(method: str, *, antialias: bool) -> Callable[[np.ndarray], np.ndarray]:
    """tf.image.resize, rounded to whole numbers."""
    import tensorflow as tf

    def resize(pixels: np.ndarray) -> np.ndarray:
        found = tf.image.resize(tf.cast(pixels, tf.float32), (SIDE, SIDE), method, antialias=antialias)
        return np.clip(np.round(found.numpy()), 0, 255).astype(np.uint8)

    return resize


WAYS = {
    "Pillow, bicubic": lambda: by_pillow(Image.Resampling.BICUBIC),
    "Pillow, Lanczos": lambda: by_pillow(Image.Resampling.LANCZOS),
    "Pillow, bilinear": lambda: by_pillow(Image.Resampling.BILINEAR),
    "TensorFlow, area": lambda: by_tensorflow("area", antialias=False),
    "TensorFlow, bicubic, antialiased": lambda: by_tensorflow("bicubic", antialias=True),
    "TensorFlow, bilinear, as it is by default": lambda: by_tensorflow("bilinear", antialias=False),
    "Pillow, nearest": lambda: by_pillow(Image.Resampling.NEAREST),
}


def part() -> str:
    """A table: each way beside Pillow's bicubic, of the same images and of other ones."""
    columns, titles = [], []
    for title, file in SETS.items():
        pixels = shuffled(file)
        half = len(pixels) // 2
        plain = WAYS["Pillow, bicubic"]()
        first, other = (features(plain(part), "cifar10") for part in (pixels[:half], pixels[half : 2 * half]))
        ways = [features(way()(pixels[:half]), "cifar10") for way in WAYS.values()]
        columns += [[f"{distance(one, first):.2f}" for one in ways], [f"{distance(one, other):.2f}" for one in ways]]
        titles += [f"{half:,} {title} from {pixels.shape[1]} pixels: to the same", f"{title}: to others"]
    rows = [[name, *cells] for name, *cells in zip(WAYS, *columns, strict=True)]
    text = f"Made {SIDE} x {SIDE}; the distance to the same images made smaller by Pillow's bicubic, and to other ones."
    return f"{text} Features of the classifier of CIFAR-10.\n\n{table(['way', *titles], rows)}"
