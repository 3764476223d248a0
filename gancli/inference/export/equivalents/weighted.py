"""A new layer of Keras with given weights, which all equivalents use."""

from __future__ import annotations

from gancli.core.backend import Tensor, keras, np


def with_weights(layer: keras.Layer, inputs: Tensor, weights: list[np.ndarray]) -> Tensor:
    """The output of a layer that is built here, with these weights, in the order of `layer.weights`."""
    outputs = layer(inputs)
    layer.set_weights(weights)
    return outputs
