"""Feature maps of a network: extraction, top activations, guided backpropagation and pooled features."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gancli.core.backend import Tensor, graph_function, keras, np, tf
from gancli.core.errors import OptionError
from gancli.core.progress import track
from gancli.imaging import images

LOOK = 256  # images at a time


def after_convolutions(network: keras.Model) -> list[Tensor]:
    """The maps after each convolution, with normalization and activation, (batch, h, w, c) each.

    The last of a generator are the image.
    """
    outputs: list[Tensor] = []
    for layer in network.layers:
        if _is_convolution(layer):
            outputs.append(layer.output)
        elif outputs and len(layer.output.shape) == 4 and not _joins(layer):
            outputs[-1] = layer.output
    return outputs


def first_filters(network: keras.Model) -> np.ndarray:
    """The kernels of the first convolution, float32 (filters, height, width, channels)."""
    first = next(layer for layer in network.layers if _is_convolution(layer))
    return np.moveaxis(np.asarray(first.kernel, np.float32), -1, 0)


def _is_convolution(layer: keras.Layer) -> bool:
    return isinstance(layer, (keras.layers.Conv2D, keras.layers.Conv2DTranspose))


def _joins(layer: keras.Layer) -> bool:
    """Whether the layer adds another input, such as labels."""
    return isinstance(layer, (keras.layers.Concatenate, keras.layers.Reshape))


class Activations(NamedTuple):
    """Images and pixels that activate feature maps most.

    rows: of the images, int (maps, top), strongest first. gradients: of each one's largest activation by the image's
    pixels, by guided backpropagation, float32 (maps, top, height, width, channels).
    """

    rows: np.ndarray
    gradients: np.ndarray


def excite(network: keras.Model, pixels: np.ndarray, chosen: Sequence[int], *, top: int) -> Activations:
    """Images that activate the maps of the last convolution most, and where: Radford et al. 2015, section 6.2.

    network: from images alone, or from images and labels, which are then all 0. pixels: uint8 (count, height, width,
    channels). chosen: the numbers of the maps. Raises: OptionError if there is no such map.
    """
    last = after_convolutions(network)[-1]
    if max(chosen) >= last.shape[-1]:
        raise OptionError(f"--maps {max(chosen)}: the last convolution has the maps 0 to {last.shape[-1] - 1}")
    submodel = upto(network, last)
    look = graph_function(
        lambda batch: tf.reduce_max(submodel(_with_labels(submodel, batch), training=False), axis=(1, 2))
    )
    highest = np.concatenate([look(images.from_uint8(part)).numpy() for part in _parts(pixels)])[:, list(chosen)]
    rows = np.argsort(-highest.astype(np.float32), axis=0, kind="stable")[:top].T
    guide, found = guided(submodel), []
    for number, best in zip(chosen, rows, strict=True):
        batch = images.from_uint8(pixels[best])
        with tf.GradientTape() as tape:
            tape.watch(batch)
            peak = tf.reduce_max(guide(_with_labels(submodel, batch), training=False)[..., number], axis=(1, 2))
        found.append(tape.gradient(peak, batch).numpy())
    return Activations(rows, np.stack(found))


def _parts(pixels: np.ndarray) -> Iterator[np.ndarray]:
    return (pixels[start : start + LOOK] for start in track(range(0, len(pixels), LOOK), "feature maps"))


def _with_labels(network: keras.Model, batch: Tensor) -> Tensor | list[Tensor]:
    """The inputs of the network: images and, if it takes labels, labels of 0."""
    others = [tf.zeros((tf.shape(batch)[0], *extra.shape[1:])) for extra in network.inputs[1:]]
    return [batch, *others] if others else batch


def upto(network: keras.Model, maps: Tensor) -> keras.Model:
    """The network from its inputs to these maps, one of its inner tensors."""
    return keras.Model(network.inputs, maps)


def onwards(network: keras.Model, maps: Tensor) -> keras.Model:
    """The network from these maps, which replace its first input, to its output."""
    return keras.Model([maps, *network.inputs[1:]] if network.inputs[1:] else maps, network.output)


def guided(network: keras.Model) -> keras.Model:
    """A copy in float32 for guided backpropagation: Springenberg et al. 2014, arXiv:1412.6806, section 3.4.

    A gradient passes an activation only if both the forward value and the gradient from above are positive; a LeakyReLU
    leaks in the forward pass only.
    """
    copy = keras.models.clone_model(network, clone_function=_cloned)
    copy.set_weights(network.get_weights())
    return copy


def _cloned(layer: keras.Layer) -> keras.Layer:
    settings = layer.get_config() | {"dtype": "float32"}
    if isinstance(layer, (keras.layers.ReLU, keras.layers.LeakyReLU)):
        return _guided_layer()(float(getattr(layer, "negative_slope", 0.0)), name=layer.name)
    return type(layer).from_config(settings)


@functools.cache
def _guided_layer() -> type:
    """The class, defined when Keras is first used."""

    class Guided(keras.layers.Layer):
        """ReLU or LeakyReLU with guided gradients."""

        def __init__(self, leak: float, **settings: object) -> None:
            super().__init__(**settings)
            self.leak = leak

        def call(self, inputs: Tensor) -> Tensor:
            """The activation."""
            return _pass(inputs, self.leak)

    return Guided


def _pass(inputs: Tensor, leak: float) -> Tensor:
    @tf.custom_gradient
    def activate(inputs: Tensor) -> tuple[Tensor, Callable]:
        def slopes(upstream: Tensor) -> Tensor:
            return tf.where((inputs > 0) & (upstream > 0), upstream, 0.0)

        return tf.nn.leaky_relu(inputs, leak), slopes

    return activate(inputs)


def pooled(network: keras.Model, pixels: np.ndarray, *, side: int = 4) -> np.ndarray:
    """The maps after every convolution, max-pooled to side x side and joined: Radford et al. 2015, section 5.1.

    pixels: uint8 (count, height, width, channels). Returns: float32 (count, features).
    """
    submodel = keras.Model(network.inputs, after_convolutions(network))

    @graph_function(reduce_retracing=True)
    def look(batch: Tensor) -> Tensor:
        found = tf.nest.flatten(submodel(_with_labels(submodel, batch), training=False))  # one is given as it is
        flat = [tf.reshape(_pooled(tf.cast(maps, tf.float32), side), (tf.shape(batch)[0], -1)) for maps in found]
        return tf.concat(flat, axis=1)

    return np.concatenate([look(images.from_uint8(part)).numpy() for part in _parts(pixels)])


def _pooled(maps: Tensor, side: int) -> Tensor:
    """Maximum of each of side x side regions, which overlap by one pixel if the size is not divisible."""
    size = maps.shape[1]
    if size <= side:
        return maps
    edges = [(start * size // side, -(-(start + 1) * size // side)) for start in range(side)]
    rows = tf.stack([tf.reduce_max(maps[:, low:high], axis=1) for low, high in edges], axis=1)
    return tf.stack([tf.reduce_max(rows[:, :, low:high], axis=2) for low, high in edges], axis=2)
