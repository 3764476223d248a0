"""A network as a TensorFlow function with named inputs and outputs: what the converters read."""

from __future__ import annotations

from collections.abc import Callable

from gancli.core.backend import Tensor, graph_function, tf
from gancli.inference.export.networks import ExportedNetwork


def signature(network: ExportedNetwork) -> list[tf.TensorSpec]:
    """Shape, dtype and name of each input; None for sizes that are free."""
    return [tf.TensorSpec(one.shape, one.dtype, name=one.name) for one in network.inputs]


def traced(network: ExportedNetwork) -> Callable[..., dict[str, Tensor]]:
    """A function of the inputs in order, which returns the outputs by name."""

    def call(*inputs: Tensor) -> dict[str, Tensor]:
        return dict(zip(network.outputs, network.call(*inputs), strict=True))

    return graph_function(call, input_signature=signature(network))


def frozen(network: ExportedNetwork) -> Callable[..., dict[str, Tensor]]:
    """The same with the weights as constants."""
    from tensorflow.python.framework.convert_to_constants import convert_variables_to_constants_v2

    constant = convert_variables_to_constants_v2(traced(network).get_concrete_function())
    order = [name for name, _ in sorted(zip(network.outputs, range(len(network.outputs)), strict=True))]

    def call(*inputs: Tensor) -> dict[str, Tensor]:
        return dict(zip(order, constant(*inputs), strict=True))  # TensorFlow sorts by name

    return graph_function(call, input_signature=signature(network))
