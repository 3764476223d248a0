"""Pixel normalization and minibatch standard deviation as operations of Keras.

A Keras model does not know the size of a batch before it runs: it is counted as a sum of ones, and groups of images are
a matrix.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gancli.core.backend import Tensor, keras
from gancli.nn.layers.pixel_norm import EPSILON


def _pixel_norm(layer: keras.Layer, net: Tensor) -> Tensor:
    ops = keras.ops
    return net * ops.rsqrt(ops.mean(ops.square(net), axis=-1, keepdims=True) + EPSILON)


def _minibatch_stddev(layer: keras.Layer, net: Tensor) -> Tensor:
    ops, shape = keras.ops, net.shape[1:]
    rows = ops.reshape(net, (-1, math.prod(shape)))
    ones = ops.ones_like(rows[:, :1])
    count, at = ops.sum(ones), ops.cumsum(ones, axis=0) - 1.0
    group = ops.minimum(count, float(layer.group))
    group = ops.where(ops.abs(ops.floor(count / group + 1e-3) * group - count) < 0.5, group, count)
    columns = count / group
    place = at - ops.floor((at + 0.5) / columns) * columns
    is_same = ops.cast(ops.abs(place - ops.transpose(place)) < 0.5, "float32") / group
    apart = rows - ops.matmul(is_same, rows)
    deviation = ops.sqrt(ops.matmul(is_same, ops.square(apart)) + 1e-8)
    found = ops.mean(deviation, axis=1, keepdims=True)
    found = ops.reshape(found, (-1, *([1] * len(shape)))) * ops.ones_like(net[..., :1])
    return ops.concatenate([net, found], axis=-1)


EQUIVALENTS: dict[str, Callable[..., Tensor]] = {"PixelNorm": _pixel_norm, "MinibatchStddev": _minibatch_stddev}
