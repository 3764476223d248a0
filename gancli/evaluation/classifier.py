"""Classifiers of a data set's labels, attributes or two domains: trained once and cached, with a known accuracy."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gancli.core.backend import keras, np
from gancli.core.cache import cache_folder
from gancli.core.errors import CheckpointError, DataError, OptionError
from gancli.core.progress import track
from gancli.data import DataFacts, Dataset
from gancli.data.remarks import why_without
from gancli.evaluation import remembered
from gancli.evaluation.classifier_kinds import KINDS
from gancli.evaluation.metrics.attribute_accuracy import are_grouped
from gancli.imaging import images
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position

FORMAT = 3  # of the network and its training; a change makes cached classifiers be trained anew
PREDICTION_BATCH = 256  # images at a time
LOGITS = "logits/bias"  # the end of its name
MAX_IMAGES = 60_000  # as many as MNIST has; larger data sets must not fill the memory
MIN_SIDE, MIN_GROUPED_SIDE = 4, 8  # pixels that two and three poolings by two need
HELD_OUT = 0.15  # of data that have no test split


@dataclass(frozen=True)
class Classifier:
    """A classifier of images. accuracy: the share of `test_images` images, none of them trained on, that are correct.

    classes: names of the outputs. Classes exclude one another; of the kind "attributes" they are attributes, which do
    not; of the kind "domain" they are two kinds of photographs, for which the training is longer and more careful.
    by_attribute: the balanced accuracy of each attribute (0.5 by chance), whose mean is the accuracy; for attributes in
    groups the share of images with the attribute in which it is the most probable of its group.
    digest: SHA-256 of the weights. path: its file, which another machine can use (for labels: --features FILE).
    """

    model: keras.Model
    classes: tuple[str, ...]
    accuracy: float
    test_images: int
    digest: str
    path: Path
    kind: str = "label"
    by_attribute: tuple[float, ...] = ()

    def features_and_probabilities(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (count, height, width, channels) -> features of the penultimate layer, float32 (count, 128), and
        probabilities of the classes, float32 (count, classes)."""
        features, logits = self._outputs(pixels)
        return features, KINDS[self.kind].probabilities(logits)

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float32 (count, classes)."""
        return self.features_and_probabilities(pixels)[1]

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float32 (count, classes)."""
        return self._outputs(pixels)[1]

    def predict(self, pixels: np.ndarray, *, confidence: float = 0.0) -> np.ndarray:
        """uint8 (count, height, width, channels) -> class numbers (count,); -1 where the probability is too low."""
        probabilities = self.probabilities(pixels)
        return np.where(probabilities.max(axis=1) >= confidence, probabilities.argmax(axis=1), -1)

    def _outputs(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return remembered.of_array(self.digest, pixels, lambda: self._compute_outputs(pixels))

    def _compute_outputs(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        batches = track(_batches(pixels), "classifying images", total=-(-len(pixels) // PREDICTION_BATCH))
        parts = [self._two_outputs.predict_on_batch(images.from_uint8(part)) for part in batches]
        features, logits = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
        return features, logits

    @functools.cached_property
    def _two_outputs(self) -> keras.Model:
        outputs = [self.model.get_layer(name).output for name in ("features", "logits")]
        return keras.Model(self.model.inputs, outputs)

    def __str__(self) -> str:
        return self.describe(())

    def describe(self, attributes: Iterable[int]) -> str:
        """A line with the accuracy on held-out images, also that of the attributes with these numbers."""
        text = f"{self.accuracy:.2%} accuracy on {self.test_images:,} held-out images"
        text += "".join(f", {self.classes[number]} {self.by_attribute[number]:.1%}" for number in attributes)
        subject = "attributes" if self.by_attribute else "data"
        return f"classifier of the {subject}: {text}; sha256 {self.digest[:12]}…"

    def recipe(self) -> dict[str, object]:
        """Accuracy in [0, 1], the number of images it was measured on, and the digest of the weights, for --json."""
        return {"test_accuracy": round(self.accuracy, 5), "test_images": self.test_images, "sha256": self.digest}


def need_labels(dataset: Dataset | DataFacts, kind: str = "label") -> None:
    """Raise OptionError for data, or data that a run was trained on, without labels, or without attributes."""
    column = KINDS[kind].column
    is_here = isinstance(dataset, Dataset)
    if column not in (dataset.train if is_here else dataset.columns):
        missing, why = {"label": "labels"}.get(column, column), why_without(column, dataset.remarks if is_here else ())
        text = f"the data set '{dataset.name}' has no {missing}, so no classifier can be trained on it"
        raise OptionError(text + (f" ({why})" if why else ""))


def _need_enough(dataset: Dataset, kind: str) -> None:
    """Raise DataError for a single image, or for images too small for the poolings of the network."""
    least = MIN_GROUPED_SIDE if are_grouped(KINDS[kind].names(dataset)) else MIN_SIDE
    if len(dataset) < 2 or min(dataset.shape[:2]) < least:
        height, width = dataset.shape[:2]
        raise DataError(
            f"no classifier can be trained on the {len(dataset):,} images of {width}x{height} in '{dataset.name}': "
            f"expected two or more of {least}x{least} or larger"
        )


def for_dataset(dataset: Dataset, *, kind: str = "label", note: Callable[[str], None]) -> Classifier:
    """The classifier of a data set's labels, attributes or domains, from the cache or trained now.

    kind: "label", "attributes" or "domain"; or a voter of an ensemble, such as "label-residual" (class_selection).
    Training takes a minute for MNIST on two cores, two for 10,000 faces of 64 x 64, and ten for 2,000 photographs of
    two domains of 64 x 64. Raises: OptionError for data without labels or attributes, DataError for a single image or
    for images of a few pixels.
    """
    need_labels(dataset, kind)
    _need_enough(dataset, kind)
    chosen = KINDS[kind]
    path = cache_folder() / "classifiers" / f"{dataset.facts().fingerprint[:32]}{chosen.suffix}-{FORMAT}.h5"
    return remembered.once(path, lambda: _of_path(path, dataset, kind, note))


def _of_path(path: Path, dataset: Dataset, kind: str, note: Callable[[str], None]) -> Classifier:
    chosen = KINDS[kind]
    names = chosen.names(dataset)
    try:
        return from_file(path, dataset.shape, classes=names, kind=kind)
    except CheckpointError:  # absent, damaged or of an older gancli: trained anew
        note(f"training {chosen.title} of '{dataset.name}', once; cached in {path}")
    keras.utils.set_random_seed(chosen.seed)
    model = chosen.network(dataset.shape, names)
    scores = _train(model, dataset, kind)
    checkpoints.write(path, _weights(model) | scores, Position())
    return _create(model, scores, names, path, kind)


def _create(
    model: keras.Model, scores: dict[str, np.ndarray], names: tuple[str, ...], path: Path, kind: str
) -> Classifier:
    each = tuple(np.atleast_1d(scores["each"]).tolist()) if "each" in scores else ()
    accuracy, tested = float(scores["accuracy"]), int(scores["tested"])
    return Classifier(model, names, accuracy, tested, digest_of(model), path, kind, each)


def from_file(
    path: Path, shape: tuple[int, int, int], *, classes: tuple[str, ...] = (), kind: str = "label"
) -> Classifier:
    """A cached classifier; without names its classes are numbered.

    Raises: CheckpointError if the file is absent, damaged, or for images of another shape or other classes.
    """
    arrays, _ = checkpoints.read(path)
    names = KINDS[kind].scores
    outputs = next((array.size for name, array in arrays.items() if name.endswith(LOGITS)), 0)
    if not (outputs and {*names} <= arrays.keys()):
        raise CheckpointError(f"{path} contains no classifier" + (" of attributes" if kind == "attributes" else ""))
    scores = {name: arrays.pop(name) for name in names}
    classes = classes or tuple(str(number) for number in range(outputs))
    model = KINDS[kind].network(shape, classes)
    variables = {variable.path: variable.value for variable in model.weights}
    checkpoints.assign(arrays, variables, name=path.name)
    return _create(model, scores, classes, path, kind)


def digest_of(model: keras.Model) -> str:
    """SHA-256 of a network's weights and their shapes, in order; Keras numbers names anew in each process."""
    return checkpoints.digest({f"{number:05}": weight for number, weight in enumerate(model.get_weights())})


def _weights(model: keras.Model) -> dict[str, np.ndarray]:
    return {variable.path: variable.numpy() for variable in model.weights}


def _batches(pixels: np.ndarray) -> Iterator[np.ndarray]:
    return (pixels[start : start + PREDICTION_BATCH] for start in range(0, len(pixels), PREDICTION_BATCH))


def _train(model: keras.Model, dataset: Dataset, kind: str) -> dict[str, np.ndarray]:
    """Train on the data; returns the scores on images that are not trained on."""
    chosen = KINDS[kind]
    names = chosen.names(dataset)
    chosen.fit(model, *_training_images(dataset, kind), names)
    test, truth = held_out(dataset, kind)
    logits = np.concatenate([model.predict_on_batch(images.from_uint8(part)) for part in _batches(test)])
    scores = chosen.measure(logits, truth, names) | {"tested": len(test)}
    return {name: np.asarray(value) for name, value in scores.items()}


def _training_images(dataset: Dataset, kind: str) -> tuple[np.ndarray, np.ndarray]:
    column = KINDS[kind].column
    order = _order(dataset)
    return _take(dataset, order if column in dataset.test else order[len(unseen(dataset)) :], column)


def held_out(dataset: Dataset, kind: str = "label") -> tuple[np.ndarray, np.ndarray]:
    """Images that no classifier of this kind is trained on, uint8 (count, height, width, channels), and their class
    numbers (count,) or attributes of 0 and 1 (count, attributes)."""
    column = KINDS[kind].column
    if column in dataset.test:
        return dataset.test["image"], dataset.test[column]
    return _take(dataset, unseen(dataset), column)


def unseen(dataset: Dataset) -> np.ndarray:
    """Rows of the training split, for data without a test split, that no classifier is trained on: int64."""
    order = _order(dataset)
    return order[: max(1, round(HELD_OUT * len(order)))]


def _order(dataset: Dataset) -> np.ndarray:
    return np.random.default_rng(0).permutation(len(dataset))[:MAX_IMAGES]


def _take(dataset: Dataset, rows: np.ndarray, column: str) -> tuple[np.ndarray, np.ndarray]:
    return dataset.take(rows), dataset.train[column][:][rows]
