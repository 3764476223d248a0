"""Layers of gancli.nn.layers.resampling as layers of Keras; those with a filter have its weights."""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, keras, np
from gancli.inference.export.equivalents.weighted import with_weights
from gancli.nn.layers.resampling import FILTER


def _resampled(layer: keras.Layer, maps: Tensor) -> Tensor:
    """As the function of this name in gancli.nn.layers.resampling."""
    name, size = layer.name, len(FILTER)
    if layer.kind == "up_nearest":
        return keras.layers.UpSampling2D(2, dtype="float32", name=f"{name}_up")(maps)
    if layer.kind == "down_mean":
        return keras.layers.AveragePooling2D(2, dtype="float32", name=f"{name}_down")(maps)
    if layer.kind == "up_filtered":
        channels = maps.shape[-1]
        wide = keras.layers.Conv2DTranspose(channels, size, 2, "same", **_fixed(name))
        return with_weights(wide, maps, [_filter(4.0)[:, :, None, None] * np.eye(channels, dtype=np.float32)])
    down = layer.kind == "down_filtered"
    before, after = ((size - 1) // 2, size - 2 - (size - 1) // 2) if down else (size // 2, (size - 1) // 2)
    edge = ((before, after), (before, after))
    padded = keras.layers.ZeroPadding2D(edge, dtype="float32", name=f"{name}_edge")(maps)
    each = keras.layers.DepthwiseConv2D(size, 2 if down else 1, "valid", **_fixed(name))
    return with_weights(each, padded, [np.tile(_filter(1.0)[:, :, None, None], (1, 1, maps.shape[-1], 1))])


def _fixed(name: str) -> dict[str, object]:
    return {"use_bias": False, "trainable": False, "dtype": "float32", "name": f"{name}_filter"}


def _filter(gain: float) -> np.ndarray:
    weights = np.outer(FILTER, FILTER).astype(np.float32)
    return weights * (gain / weights.sum())


EQUIVALENTS: dict[str, Callable[..., Tensor]] = {"Resampling": _resampled}
