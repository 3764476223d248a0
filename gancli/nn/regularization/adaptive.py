"""Adaptive discriminator augmentation (ADA). Karras et al. 2020, arXiv:2006.06676, section 2.3 and appendix B.

Each image is flipped, turned, moved, scaled and recolored, each with the probability p. p rises while the discriminator
is too sure of its training images, r = E sign(D(x)) above a target of .6, and falls otherwise, so that it stays a
generator's guess whether an image was augmented as long as p is below .8 or so.

Differences from the paper:
- One bilinear resampling with mirrored edges, without its filter and doubled resolution.
- Gray images have brightness, contrast and inversion only.
- p follows each batch instead of four.
"""

from __future__ import annotations

import math

from gancli.core.backend import Tensor, tf

LN2 = math.log(2.0)
LUMA = 1 / math.sqrt(3.0)


def adjusted(probability: Tensor, sign: Tensor, *, target: float, images: int, batch: int) -> Tensor:
    """p after a batch: p ± batch / images, up if E sign(D(x)) is above the target, within [0, 1].

    images: the number that p needs from 0 to 1.
    """
    return tf.clip_by_value(probability + tf.sign(sign - target) * (batch / images), 0.0, 1.0)


def augment(images: Tensor, random: tf.random.Generator, probability: Tensor) -> Tensor:
    """Geometric, then color augmentation, each part with this probability, a scalar in [0, 1].

    images: float (batch, height, width, channels). Returns: the same shape and dtype.
    """
    chance = _Chance(random, tf.shape(images)[0], probability)
    moved = resampled(tf.cast(images, tf.float32), _geometry(chance, images.shape[1] / images.shape[2]))
    changed = tf.cast(_recolored(moved, chance), images.dtype)
    return tf.where(probability > 0.0, changed, images)  # bit for bit, without the rounding of the arithmetic


class _Chance:
    """Random numbers of a batch, float32 (batch,), which are neutral unless an event of probability p happens."""

    def __init__(self, random: tf.random.Generator, batch: Tensor, probability: Tensor) -> None:
        self.random, self.batch, self.probability = random, batch, probability

    def _where(self, value: Tensor, neutral: float, probability: Tensor | None) -> Tensor:
        happens = self.random.uniform([self.batch]) < (self.probability if probability is None else probability)
        return tf.where(happens, value, neutral)

    def sign(self) -> Tensor:
        """-1 with half the probability, else 1."""
        return self._where(tf.where(self.random.uniform([self.batch]) < 0.5, -1.0, 1.0), 1.0, None)

    def uniform(self, reach: float, probability: Tensor | None = None) -> Tensor:
        """From U(-reach, reach), or 0."""
        return self._where(self.random.uniform([self.batch], -reach, reach), 0.0, probability)

    def normal(self, deviation: float) -> Tensor:
        """From N(0, deviation²), or 0."""
        return self._where(deviation * self.random.normal([self.batch]), 0.0, None)

    def turns(self) -> Tensor:
        """A number of quarter turns, 0 to 3, or 0."""
        return self._where(tf.floor(self.random.uniform([self.batch], 0.0, 4.0)), 0.0, None)


def _geometry(chance: _Chance, aspect: float) -> Tensor:
    """From places in the result to places in the image, both in [-1, 1]; float32 (batch, 2, 3)."""
    once = 1.0 - tf.sqrt(1.0 - chance.probability)  # of one of two rotations, so that p is that of any
    matrix = _scaling(chance.sign(), tf.ones(chance.batch))
    matrix = _rotation(chance.turns() * (math.pi / 2), aspect) @ matrix
    matrix = _moving(chance.uniform(0.25), chance.uniform(0.25)) @ matrix  # an eighth of the side
    scale = tf.exp(LN2 * chance.normal(0.2))
    matrix = _scaling(scale, scale) @ matrix
    matrix = _rotation(chance.uniform(math.pi, once), aspect) @ matrix
    stretch = tf.exp(LN2 * chance.normal(0.2))
    matrix = _scaling(stretch, 1.0 / stretch) @ matrix
    matrix = _rotation(chance.uniform(math.pi, once), aspect) @ matrix
    return (_moving(chance.normal(0.25), chance.normal(0.25)) @ matrix)[:, :2]


def _matrix(*rows: tuple[Tensor | float, ...]) -> Tensor:
    """float32 (batch, 3, 3) from entries (batch,) or numbers; the last row is 0, 0, 1."""
    batch = next(one for row in rows for one in row if not isinstance(one, float))
    full = [[one + tf.zeros_like(batch) for one in row] for row in (*rows, (0.0, 0.0, 1.0))]
    return tf.stack([tf.stack(row, axis=1) for row in full], axis=1)


def _scaling(x: Tensor, y: Tensor) -> Tensor:
    return _matrix((x, 0.0, 0.0), (0.0, y, 0.0))


def _rotation(angle: Tensor, aspect: float) -> Tensor:
    return _matrix((tf.cos(angle), -tf.sin(angle) * aspect, 0.0), (tf.sin(angle) / aspect, tf.cos(angle), 0.0))


def _moving(x: Tensor, y: Tensor) -> Tensor:
    return _matrix((1.0, 0.0, x), (0.0, 1.0, y))


def resampled(images: Tensor, matrices: Tensor) -> Tensor:
    """Images read at other places, bilinear, mirrored at the edges.

    images: float32 (batch, height, width, channels). matrices: float32 (batch, 2, 3), from a place (x, y, 1) in the
    result to (x, y) in the image, in coordinates where the outer edges of the image are -1 and 1.
    """
    batch, (height, width, channels) = tf.shape(images)[0], images.shape[1:]
    x, y = tf.meshgrid(_centers(width), _centers(height))
    places = tf.stack([tf.reshape(x, [-1]), tf.reshape(y, [-1]), tf.ones(height * width)])
    source = matrices @ places  # (batch, 2, pixels)
    flat = tf.reshape(images, (batch, height * width, channels))
    left, right = _neighbors(source[:, 0], width)
    upper, lower = _neighbors(source[:, 1], height)
    total = tf.zeros_like(flat)
    for row, row_share in (upper, lower):
        for column, column_share in (left, right):
            share = (row_share * column_share)[:, :, None]
            total += share * tf.gather(flat, row * width + column, axis=1, batch_dims=1)
    return tf.reshape(total, tf.shape(images))


def _centers(side: int) -> Tensor:
    return (tf.range(side, dtype=tf.float32) + 0.5) * (2.0 / side) - 1.0


def _neighbors(places: Tensor, side: int) -> tuple[tuple[Tensor, Tensor], tuple[Tensor, Tensor]]:
    """The two nearest pixels, int32, and their shares; a place beyond an edge is mirrored."""
    at = (places + 1.0) * (side / 2) - 0.5
    first = tf.floor(at)
    share = at - first
    return tuple((_mirrored(tf.cast(first, tf.int32) + more, side), abs(1 - more - share)) for more in (0, 1))


def _mirrored(index: Tensor, side: int) -> Tensor:
    index = tf.math.floormod(index, 2 * side)
    return tf.minimum(index, 2 * side - 1 - index)


def _recolored(images: Tensor, chance: _Chance) -> Tensor:
    def wide(value: Tensor) -> Tensor:
        return value[:, None, None, None]

    images = (images + wide(chance.normal(0.2))) * wide(tf.exp(LN2 * chance.normal(0.5)))
    flip = wide(chance.sign())
    if images.shape[3] != 3:
        return images * flip
    axis = tf.constant([LUMA] * 3)
    gray = tf.reduce_sum(images * axis, axis=3, keepdims=True) * axis
    rest = images - gray
    angle = wide(chance.uniform(math.pi))
    turned = tf.cos(angle) * rest + tf.sin(angle) * tf.linalg.cross(tf.broadcast_to(axis, tf.shape(rest)), rest)
    return gray * flip + turned * wide(tf.exp(LN2 * chance.normal(1.0)))
