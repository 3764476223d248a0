"""Layers of SNGAN, R3GAN and transformers as layers and operations of Keras, with their weights.

A learned basis becomes a depthwise convolution; positions are the bias of a dense layer of zeros.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from gancli.core.backend import Tensor, keras, np
from gancli.inference.export.equivalents.weighted import with_weights
from gancli.nn.layers.attention import EPSILON


def _clipped(layer: keras.Layer, image: Tensor) -> Tensor:
    return keras.ops.clip(image, -1.0, 1.0)


def _grouped(layer: keras.Layer, maps: Tensor) -> Tensor:
    config = layer.get_config() | {"dtype": "float32", "name": f"{layer.name}_kernel"}
    return with_weights(keras.layers.Conv2D.from_config(config), maps, layer.get_weights())


def _basis(layer: keras.Layer, net: Tensor) -> Tensor:
    ops, side, basis, channels = keras.ops, layer.side, np.asarray(layer.basis), net.shape[-1]
    settings = {"use_bias": False, "dtype": "float32", "name": f"{layer.name}_maps"}
    if layer.sums:
        whole = keras.layers.DepthwiseConv2D(side, **settings)
        return ops.reshape(with_weights(whole, net, [basis[..., None]]), (-1, channels))
    each = keras.layers.DepthwiseConv2D(1, depth_multiplier=side**2, **settings)
    rows = np.reshape(basis, (side**2, channels)).T
    maps = with_weights(each, ops.reshape(net, (-1, 1, 1, channels)), [rows[None, None]])
    return ops.transpose(ops.reshape(maps, (-1, channels, side, side)), (0, 2, 3, 1))


def _token_norm(layer: keras.Layer, tokens: Tensor) -> Tensor:
    own = keras.layers.LayerNormalization(epsilon=EPSILON, dtype="float32", name=f"{layer.name}_gain")
    return with_weights(own, tokens, layer.get_weights())


def _attention(layer: keras.Layer, tokens: Tensor) -> Tensor:
    ops, heads = keras.ops, layer.heads
    count, width = tokens.shape[1:]

    def dense(rows: Tensor, name: str) -> Tensor:
        weights = [np.asarray(weight) for weight in getattr(layer, f"{name}_weights")]
        return with_weights(keras.layers.Dense(width, dtype="float32", name=f"{layer.name}_{name}"), rows, weights)

    def split(name: str) -> Tensor:
        return ops.transpose(ops.reshape(dense(tokens, name), (-1, count, heads, width // heads)), (0, 2, 1, 3))

    queries, keys, values = (split(name) for name in ("query", "key", "value"))
    products = ops.matmul(queries, ops.transpose(keys, (0, 1, 3, 2))) / math.sqrt(width // heads)
    joined = ops.transpose(ops.matmul(ops.softmax(products), values), (0, 2, 1, 3))
    return dense(ops.reshape(joined, (-1, count, width)), "output")


def _positions(layer: keras.Layer, maps: Tensor) -> Tensor:
    ops, width = keras.ops, maps.shape[-1]
    rows = ops.reshape(maps, (-1, maps.shape[1] * maps.shape[2], width))
    added = np.asarray(layer.rows).copy()
    added[:width] += np.asarray(layer.token)
    column = rows[:, 0, :1]
    dense = keras.layers.Dense(added.size, dtype="float32", name=f"{layer.name}_rows")
    added = with_weights(dense, ops.zeros_like(column), [np.zeros((1, added.size), np.float32), added])
    return ops.pad(rows, ((0, 0), (1, 0), (0, 0))) + ops.reshape(added, (-1, rows.shape[1] + 1, width))


EQUIVALENTS: dict[str, Callable[..., Tensor]] = {
    "ClipAtInference": _clipped,
    "GroupedConv2D": _grouped,
    "SpatialBasis": _basis,
    "TokenNorm": _token_norm,
    "SelfAttention": _attention,
    "Positions": _positions,
}
