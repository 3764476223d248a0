"""A classifier of a run's own labelled data: trained once, kept in the cache, its accuracy known."""

from __future__ import annotations

from collections.abc import Callable
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
from gancli.errors import CheckpointError, DataError

FORMAT = 1  # of the network and its training; a change makes old ones be trained anew
BATCH = 128
EPOCHS, MOST_EPOCHS, LEAST_STEPS = 3, 100, 1000  # small sets are shown more often
MOST_IMAGES = 60_000  # as many as MNIST has; larger sets must not fill the memory
HELD_OUT = 0.15  # of data that have no test split


@dataclass(frozen=True)
class Classifier:
    """Reads images. accuracy: share of `tested` images, none of them trained on, that it reads right."""

    layers: keras.Model
    classes: tuple[str, ...]
    accuracy: float
    tested: int
    digest: str

    def read(self, pixels: np.ndarray, *, confidence: float = 0.0) -> np.ndarray:
        """uint8 (count, height, width, channels) -> class numbers (count,); -1 where the probability is too low."""
        logits = self.layers.predict(images.from_uint8(pixels), batch_size=256, verbose=0)
        return np.where(softmax(logits, axis=1).max(axis=1) >= confidence, logits.argmax(axis=1), -1)

    def __str__(self) -> str:
        return f"classifier of the run's data: {self.accuracy:.2%} right on {self.tested:,} test images"

    def recipe(self) -> dict[str, object]:
        """What a reader needs to trust it."""
        return {"test_accuracy": round(self.accuracy, 5), "test_images": self.tested, "sha256": self.digest}


def for_dataset(dataset: Dataset, *, note: Callable[[str], None]) -> Classifier:
    """The classifier of a labelled data set, from the cache or trained now (a minute for MNIST on two cores).

    Raises: DataError if the data have no labels.
    """
    if "label" not in dataset.train:
        raise DataError(
            f"the data set '{dataset.name}' has no labels, so no image can be read as a class; use --seeds instead"
        )
    path = cache_folder() / "classifiers" / f"{dataset.facts().fingerprint[:32]}-{FORMAT}.h5"
    keras.utils.set_random_seed(0)
    layers = classifier(dataset.shape, len(dataset.classes))
    try:
        return _stored(path, layers, dataset)
    except CheckpointError:  # absent, damaged or of an older gancli: trained anew
        note(f"training a classifier of '{dataset.name}', once; kept in {path}")
    accuracy, tested = _fit(layers, dataset)
    arrays = _weights(layers)
    checkpoints.write(path, arrays | {"accuracy": np.float64(accuracy), "tested": np.int64(tested)}, Position())
    return Classifier(layers, dataset.classes, accuracy, tested, checkpoints.digest(arrays))


def _weights(layers: keras.Model) -> dict[str, np.ndarray]:
    return {variable.path: variable.numpy() for variable in layers.weights}


def _stored(path: Path, layers: keras.Model, dataset: Dataset) -> Classifier:
    arrays, _ = checkpoints.read(path)
    if not {"accuracy", "tested"} <= arrays.keys():
        raise CheckpointError(f"{path} holds no classifier")
    accuracy, tested = float(arrays.pop("accuracy")), int(arrays.pop("tested"))
    variables = {variable.path: variable.value for variable in layers.weights}
    checkpoints.assign(arrays, variables, name=path.name)
    return Classifier(layers, dataset.classes, accuracy, tested, checkpoints.digest(arrays))


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
    return np.stack([dataset.train["image"][row] for row in rows]), dataset.train["label"][:][rows]
