"""Differentiable augmentation of the discriminator's images, real and generated.

DiffAugment: Zhao et al. 2020, arXiv:2006.10738, with the settings of their code: brightness, saturation and contrast;
translation by up to an eighth of the side; a hole of half the side. Adaptive augmentation: see adaptive.py.
Images are float (batch, height, width, channels) in [-1, 1]; results have the same shape and dtype, and may leave it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, tf

if TYPE_CHECKING:
    from collections.abc import Iterable

TRANSLATION, HOLE = 0.125, 0.5  # shares of the side


def _each(random: tf.random.Generator, images: Tensor, low: float, high: float) -> Tensor:
    """One number from U(low, high) per image, float (batch, 1, 1, 1)."""
    return tf.cast(random.uniform([tf.shape(images)[0], 1, 1, 1], low, high), images.dtype)


def color(images: Tensor, random: tf.random.Generator) -> Tensor:
    """Brightness + U(-½, ½), saturation times U(0, 2), contrast times U(½, 3/2), in this order."""
    images += _each(random, images, -0.5, 0.5)
    gray = tf.reduce_mean(images, axis=3, keepdims=True)
    images = (images - gray) * _each(random, images, 0.0, 2.0) + gray
    mean = tf.reduce_mean(images, axis=(1, 2, 3), keepdims=True)
    return (images - mean) * _each(random, images, 0.5, 1.5) + mean


def translation(images: Tensor, random: tf.random.Generator) -> Tensor:
    """Each image moved by a whole number of pixels, up to an eighth of the side each way; gaps are 0."""
    batch, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    for axis, side in ((1, height), (2, width)):
        most = round(TRANSLATION * side)
        shift = random.uniform([batch, 1], -most, most + 1, tf.int32)
        source = tf.range(side)[None, :] + shift
        is_inside = (source >= 0) & (source < side)
        images = tf.gather(images, tf.clip_by_value(source, 0, side - 1), axis=axis, batch_dims=1)
        shape = (batch, side, 1, 1) if axis == 1 else (batch, 1, side, 1)
        images *= tf.cast(tf.reshape(is_inside, shape), images.dtype)
    return images


def cutout(images: Tensor, random: tf.random.Generator) -> Tensor:
    """A square hole of half the side, 0, around a random point of each image."""
    batch, is_hole = tf.shape(images)[0], tf.constant(True)
    for axis, side in ((1, images.shape[1]), (2, images.shape[2])):
        size = round(HOLE * side)
        first = random.uniform([batch, 1], 0, side + 1 - size % 2, tf.int32) - size // 2
        place = tf.range(side)[None, :] - first
        is_near = (place >= 0) & (place < size)
        is_hole &= tf.reshape(is_near, (batch, side, 1, 1) if axis == 1 else (batch, 1, side, 1))
    return images * tf.cast(~is_hole, images.dtype)


OPERATIONS = {"color": color, "translation": translation, "cutout": cutout}


def diffaug(images: Tensor, random: tf.random.Generator, operations: Iterable[str] = tuple(OPERATIONS)) -> Tensor:
    """DiffAugment with operations of OPERATIONS, in this order."""
    for name in operations:
        images = OPERATIONS[name](images, random)
    return images
