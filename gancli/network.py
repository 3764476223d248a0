"""A Network is a Keras model with the optimizer that trains it; `minimize` trains, `frozen` only passes through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.backend import Tensor, keras, tf


@dataclass(frozen=True)
class Network:
    """A Keras model and its optimizer. Calling it runs the model in training mode: batch statistics, dropout."""

    layers: keras.Model
    optimizer: keras.optimizers.Optimizer

    def __post_init__(self) -> None:
        self.optimizer.build(self.layers.trainable_variables)  # later would be inside a trace, where none can be made

    def __call__(self, *inputs: Tensor, training: bool = True) -> Tensor:
        """The model's output; with `training` its BatchNorm statistics and dropout seeds move on."""
        return self.layers(*inputs, training=training)

    def variables(self) -> dict[str, keras.Variable]:
        """All that training changes, by name: weights, moving statistics, dropout seeds, optimizer slots."""
        named = {f"weights/{variable.path}": variable for variable in self.layers.variables}
        named |= {f"optimizer/{variable.path}": variable for variable in self.optimizer.variables}
        if len(named) != len(self.layers.variables) + len(self.optimizer.variables):
            raise ValueError(f"two variables of {self.layers.name} share a name: name every layer")
        return named


def minimize(*networks: Network, loss: Callable[[], Tensor]) -> Tensor:
    """One optimizer step of the named networks down `loss()`; returns the loss before it, a float32 scalar.

    Only these networks' weights are watched. Others may be called inside `loss` through `frozen`.
    """
    weights = [[variable.value for variable in network.layers.trainable_variables] for network in networks]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(weights)
        value = loss()
    for network, gradients in zip(networks, tape.gradient(value, weights), strict=True):
        network.optimizer.apply(gradients, network.layers.trainable_variables)
    return value


def frozen(network: Network) -> Callable[..., Tensor]:
    """The network as a pure function in training mode: not one of its variables moves.

    BatchNorm uses the batch's statistics as in Radford et al. 2015, and the new moving statistics and dropout seeds
    are thrown away. (`trainable = False` would put BatchNorm into inference mode, which is another algorithm.)
    Gradients pass through to whatever made the input.
    """

    def call(*inputs: Tensor) -> Tensor:
        model = network.layers
        output, _ = model.stateless_call(
            model.trainable_variables, model.non_trainable_variables, *inputs, training=True
        )
        return output

    return call
