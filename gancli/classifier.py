"""A classifier of a run's own labelled data: trained once, kept in the cache, its accuracy known."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.special import softmax

from gancli import checkpoints, images
from gancli.architectures.classifier import classifier
from gancli.backend import keras
from gancli.checkpoints import Position
from gancli.data import Dataset
from gancli.data.folder import cache_folder
from gancli.errors import CheckpointError, OptionError

FORMAT = 1  # of the network and its training; a change makes old ones be trained anew
BATCH, LOOK = 128, 256  # images at a time, in training and in use
LOGITS = "classifier/logits/bias"
EPOCHS, MOST_EPOCHS, LEAST_STEPS = 3, 100, 1000  # small sets are shown more often
MOST_IMAGES = 60_000  # as many as MNIST has; larger sets must not fill the memory
HELD_OUT = 0.15  # of data that have no test split


@dataclass(frozen=True)
class Classifier:
    """Reads images. accuracy: share of `tested` images, none of them trained on, that it reads right.

    digest: SHA-256 of the weights. path: its file, which another machine can use (--features FILE).
    """

    layers: keras.Model
    classes: tuple[str, ...]
    accuracy: float
    tested: int
    digest: str
    path: Path

    def look(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (count, height, width, channels) -> features of the layer before the last, float32 (count, 128), and
        the probabilities of the classes, float32 (count, classes)."""
        seen = [self._both.predict_on_batch(images.from_uint8(part)) for part in _batches(pixels)]
        features, logits = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        return features, softmax(logits, axis=1)

    @functools.cached_property
    def _both(self) -> keras.Model:
        outputs = [self.layers.get_layer(name).output for name in ("features", "logits")]
        return keras.Model(self.layers.inputs, outputs)

    def read(self, pixels: np.ndarray, *, confidence: float = 0.0) -> np.ndarray:
        """uint8 (count, height, width, channels) -> class numbers (count,); -1 where the probability is too low."""
        _, probabilities = self.look(pixels)
        return np.where(probabilities.max(axis=1) >= confidence, probabilities.argmax(axis=1), -1)

    def __str__(self) -> str:
        right = f"{self.accuracy:.2%} right on {self.tested:,} images it was not trained on"
        return f"classifier of the data: {right}; sha256 {self.digest[:12]}…"

    def recipe(self) -> dict[str, object]:
        """What a reader needs to trust it."""
        return {"test_accuracy": round(self.accuracy, 5), "test_images": self.tested, "sha256": self.digest}


def need_labels(dataset: Dataset) -> None:
    """Raise OptionError for data without labels."""
    if "label" not in dataset.train:
        raise OptionError(f"the data set '{dataset.name}' has no labels, so no classifier of it can be trained")


def for_dataset(dataset: Dataset, *, note: Callable[[str], None]) -> Classifier:
    """The classifier of a labelled data set, from the cache or trained now (a minute for MNIST on two cores).

    Raises: OptionError if the data have no labels.
    """
    need_labels(dataset)
    path = cache_folder() / "classifiers" / f"{dataset.facts().fingerprint[:32]}-{FORMAT}.h5"
    try:
        return from_file(path, dataset.shape, classes=dataset.classes)
    except CheckpointError:  # absent, damaged or of an older gancli: trained anew
        note(f"training a classifier of '{dataset.name}', once; kept in {path}")
    keras.utils.set_random_seed(0)
    layers = classifier(dataset.shape, len(dataset.classes))
    accuracy, tested = _fit(layers, dataset)
    facts = {"accuracy": np.float64(accuracy), "tested": np.int64(tested)}
    checkpoints.write(path, _weights(layers) | facts, Position())
    return Classifier(layers, dataset.classes, accuracy, tested, digest_of(layers), path)


def from_file(path: Path, shape: tuple[int, int, int], *, classes: tuple[str, ...] = ()) -> Classifier:
    """A classifier that was kept; its classes are numbered if no names are given.

    Raises: CheckpointError if the file is absent, damaged, or for images of another shape or other classes.
    """
    arrays, _ = checkpoints.read(path)
    if not {"accuracy", "tested", LOGITS} <= arrays.keys():
        raise CheckpointError(f"{path} holds no classifier")
    accuracy, tested = float(arrays.pop("accuracy")), int(arrays.pop("tested"))
    classes = classes or tuple(str(number) for number in range(arrays[LOGITS].size))
    layers = classifier(shape, len(classes))
    variables = {variable.path: variable.value for variable in layers.weights}
    checkpoints.assign(arrays, variables, name=path.name)
    return Classifier(layers, classes, accuracy, tested, digest_of(layers), path)


def digest_of(layers: keras.Model) -> str:
    """SHA-256 of a network's weights and their shapes, in order; Keras numbers names anew in each process."""
    return checkpoints.digest({f"{number:05}": weight for number, weight in enumerate(layers.get_weights())})


def _weights(layers: keras.Model) -> dict[str, np.ndarray]:
    return {variable.path: variable.numpy() for variable in layers.weights}


def _batches(pixels: np.ndarray) -> Iterator[np.ndarray]:
    return (pixels[start : start + LOOK] for start in range(0, len(pixels), LOOK))


def _fit(layers: keras.Model, dataset: Dataset) -> tuple[float, int]:
    (train, train_labels), (test, test_labels) = _splits(dataset)
    layers.compile(
        keras.optimizers.Adam(1e-3),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    steps = -(-len(train) // BATCH)
    epochs = min(MOST_EPOCHS, max(EPOCHS, -(-LEAST_STEPS // steps)))
    layers.fit(images.from_uint8(train), train_labels, batch_size=BATCH, epochs=epochs, verbose=0)
    _, accuracy = layers.evaluate(images.from_uint8(test), test_labels, batch_size=256, verbose=0)
    return float(accuracy), len(test)


def _splits(dataset: Dataset) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    order = np.random.default_rng(0).permutation(len(dataset))[:MOST_IMAGES]
    if "label" in dataset.test:
        return _rows(dataset, order), (dataset.test["image"], dataset.test["label"])
    cut = max(1, round(HELD_OUT * len(order)))
    return _rows(dataset, order[cut:]), _rows(dataset, order[:cut])


def _rows(dataset: Dataset, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return dataset.take(rows), dataset.train["label"][:][rows]
