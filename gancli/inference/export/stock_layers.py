"""Networks rebuilt from layers and operations of Keras alone, in float32, so that they load wherever Keras does.

gancli's networks hold layers of its own: kernels that train faster, and a few that Keras lacks. Each has an equivalent
here. Those that need the length of a row or the size of an image count it with a cumulative sum, since a Keras model
does not know its size before it runs.
"""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, keras
from gancli.inference.export.equivalents import normalization, resampling, residual, style_based

OWN = "gancli"  # the package under which gancli registers its layers


def stock_model(model: keras.Model, name: str | None = None) -> keras.Model:
    """The same network made of Keras' own layers and of `keras.ops`, with the same weights, in float32.

    model: a Functional or Sequential model made by gancli, of any dtype policy. name: of the copy, if another. Inputs,
    outputs and layer names are the same, and so are all trainable weights but those of style-based networks,
    R3GAN and transformers, whose layers become several. Two layers that only hold a number beside the network become
    identities: `statistics` (mean and covariance of an autoencoder's codes) and `deviation` (of a VAE's pixels). Layers
    that act in training alone, such as dropout, stay.

    Returns: a new Functional model that shares nothing with the given one; `save` writes it so that Keras loads it
    without gancli.
    Raises: ValueError for another layer that Keras does not know.
    """
    with _Float32():
        if isinstance(model, keras.Sequential):
            copy = keras.models.clone_model(model, clone_function=_cloned, recursive=True)
        else:
            copy = keras.models.clone_model(
                model,
                clone_function=_cloned,
                call_function=lambda layer, *inputs, **named: layer(*inputs, **named),
                recursive=True,
            )
    _copy_weights(model, copy)
    return keras.Model(_one_or_list(copy.inputs), _one_or_list(copy.outputs), name=name or copy.name)


def own_layers(model: keras.Model) -> list[str]:
    """The names of the layers that are not Keras' own, those of models inside it too."""
    found = []
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            found += own_layers(layer)
        elif not type(layer).__module__.startswith("keras."):
            found.append(layer.name)
    return found


def _one_or_list(tensors: list[Tensor]) -> Tensor | list[Tensor]:
    """Not in a list if there is one: else Keras warns of a tensor that comes without."""
    return tensors[0] if len(tensors) == 1 else tensors


class _Float32:
    """New layers and operations compute in float32; afterwards the policy is as before."""

    def __enter__(self) -> None:
        self.before = keras.config.dtype_policy()
        keras.config.set_dtype_policy("float32")

    def __exit__(self, *_: object) -> None:
        keras.config.set_dtype_policy(self.before)


def _cloned(layer: keras.Layer | keras.Operation) -> keras.Layer | Callable[..., Tensor]:
    """A layer of Keras that computes the same, or a function that calls several."""
    if not isinstance(layer, keras.Layer):  # a name of its own could be that of an operation in _OTHERS
        return type(layer).from_config({key: value for key, value in layer.get_config().items() if key != "name"})
    own = keras.saving.get_registered_name(type(layer))
    if own.startswith(f"{OWN}>"):
        kind = own.partition(">")[2]
        if kind in _SAME:
            return getattr(keras.layers, kind).from_config(layer.get_config() | {"dtype": "float32"})
        return _named(layer, _OTHERS[kind])
    if not type(layer).__module__.startswith("keras."):
        raise ValueError(f"layer {layer.name} is a {type(layer).__name__}, which Keras does not know")
    return type(layer).from_config(layer.get_config() | {"dtype": "float32"})


def _named(layer: keras.Layer, function: Callable[..., Tensor]) -> Callable[..., Tensor]:
    """A function of a layer's inputs whose result has the layer's name."""

    def call(*inputs: Tensor, **_: object) -> Tensor:
        return keras.layers.Identity(dtype="float32", name=layer.name)(function(layer, *inputs))

    return call


def _copy_weights(model: keras.Model, copy: keras.Model) -> None:
    there = {layer.name: layer for layer in copy.layers}
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            _copy_weights(layer, there[layer.name])
        elif there[layer.name].weights:
            there[layer.name].set_weights(layer.get_weights())


def _unchanged(layer: keras.Layer, net: Tensor) -> Tensor:
    return net


def _shuffled(layer: keras.Layer, maps: Tensor) -> Tensor:
    return keras.ops.depth_to_space(maps, layer.factor)


def _beside(layer: keras.Layer, inputs: tuple[Tensor, Tensor]) -> Tensor:
    """A vector concatenated to each of a row."""
    ops, (net, vector) = keras.ops, inputs
    return ops.concatenate([net, ops.expand_dims(vector, 1) + ops.zeros_like(net[:, :, :1])], axis=2)


def _turned(layer: keras.Layer, inputs: tuple[Tensor, Tensor]) -> Tensor:
    """Each row reversed up to its end; padding stays."""
    ops, (net, rows) = keras.ops, inputs
    at, length = _positions(rows), _length(rows)
    source = ops.where(at < length, length - 1 - at, at)
    return ops.take_along_axis(net, ops.expand_dims(source, 2), axis=1)


def _at_end(layer: keras.Layer, inputs: tuple[Tensor, Tensor]) -> Tensor:
    """The state at the last word of each row."""
    ops, (states, rows) = keras.ops, inputs
    last = ops.maximum(_length(rows) - 1, 0)
    return ops.squeeze(ops.take_along_axis(states, ops.expand_dims(last, 2), axis=1), axis=1)


def _positions(rows: Tensor) -> Tensor:
    """0, 1, … along each row, int32 (batch, longest)."""
    return keras.ops.cumsum(keras.ops.ones_like(rows), axis=1) - 1


def _length(rows: Tensor) -> Tensor:
    """Words of each row, int32 (batch, 1)."""
    return keras.ops.sum(keras.ops.cast(rows > 0, "int32"), axis=1, keepdims=True)


def _resized(layer: keras.Layer, inputs: tuple[Tensor, Tensor]) -> Tensor:
    """Maps (batch, h, w, channels) at the height and width of others, bilinear, with aligned pixel centers.

    As two products with matrices of weights: Keras resizes to sizes that are known beforehand only.
    """
    ops, (maps, others) = keras.ops, inputs
    columns = _weights(others[0, 0, :, 0], maps[0, 0, :, 0])
    rows = _weights(others[0, :, 0, 0], maps[0, :, 0, 0])
    net = ops.transpose(ops.matmul(columns, maps), (0, 2, 1, 3))
    return ops.transpose(ops.matmul(rows, net), (0, 2, 1, 3))


def _weights(target: Tensor, source: Tensor) -> Tensor:
    """The share of each source pixel in each target pixel, float32 (targets, sources), for lines of pixels."""
    ops = keras.ops
    many, few = ops.ones_like(target), ops.ones_like(source)
    count = ops.sum(few)
    at = (ops.cumsum(many) - 0.5) * (count / ops.sum(many)) - 0.5
    at = ops.minimum(ops.maximum(at, 0.0), count - 1.0)
    distance = ops.abs(ops.expand_dims(at, 1) - ops.expand_dims(ops.cumsum(few) - 1.0, 0))
    return ops.relu(1.0 - distance)


_SAME = ("BatchNormalization", "GroupNormalization", "Conv2D", "Conv2DTranspose")
_OTHERS = {
    "Statistics": _unchanged,
    "Deviation": _unchanged,
    "PixelShuffle": _shuffled,
    "Beside": _beside,
    "Turned": _turned,
    "AtEnd": _at_end,
    "Like": _resized,
    **style_based.EQUIVALENTS,
    **normalization.EQUIVALENTS,
    **resampling.EQUIVALENTS,
    **residual.EQUIVALENTS,
}
