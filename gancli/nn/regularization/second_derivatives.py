"""Whether TensorFlow computes the second derivatives of a critic correctly, as the gradient penalty needs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gancli.core.backend import graph_function, keras, tf
from gancli.core.errors import OptionError

NO_SECOND_DERIVATIVE = {  # TensorFlow's operations, and what is wrong with them
    "StopGradient": "tf.nn.moments holds the mean constant in the variance",  # nothing is said: it is only wrong
    "ResizeBilinear": "TensorFlow drops that of a bilinear resize",  # nor here
    "ResizeNearestNeighbor": "TensorFlow has none of this resize",  # a LookupError, while the step is traced
    "ResizeBicubic": "TensorFlow has none of this resize",
    "ResizeArea": "TensorFlow has none of this resize",
    "ScaleAndTranslate": "TensorFlow has none of this resize",
    "Softsign": "TensorFlow has none of softsign",
}


def check_second_derivatives(critic: keras.Model, flag: str = "--gradient-penalty") -> None:
    """Raise OptionError, naming the layer, for a critic whose second derivatives TensorFlow gets wrong or lacks.

    flag: the penalty that needs them, for the message.

    The critic is traced, not run, so that nested layers and those of other libraries are seen too: Keras' own
    BatchNormalization (in training), GroupNormalization and LayerNormalization, whatever else takes a variance from
    `tf.nn.moments`, resizes other than UpSampling2D("nearest"), and softsign. gancli.nn.layers has
    normalizations and resampling that are right.
    """
    for kind, path in _computed(critic):
        if kind in NO_SECOND_DERIVATIVE and (kind != "StopGradient" or re.search(r"moments(_\d+)?/[^/]*$", path)):
            raise OptionError(
                f"{flag} trains the critic by second derivatives, and those of its "
                f"{_layer_of(critic, path)} are wrong: {NO_SECOND_DERIVATIVE[kind]}"
            )


def _computed(model: keras.Model) -> Iterator[tuple[str, str]]:
    """Kind and path, such as critic/block/norm/moments/mean, of each operation of a model in training."""
    inputs = [tf.TensorSpec(one.shape, one.dtype) for one in model.inputs]
    call = graph_function(lambda *given: model(list(given) if len(given) > 1 else given[0], training=True))
    graph = call.get_concrete_function(*inputs).graph.as_graph_def()
    for part in (graph.node, *(function.node_def for function in graph.library.function)):  # loops have functions
        yield from ((node.op, node.name) for node in part)


def _layer_of(model: keras.Model, path: str) -> str:
    """Name and class of the innermost layer on the path to an operation, or the path where there is none."""
    layers = dict(_layers(model))
    for part in reversed(path.split("/")):
        layer = layers.get(part) or layers.get(re.sub(r"_\d+$", "", part))  # TensorFlow counts names that come again
        if layer is not None:
            return f"layer '{layer.name}' ({type(layer).__name__})"
    return f"operation '{path}'"


def _layers(model: keras.Model) -> Iterator[tuple[str, keras.Operation]]:
    """Layers and operations of a model by name, those of models inside it too."""
    for one in getattr(model, "operations", model.layers):
        yield one.name, one
        if isinstance(one, keras.Model):
            yield from _layers(one)
