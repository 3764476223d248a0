"""Pictures of any size through a model that names the class of each pixel."""

from __future__ import annotations

from dataclasses import replace

from gancli.core.backend import Image, np, tf
from gancli.core.errors import DataError
from gancli.data import DataFacts, Dataset
from gancli.data.annotations.label_maps import IGNORED
from gancli.data.remarks import some
from gancli.imaging import images
from gancli.inference.upscaling import need_room
from gancli.models.capabilities import Segmenter


class SegmentationPredictor:
    """Names the classes of the pixels of pictures, at any size by one graph.

    side: to which the shorter side of each picture is brought first, as the model knows things by the size they had in
    its training; None: pictures are taken as they are.
    """

    def __init__(self, model: Segmenter, *, side: int | None = None) -> None:
        self.side, self.classes = side, len(model.data.classes)
        self._maps = max(self.classes, model.options.width)  # of a pixel
        self.channels = model.data.shape[2]
        anything = tf.TensorSpec((1, None, None, self.channels), tf.uint8)
        size = tf.TensorSpec((2,), tf.int32)
        self._run = tf.function(
            lambda part, size: tf.argmax(tf.image.resize(model.segment(images.from_uint8(part)), size), axis=-1),
            input_signature=[anything, size],
        )

    def __call__(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (height, width, channels) -> classes uint8 (height, width), of the likeliest.

        Raises: ResourceError if the memory does not hold the probabilities.
        """
        size, seen = pixels.shape[:2], self._sized(pixels.shape[:2])
        for height, width in (size, seen):
            need_room(height, width, 4 * self._maps)
        if seen != size:
            picture = images.to_pillow(pixels).resize(seen[::-1], Image.Resampling.BICUBIC)
            pixels = np.asarray(picture).reshape(*seen, pixels.shape[2])
        found = self._run(tf.constant(pixels[None]), tf.constant(size, tf.int32))[0]
        return found.numpy().astype(np.uint8)

    def _sized(self, size: tuple[int, int]) -> tuple[int, int]:
        """Height and width at which a picture is looked at."""
        zoom = 1.0 if self.side is None else self.side / min(size)
        return tuple(max(1, round(zoom * side)) for side in size)


def map_classes(dataset: Dataset, facts: DataFacts) -> Dataset:
    """Data with label maps, whose classes are some of those that a run knows, with the run's numbers in their maps.

    Maps without a list have the classes that occur in them, so other data may lack some. Raises: DataError for data
    with further classes, or without maps.
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
        {name: table[held] if name == "map" else held for name, held in part.items()}
        for part in (dataset.train, dataset.test)
    )
    return replace(dataset, train=train, test=test, classes=facts.classes, palette=facts.palette, numbers=facts.numbers)


def overlay(pixels: np.ndarray, colors: np.ndarray) -> np.ndarray:
    """A picture uint8 (height, width, 1 or 3) with the colours of its classes over it, half and half."""
    return ((pixels.astype(np.uint16) + colors) // 2).astype(np.uint8)
