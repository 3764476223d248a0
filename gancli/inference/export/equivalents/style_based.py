"""Layers of gancli.nn.architectures.style_based as layers and operations of Keras, with their weights.

A modulated convolution becomes a convolution between two products; Σ w² of its kernel is a dense layer of its own.
Constant maps and the noise, which is constant at inference, are biases of dense layers of zeros.
"""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, keras, np
from gancli.inference.export.equivalents.weighted import with_weights
from gancli.nn.architectures.style_based.convolutions import EPSILON
from gancli.nn.architectures.style_based.filtered import weights
from gancli.nn.architectures.style_based.random_layers import LEAK
from gancli.nn.architectures.style_based.styles import EPSILON as ADAIN_EPSILON
from gancli.nn.layers.resampling import FILTER


def _rows(layer: keras.Layer, rows: Tensor) -> Tensor:
    return rows


def _repeated(layer: keras.Layer, w: Tensor) -> Tensor:
    return keras.ops.repeat(keras.ops.expand_dims(w, 1), layer.count, axis=1)


def _constant(layer: keras.Layer, styles: Tensor) -> Tensor:
    maps = np.asarray(layer.maps)
    net = _given(styles[:, 0, :1], maps, f"{layer.name}_maps")
    return keras.ops.reshape(net, (-1, layer.side, layer.side, layer.channels))


def _noise(layer: keras.Layer, maps: Tensor) -> Tensor:
    ops, (side, _, channels) = keras.ops, maps.shape[1:]
    noise = _given(maps[:, 0, 0, :1], np.asarray(layer.fixed_noise), f"{layer.name}_fixed")
    strength = np.broadcast_to(np.asarray(layer.strength), (channels,)).reshape(1, 1, 1, channels)
    scaled = keras.layers.Conv2D(channels, 1, dtype="float32", name=f"{layer.name}_strength")
    noise = ops.reshape(noise, (-1, side, side, 1))
    net = maps + with_weights(scaled, noise, [strength, np.asarray(layer.bias)])
    return ops.leaky_relu(net, negative_slope=LEAK)


def _given(column: Tensor, values: np.ndarray, name: str) -> Tensor:
    """These values for each of a column (batch, 1), as the bias of a dense layer of zeros: (batch, values)."""
    values = values.reshape(-1)
    dense = keras.layers.Dense(values.size, dtype="float32", name=name)
    return with_weights(dense, keras.ops.zeros_like(column), [np.zeros((1, values.size), np.float32), values])


def _adain(layer: keras.Layer, maps: Tensor, style: Tensor) -> Tensor:
    ops = keras.ops
    scale, bias = ops.split(ops.expand_dims(ops.expand_dims(style, 1), 1), 2, axis=3)
    mean = ops.mean(maps, axis=(1, 2), keepdims=True)
    variance = ops.mean(ops.square(maps - mean), axis=(1, 2), keepdims=True)
    factor = (1.0 + scale) * ops.rsqrt(variance + ADAIN_EPSILON)
    return maps * factor + (bias - mean * factor)


def _clipped(layer: keras.Layer, image: Tensor) -> Tensor:
    return keras.ops.clip(image, -1.0, 1.0)


def _convolution(layer: keras.Layer, maps: Tensor) -> Tensor:
    """As `convolutions.convolve`, and the bias."""
    layers, kernel = keras.layers, np.asarray(layer.kernel)
    settings = {"use_bias": layer.use_bias, "dtype": "float32", "name": f"{layer.name}_kernel"}
    bias = [np.asarray(layer.bias)] if layer.use_bias else []
    if layer.direction == "up":
        wide = layers.Conv2DTranspose(layer.channels, layer.size, 2, "valid", **settings)
        net = with_weights(wide, maps, [kernel.transpose(0, 1, 3, 2), *bias])
        return _smooth(net, f"{layer.name}_filter", (1, 1 - (2 * maps.shape[1] - layer.side)), gain=4.0)
    if layer.direction == "down":
        maps = _smooth(maps, f"{layer.name}_filter", (2, 2 + maps.shape[1] % 2))
        return with_weights(layers.Conv2D(layer.channels, layer.size, 2, **settings), maps, [kernel, *bias])
    return with_weights(layers.Conv2D(layer.channels, layer.size, 1, "same", **settings), maps, [kernel, *bias])


def _modulated(layer: keras.Layer, maps: Tensor, style: Tensor) -> Tensor:
    ops = keras.ops
    scale = layer.gain if not layer.demodulate else 1.0
    net = _convolution(layer, maps * ops.expand_dims(ops.expand_dims(scale * style, 1), 1))
    if not layer.demodulate:
        return net
    squares = keras.layers.Dense(layer.channels, use_bias=False, dtype="float32", name=f"{layer.name}_squares")
    sums = with_weights(squares, ops.square(style), [(np.asarray(layer.kernel) ** 2).sum((0, 1))])
    return net * ops.expand_dims(ops.expand_dims(layer.gain * ops.rsqrt(sums + EPSILON), 1), 1)


def _skip(layer: keras.Layer, maps: Tensor) -> Tensor:
    if layer.kind == "half":
        return _smooth(maps, f"{layer.name}_filter", (1, 1 + maps.shape[1] % 2), stride=2)
    channels, name = maps.shape[-1], f"{layer.name}_filter"
    settings = {"use_bias": False, "trainable": False, "dtype": "float32", "name": name}
    wide = keras.layers.Conv2DTranspose(channels, len(FILTER), 2, "same", **settings)
    kernel = weights(4.0)[:, :, None, None] * np.eye(channels, dtype=np.float32)
    return with_weights(wide, maps, [kernel])[:, : layer.side, : layer.side]


def _smooth(maps: Tensor, name: str, padding: tuple[int, int], *, gain: float = 1.0, stride: int = 1) -> Tensor:
    """As `filtered.smooth`."""
    settings = {"use_bias": False, "trainable": False, "dtype": "float32", "name": name}
    padded = keras.layers.ZeroPadding2D((padding, padding), dtype="float32", name=f"{name}_edge")(maps)
    each = keras.layers.DepthwiseConv2D(len(FILTER), stride, "valid", **settings)
    kernel = np.tile(weights(gain)[:, :, None, None], (1, 1, maps.shape[-1], 1))
    return with_weights(each, padded, [kernel])


EQUIVALENTS: dict[str, Callable[..., Tensor]] = {
    "Appended": _rows,
    "MeanOfW": _rows,
    "StyleMixing": _repeated,
    "LearnedConstant": _constant,
    "NoiseAndActivation": _noise,
    "AdaIN": _adain,
    "Clipped": _clipped,
    "ResampledConv": _convolution,
    "ModulatedConv": _modulated,
    "FilteredSkip": _skip,
}
