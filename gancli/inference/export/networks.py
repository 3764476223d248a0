"""The network of a model that an export writes: built of Keras' own layers, with what it is compared with."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from gancli.core.backend import Tensor, keras
from gancli.core.errors import OptionError, first_line
from gancli.core.names.similar import did_you_mean
from gancli.inference.export.stock_layers import stock_model
from gancli.models.base import Model
from gancli.nn.layer_tree import layers_of
from gancli.nn.network import Network


@dataclass(frozen=True)
class ExportedNetwork:
    """A network on its way into a file.

    name: as --network. model: of Keras' own layers, in float32. outputs: the names of its outputs. method: computes
    the outputs with the layers of the run, in float32, from the inputs in order. is_averaged: whether its weights are
    an EMA.
    """

    name: str
    model: keras.Model
    outputs: tuple[str, ...]
    method: Callable[..., list[Tensor]]
    is_averaged: bool

    @property
    def inputs(self) -> list[Tensor]:
        """The symbolic inputs, in order."""
        return list(self.model.inputs)

    def call(self, *inputs: Tensor) -> list[Tensor]:
        """The outputs of `model`."""
        return _listed(self.model(inputs[0] if len(inputs) == 1 else list(inputs), training=False))


def names(model: Model) -> list[str]:
    """The networks that can be exported: those for inference, the main one first, then the others of the model."""
    return list(dict.fromkeys([*model.inference_networks, *model.networks]))


def find(model: Model, name: str | None = None) -> ExportedNetwork:
    """The network of this name, by default the main one. Raises: OptionError for an unknown name."""
    name = name or next(iter(model.inference_networks))
    if name not in names(model):
        raise OptionError(
            f"--network {name}: the networks of {model.name()} are {', '.join(names(model))}"
            + did_you_mean(name, names(model))
        )
    try:
        built, outputs, method = _built(model, name)
    except ValueError as error:  # of a model file with layers or networks of its own
        raise OptionError(f"--network {name}: {first_line(error)}, so no other program can load it") from error

    def compute(*inputs: Tensor) -> list[Tensor]:
        with in_float32(model):
            return _listed(method(model, *inputs))

    used = [model.networks[name]] if name in model.networks else model.networks.values()
    is_averaged = any(network.average is not None for network in used)
    return ExportedNetwork(name, built, outputs, compute, is_averaged)


def _built(model: Model, name: str) -> tuple[keras.Model, tuple[str, ...], Callable[..., Tensor]]:
    """The network of Keras' own layers, the names of its outputs, and the model's own way to compute them."""
    if name in model.inference_networks:
        declared = model.inference_networks[name]
        built = declared.build(model, lambda wanted: _stock(model.networks[wanted], wanted))
        return built, (declared.output,), declared.method
    network = model.networks[name]
    built = _stock(network)
    return built, _output_names(built), lambda model, *inputs: network.infer(*inputs)


def _stock(network: Network, name: str | None = None) -> keras.Model:
    """The network of Keras' own layers; kernels that are normalized as it runs are so from the start."""
    copy = stock_model(network.inference_model, name)
    if network.spectral is not None and network.average is None:
        normalized = {kernel.path: value for kernel, value in network.spectral.normalized()}
        layers = {layer.name: layer for layer in copy.layers}
        for layer in network.model.layers:
            for kernel, own in zip(layer.trainable_weights, layers[layer.name].trainable_weights, strict=True):
                if kernel.path in normalized:
                    own.assign(normalized[kernel.path])
    return copy


@contextlib.contextmanager
def in_float32(model: Model) -> Iterator[None]:
    """The networks of a model compute in float32 here, whatever they were trained in."""
    used = [network.inference_model for network in model.networks.values()]
    layers = [layer for one in used for layer in (one, *layers_of(one))]
    policies = [layer.dtype_policy for layer in layers]
    try:
        for layer in layers:
            layer.dtype_policy = "float32"
        yield
    finally:
        for layer, policy in zip(layers, policies, strict=True):
            layer.dtype_policy = policy


def _output_names(model: keras.Model) -> tuple[str, ...]:
    """One name for each output: that of the layer that makes it."""
    inputs = {one.name for one in model.inputs}  # ONNX has one name for each tensor
    names = [name.replace("/", "_") + "_out" * (name in inputs) for name in model.output_names]
    return tuple(f"{name}_{at}" if names.count(name) > 1 else name for at, name in enumerate(names))


def _listed(outputs: Tensor | list[Tensor]) -> list[Tensor]:
    return list(outputs) if isinstance(outputs, list | tuple) else [outputs]
