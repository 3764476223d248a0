"""Images from a run: decoded in batches of one fixed size, so that a seed gives the same picture in any company."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple

import numpy as np

from gancli import images
from gancli.backend import tf
from gancli.classifier import Classifier
from gancli.errors import CheckpointError
from gancli.models.base import Decoder

BATCH = 64  # always: the bits of a product depend on the shape of the matrix
CONFIDENCE = 0.9  # the probability from which on an image counts as of a class
MOST_DRAWS = 500  # for each image wanted of a class


class Sampler:
    """Draws images of a model that can decode."""

    def __init__(self, model: Decoder) -> None:
        self.model = model
        size = model.options.z_dim
        self._decode = tf.function(model.decode, input_signature=[tf.TensorSpec((BATCH, size), tf.float32)])

    def decode(self, z: np.ndarray) -> np.ndarray:
        """float32 (count, z_dim) -> uint8 (count, height, width, channels)."""
        return np.concatenate(list(self.batches(z)))

    def batches(self, z: np.ndarray) -> Iterator[np.ndarray]:
        """As `decode`, up to 64 images at a time."""
        for start in range(0, len(z), BATCH):
            part = z[start : start + BATCH]
            padded = np.zeros((BATCH, z.shape[1]), np.float32)
            padded[: len(part)] = part
            yield images.to_uint8(self._decode(padded)[: len(part)])

    def seeds(self, seeds: list[int]) -> np.ndarray:
        """The images of these seeds, uint8 (seeds, height, width, channels)."""
        return self.decode(self.model.latents(seeds))

    def of_class(self, label: int, seeds: Iterable[int], classifier: Classifier) -> Iterator[Drawn]:
        """Draw the seeds in order, 64 at a time, and keep those whose images are surely read as the class."""
        seeds = iter(seeds)
        while group := list(itertools.islice(seeds, BATCH)):
            pixels = self.seeds(group)
            kept = classifier.read(pixels, confidence=CONFIDENCE) == label
            yield Drawn(len(group), [seed for seed, is_kept in zip(group, kept, strict=True) if is_kept], pixels[kept])


class Drawn(NamedTuple):
    """Of a number of images drawn: the seeds that were kept, and their images."""

    count: int
    seeds: list[int]
    pixels: np.ndarray


def first_of_class(sampler: Sampler, label: int, count: int, classifier: Classifier, *, start: int = 0) -> Drawn:
    """Draw the seeds start, start + 1, … until `count` images are read as the class.

    Raises: CheckpointError if a class is so rare that 500 times as many draws did not suffice.
    """
    drawn, seeds, pixels = 0, [], []
    for batch in sampler.of_class(label, itertools.count(start), classifier):
        drawn += batch.count
        seeds += batch.seeds
        pixels.append(batch.pixels)
        if len(seeds) >= count:
            last = drawn if len(seeds) == count else seeds[count - 1] - start + 1
            return Drawn(min(drawn, last), seeds[:count], np.concatenate(pixels)[:count])
        if drawn >= MOST_DRAWS * count:
            break
    raise CheckpointError(
        f"of {drawn:,} images {len(seeds)} were read as '{classifier.classes[label]}', {count} were wanted: "
        "this run hardly makes that class; train longer"
    )
