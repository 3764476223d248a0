"""Layers of gancli.nn.layers that ProGAN has: pixel normalization, minibatch standard deviation, resampling."""

from __future__ import annotations

import math
from collections.abc import Callable

from gancli.core.backend import Tensor, keras
from gancli.nn.layers.pixel_norm import EPSILON

SMALLEST = 1e-8  # under the root


def _pixel_norm(layer: keras.Layer, maps: Tensor) -> Tensor:
    square = keras.ops.mean(keras.ops.square(maps), axis=-1, keepdims=True)
    return maps * keras.ops.rsqrt(square + EPSILON)


def _minibatch_stddev(layer: keras.Layer, maps: Tensor) -> Tensor:
    """As `minibatch_stddev.statistic`: images of a group are those whose numbers differ by a multiple of the groups."""
    ops, ones = keras.ops, [1] * (len(maps.shape) - 1)
    rows = ops.reshape(maps, (-1, math.prod(maps.shape[1:])))
    number = ops.cumsum(ops.ones_like(rows[:, 0])) - 1.0
    batch = ops.max(number) + 1.0
    size = ops.minimum(float(layer.group), batch)
    size = ops.where(ops.mod(batch, size) < 0.5, size, batch)
    group = ops.mod(number, batch / size)
    shares = ops.cast(ops.abs(group[:, None] - group[None, :]) < 0.5, "float32") / size
    apart = rows - ops.matmul(shares, rows)
    deviation = ops.sqrt(ops.matmul(shares, ops.square(apart)) + SMALLEST)
    statistic = ops.reshape(ops.mean(deviation, axis=1), (-1, *ones))
    return ops.concatenate([maps, statistic * ops.ones_like(maps[..., :1])], axis=-1)


def _resampled(layer: keras.Layer, maps: Tensor) -> Tensor:
    """Those that repeat or average pixels."""
    return {"up_nearest": keras.layers.UpSampling2D, "down_mean": keras.layers.AveragePooling2D}[layer.kind](
        2, dtype="float32"
    )(maps)


EQUIVALENTS: dict[str, Callable[..., Tensor]] = {
    "PixelNorm": _pixel_norm,
    "MinibatchStddev": _minibatch_stddev,
    "Resampling": _resampled,
}
