"""Semantic segmentation at any image size."""

from __future__ import annotations

from dataclasses import replace

from gancli.core.backend import Image, graph_function, np, tf
from gancli.core.errors import DataError
from gancli.data import DataFacts, Dataset
from gancli.data.annotations.label_maps import IGNORED
from gancli.data.remarks import some
from gancli.imaging import images
from gancli.inference.upscaling import need_room
from gancli.models.capabilities import Segmenter


class SegmentationPredictor:
    """Predicts the class of each pixel of images of any size, with one compiled graph.

    side: resize the shorter side of each image to this first, because the model recognizes objects at the size they had
    in training; None to keep the size.
    """

    def __init__(self, model: Segmenter, *, side: int | None = None) -> None:
        self.side, self.classes = side, len(model.data.classes)
        self._maps = max(self.classes, model.options.width)  # per pixel
        self.channels = model.data.shape[2]
        anything = tf.TensorSpec((1, None, None, self.channels), tf.uint8)
        size = tf.TensorSpec((2,), tf.int32)
        self._run = graph_function(
            lambda part, size: tf.argmax(tf.image.resize(model.segment(images.from_uint8(part)), size), axis=-1),
            input_signature=[anything, size],
        )

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (height, width, channels) -> the most probable classes uint8 (height, width).

        Raises: ResourceError if the probabilities do not fit in memory.
        """
        size, resized = pixels.shape[:2], self._sized(pixels.shape[:2])
        for height, width in (size, resized):
            need_room(height, width, 4 * self._maps)
        if resized != size:
            picture = images.to_pillow(pixels).resize(resized[::-1], Image.Resampling.BICUBIC)
            pixels = np.asarray(picture).reshape(*resized, pixels.shape[2])
        labels = self._run(tf.constant(pixels[None]), tf.constant(size, tf.int32))[0]
        return labels.numpy().astype(np.uint8)

    def _sized(self, size: tuple[int, int]) -> tuple[int, int]:
        zoom = 1.0 if self.side is None else self.side / min(size)
        return tuple(max(1, round(zoom * side)) for side in size)


def map_classes(dataset: Dataset, facts: DataFacts) -> Dataset:
    """A data set with label maps, renumbered to the classes of a run.

    Label maps without a list of classes have those that occur in them, so some may be missing. Raises: DataError for
    unknown classes, or data without label maps.
    """
    unknown = [name for name in dataset.classes if name not in facts.classes]
    if "map" not in dataset.train or unknown:
        what = f"classes that the run does not know: {some(unknown)}" if unknown else "no label maps"
        raise DataError(f"'{dataset.name}' has {what}")
    if dataset.classes == facts.classes:
        return dataset
    table = np.full(256, IGNORED, np.uint8)
    table[: len(dataset.classes)] = [facts.classes.index(name) for name in dataset.classes]
    train, test = (
        {name: table[values] if name == "map" else values for name, values in part.items()}
        for part in (dataset.train, dataset.test)
    )
    return replace(dataset, train=train, test=test, classes=facts.classes, palette=facts.palette, numbers=facts.numbers)


def overlay(pixels: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """An image uint8 (height, width, 1 or 3) blended half and half with the colors of its classes."""
    return ((pixels.astype(np.uint16) + colors) // 2).astype(np.uint8)
