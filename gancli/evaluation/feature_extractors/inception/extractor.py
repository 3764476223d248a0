"""The features of published FIDs: images of any size, resized, through the Inception network of 2015-12-05."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, graph_function, np, tf
from gancli.core.errors import DataError, OptionError
from gancli.core.progress import track
from gancli.evaluation.feature_extractors.extractor import OF_PAPERS, FeatureChoice, FeatureExtractor
from gancli.evaluation.feature_extractors.inception import network, resizing

if TYPE_CHECKING:
    from gancli.evaluation.feature_extractors.inception.weights import InceptionWeights

BATCH = 32


def check(choice: FeatureChoice) -> None:
    """Raise OptionError for an unknown resizing or size of features."""
    if choice.resize not in (None, *resizing.METHODS):
        raise OptionError(f"--resize {choice.resize}: expected one of {', '.join(resizing.METHODS)}")
    if choice.dims not in (None, *network.DIMS):
        raise OptionError(f"--dims {choice.dims}: expected one of {', '.join(map(str, network.DIMS))}")


def load(choice: FeatureChoice, *, note: Callable[[str], None]) -> FeatureExtractor:
    """The extractor of a choice, with weights from its file or from where they are kept.

    Raises: OptionError for an unknown resizing or size; DataError, CheckpointError for weights that are not available.
    """
    check(choice)
    from gancli.evaluation.feature_extractors.inception import weights

    return of_weights(weights.load(choice.weights_file, note=note), choice)


def of_weights(weights: InceptionWeights, choice: FeatureChoice) -> FeatureExtractor:
    """The extractor with these weights. Features have 2048 numbers by default, and only those have probabilities: of
    1008 classes, from the logits without bias."""
    method, dims = choice.resize or resizing.METHODS[0], choice.dims or max(network.DIMS)
    recipe = {
        "weights": weights.source,
        "sha256": weights.sha256,
        "resize": f"{method}, to {network.SIDE} pixels",
        "normalization": resizing.NORMALIZATION[method],
        "dims": dims,
        "input": "8-bit pixels, as in a PNG file",
    }
    description = f"{method} resizing; {dims} features; weights {weights.source}; sha256 {weights.sha256[:12]}…"
    name = OF_PAPERS if weights.is_published else f"{OF_PAPERS} with weights {weights.sha256[:8]}"
    published = f"{OF_PAPERS}, {method}" + (f", {dims}" if dims < max(network.DIMS) else "")
    run = _graph(network.build(weights.tensors, dims=dims), method, dims)
    extract = _extraction(run, method, dims)
    return FeatureExtractor(name, extract, recipe, description, published if weights.is_published else "")


def _graph(
    model: Callable[..., dict[str, Tensor]], method: str, dims: int
) -> tf.types.experimental.PolymorphicFunction:
    """A function of a batch that returns features, and with 2048 probabilities."""

    @graph_function
    def run(pixels: Tensor) -> list[Tensor]:
        outputs = model(resizing.network_input(pixels, method), training=False)
        return [outputs[str(dims)], *([tf.nn.softmax(outputs["logits"])] if "logits" in outputs else [])]

    return run


def _extraction(
    run: tf.types.experimental.PolymorphicFunction, method: str, dims: int
) -> Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]:
    def extract(pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
        if pixels.shape[-1] not in (1, 3):
            raise DataError(f"images have {pixels.shape[-1]} channels: {OF_PAPERS} needs gray or RGB images")
        features = np.empty((len(pixels), dims), np.float32)
        classes = np.empty((len(pixels), network.CLASSES), np.float32) if dims == max(network.DIMS) else None
        starts = track(range(0, len(pixels), BATCH), "features of images")
        for start, batch in zip(starts, _batches(pixels, method), strict=True):
            traced = run.get_concrete_function(tf.TensorSpec((None, *batch.shape[1:]), batch.dtype))  # once
            found, *probabilities = traced(batch)
            features[start : start + BATCH] = found
            if classes is not None:
                classes[start : start + BATCH] = probabilities[0]
        return features, classes

    return extract


def _batches(pixels: np.ndarray, method: str) -> Iterator[Tensor]:
    """Batches as the graph takes them; with "clean", the next one is resized while the network computes."""
    parts = [pixels[start : start + BATCH] for start in range(0, len(pixels), BATCH)]
    if method != "clean":
        yield from map(_tensor, parts)
        return
    with ThreadPoolExecutor(1) as ahead, ThreadPoolExecutor(os.cpu_count()) as workers:
        ready = None
        for part in [*parts, None]:
            following = None if part is None else ahead.submit(resizing.resized, part, workers=workers)
            if ready is not None:
                yield _tensor(ready.result())
            ready = following


def _tensor(batch: np.ndarray) -> Tensor:
    return tf.constant(batch)
