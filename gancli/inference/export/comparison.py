"""Seeded inputs of a network, in several batch sizes and sizes of images, and how far two outputs are apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from gancli.core.backend import Tensor, np, tf
from gancli.inference.export.networks import ExportedNetwork
from gancli.models.base import Model
from gancli.models.capabilities import Latent, TextEncoder, Translator

TOLERANCE = 1e-4  # of outputs around 1: pixels, probabilities
HALF_TOLERANCE = 0.02  # of weights in float16
BATCHES = (1, 3, 8)
SIDES = ((20, 24), (36, 28), (20, 24))  # of images of any size, in pixels; made multiples of what a network needs
LENGTHS = (9, 12, 10)  # of rows of words or letters


def cases(model: Model, network: ExportedNetwork) -> list[list[np.ndarray]]:
    """Inputs of a network, in order, for each batch size; the same at every call.

    z are those of seeds 0, 1, …, labels every class in turn, rows texts of different lengths, and everything else is
    uniform in [-1, 1].
    """
    found = []
    for number, (batch, sides, length) in enumerate(zip(BATCHES, SIDES, LENGTHS, strict=True)):
        random = np.random.default_rng(number)
        shapes = [_shape(model, one, batch, sides, length) for one in network.inputs]
        pairs = zip(network.inputs, shapes, strict=True)
        found.append([_values(model, one, shape, random) for one, shape in pairs])
    return found


def _shape(model: Model, tensor: Tensor, batch: int, sides: tuple[int, int], length: int) -> tuple[int, ...]:
    """The shape of an input, with sizes for those that are free."""
    multiple = model.multiple if isinstance(model, Translator) else 1
    free: Iterator[int] = iter([batch, length])
    if len(tensor.shape) == 4:
        free = iter([batch, *(-(-side // multiple) * multiple for side in sides)])
    return tuple(next(free) if size is None else size for size in tensor.shape)


def _values(model: Model, tensor: Tensor, shape: tuple[int, ...], random: np.random.Generator) -> np.ndarray:
    if tensor.name == "z" and isinstance(model, Latent) and shape[1] == model.z_size:
        return model.latents(range(shape[0]))
    if tensor.name == "label":
        return np.eye(shape[1], dtype=np.float32)[np.arange(shape[0]) % shape[1]]
    if np.issubdtype(np.dtype(tensor.dtype), np.integer):
        highest = model.vocabulary.size if isinstance(model, TextEncoder) else 2
        rows = random.integers(1, highest, shape)
        lengths = random.integers(1, shape[1] + 1, (shape[0], 1))
        lengths[0] = shape[1]
        return np.where(np.arange(shape[1]) < lengths, rows, 0).astype(tensor.dtype)
    return random.uniform(-1, 1, shape).astype(tensor.dtype)


def reference(network: ExportedNetwork, inputs: Sequence[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """The outputs of gancli's own layers in float32 for each list of inputs."""
    return [[np.asarray(one) for one in network.method(*map(tf.constant, case))] for case in inputs]


def rebuilt(network: ExportedNetwork, inputs: Sequence[list[np.ndarray]]) -> list[list[np.ndarray]]:
    """The outputs of the network of Keras' own layers."""
    return [[np.asarray(one) for one in network.call(*map(tf.constant, case))] for case in inputs]


def difference(ours: Sequence[list[np.ndarray]], theirs: Sequence[list[np.ndarray]]) -> float:
    """The largest absolute difference of any number, relative to the largest number of an output that exceeds 1.

    Infinite if a shape differs or a number is not finite.
    """
    largest = 0.0
    for our_outputs, their_outputs in zip(ours, theirs, strict=True):
        for one, other in zip(our_outputs, their_outputs, strict=True):
            if one.shape != other.shape or not (np.isfinite(one).all() and np.isfinite(other).all()):
                return float("inf")
            if one.size:
                apart = np.abs(one.astype(np.float64) - other).max() / max(1.0, np.abs(one).max())
                largest = max(largest, float(apart))
    return largest
