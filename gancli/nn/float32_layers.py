"""Networks whose layers compute in float32, whatever they train in."""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, keras
from gancli.nn.network import Network, layers_of


def in_float32(network: Network) -> Callable[..., Tensor]:
    """The network with all of its arithmetic in float32, whatever it trains in.

    For second derivatives, whose small values float16 and bfloat16 lose.
    """
    return _with_layers_in_float32(network, network.called)


def part_in_float32(part: keras.Model) -> Callable[..., Tensor]:
    """The same of a model inside a network, in training mode."""
    return _with_layers_in_float32(
        lambda *inputs: part(list(inputs) if len(inputs) > 1 else inputs[0], training=True), part
    )


def _with_layers_in_float32(function: Callable[..., Tensor], model: keras.Model) -> Callable[..., Tensor]:
    layers = list(layers_of(model))

    def call(*inputs: Tensor) -> Tensor:
        policies = [layer.dtype_policy for layer in layers]
        try:
            for layer in layers:
                layer.dtype_policy = "float32"
            return function(*inputs)
        finally:
            for layer, policy in zip(layers, policies, strict=True):
                layer.dtype_policy = policy

    return call
