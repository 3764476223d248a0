"""A classifier of a run's own data, of labels, attributes or two domains: trained once and kept, its accuracy known."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.special import expit, softmax

from gancli import checkpoints, images
from gancli.architectures.classifier import classifier, of_domains, of_many
from gancli.backend import Tensor, keras, tf
from gancli.checkpoints import Position
from gancli.data import Dataset
from gancli.data.folder import cache_folder
from gancli.errors import CheckpointError, OptionError
from gancli.metrics.obedience import are_grouped, groups, measure

FORMAT = 3  # of the network and its training; a change makes old ones be trained anew
BATCH, LOOK = 128, 256  # images at a time, in training and in use
LOGITS = "classifier/logits/bias"
EPOCHS, MOST_EPOCHS, LEAST_STEPS = 3, 100, 1000  # small sets are shown more often
MOST_IMAGES = 60_000  # as many as MNIST has; larger sets must not fill the memory
HELD_OUT = 0.15  # of data that have no test split
DOMAIN_BATCH, DOMAIN_EPOCHS, DOMAIN_STEPS = 32, 60, (400, 6000)  # steps: at least, at most


@dataclass(frozen=True)
class Classifier:
    """Reads images. accuracy: share of `tested` images, none of them trained on, that it reads right.

    classes: what it reads, classes that exclude one another, or of the kind "attributes" attributes that do not; of the
    kind "domain" they are two kinds of photographs, which are learned longer and with more care.
    each: of attributes, how much of each it reads right: the mean of its shares of those that have it and of those that
    have not, 0.5 for a guess; their mean is then the accuracy. Of attributes in groups (gancli.metrics.obedience) it is
    the share of images that show it in which it is the likeliest of its group.
    digest: SHA-256 of the weights. path: its file, which another machine can use (of labels: --features FILE).
    """

    layers: keras.Model
    classes: tuple[str, ...]
    accuracy: float
    tested: int
    digest: str
    path: Path
    kind: str = "label"
    each: tuple[float, ...] = ()

    def look(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """uint8 (count, height, width, channels) -> features of the layer before the last, float32 (count, 128), and
        the probabilities of the classes, float32 (count, classes)."""
        seen = [self._both.predict_on_batch(images.from_uint8(part)) for part in _batches(pixels)]
        features, logits = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        return features, (softmax(logits, axis=1) if self.kind != "attributes" else expit(logits))

    @functools.cached_property
    def _both(self) -> keras.Model:
        outputs = [self.layers.get_layer(name).output for name in ("features", "logits")]
        return keras.Model(self.layers.inputs, outputs)

    def read(self, pixels: np.ndarray, *, confidence: float = 0.0) -> np.ndarray:
        """uint8 (count, height, width, channels) -> class numbers (count,); -1 where the probability is too low."""
        _, probabilities = self.look(pixels)
        return np.where(probabilities.max(axis=1) >= confidence, probabilities.argmax(axis=1), -1)

    def __str__(self) -> str:
        return self.told(())

    def told(self, attributes: Iterable[int]) -> str:
        """How good it is, at these attributes."""
        right = f"{self.accuracy:.2%} right on {self.tested:,} images it was not trained on"
        right += "".join(f", {self.classes[number]} {self.each[number]:.1%}" for number in attributes)
        what = "data's attributes" if self.kind == "attributes" else "data"
        return f"classifier of the {what}: {right}; sha256 {self.digest[:12]}…"

    def recipe(self) -> dict[str, object]:
        """What a reader needs to trust it."""
        return {"test_accuracy": round(self.accuracy, 5), "test_images": self.tested, "sha256": self.digest}


def need_labels(dataset: Dataset, kind: str = "label") -> None:
    """Raise OptionError for data without labels, or without attributes."""
    column = _KINDS[kind].column
    if column not in dataset.train:
        lacking = {"label": "labels"}.get(column, column)
        raise OptionError(f"the data set '{dataset.name}' has no {lacking}, so no classifier of it can be trained")


def for_dataset(dataset: Dataset, *, kind: str = "label", note: Callable[[str], None]) -> Classifier:
    """The classifier of a data set's labels, attributes or domains, from the cache or trained now.

    That takes a minute for MNIST on two cores, and two for 10,000 faces of 64 x 64; ten for 2,000 photographs of two
    kinds, of 64 x 64. Raises: OptionError if the data have none.
    """
    need_labels(dataset, kind)
    names, ending = _KINDS[kind].names(dataset), _KINDS[kind].ending
    path = cache_folder() / "classifiers" / f"{dataset.facts().fingerprint[:32]}{ending}-{FORMAT}.h5"
    try:
        return from_file(path, dataset.shape, classes=names, kind=kind)
    except CheckpointError:  # absent, damaged or of an older gancli: trained anew
        note(f"training a classifier of '{dataset.name}', once; kept in {path}")
    keras.utils.set_random_seed(0)
    layers = _layers(dataset.shape, names, kind)
    facts = _fit(layers, dataset, kind)
    checkpoints.write(path, _weights(layers) | facts, Position())
    return _kept(layers, facts, names, path, kind)


def _kept(
    layers: keras.Model, facts: dict[str, np.ndarray], names: tuple[str, ...], path: Path, kind: str
) -> Classifier:
    each = tuple(np.atleast_1d(facts["each"]).tolist()) if "each" in facts else ()
    accuracy, tested = float(facts["accuracy"]), int(facts["tested"])
    return Classifier(layers, names, accuracy, tested, digest_of(layers), path, kind, each)


def from_file(
    path: Path, shape: tuple[int, int, int], *, classes: tuple[str, ...] = (), kind: str = "label"
) -> Classifier:
    """A classifier that was kept; its classes are numbered if no names are given.

    Raises: CheckpointError if the file is absent, damaged, or for images of another shape or other classes.
    """
    arrays, _ = checkpoints.read(path)
    told = _KINDS[kind].told
    if not {*told, LOGITS} <= arrays.keys():
        raise CheckpointError(f"{path} holds no classifier" + (" of attributes" if kind == "attributes" else ""))
    facts = {name: arrays.pop(name) for name in told}
    classes = classes or tuple(str(number) for number in range(arrays[LOGITS].size))
    layers = _layers(shape, classes, kind)
    variables = {variable.path: variable.value for variable in layers.weights}
    checkpoints.assign(arrays, variables, name=path.name)
    return _kept(layers, facts, classes, path, kind)


def _layers(shape: tuple[int, int, int], names: tuple[str, ...], kind: str) -> keras.Model:
    """The network: mirror images show the same attributes of faces, but neither the same places nor the same digits."""
    if kind == "domain":
        return of_domains(shape, len(names))
    if kind == "attributes" and are_grouped(names):
        return of_many(shape, len(names))
    return classifier(shape, len(names), flips=kind == "attributes")


def digest_of(layers: keras.Model) -> str:
    """SHA-256 of a network's weights and their shapes, in order; Keras numbers names anew in each process."""
    return checkpoints.digest({f"{number:05}": weight for number, weight in enumerate(layers.get_weights())})


def _weights(layers: keras.Model) -> dict[str, np.ndarray]:
    return {variable.path: variable.numpy() for variable in layers.weights}


def _batches(pixels: np.ndarray) -> Iterator[np.ndarray]:
    return (pixels[start : start + LOOK] for start in range(0, len(pixels), LOOK))


class _Kind(NamedTuple):
    """What differs between kinds: the names of the logits, the file, what is told of the result, the data's column."""

    names: Callable[[Dataset], tuple[str, ...]]
    ending: str
    told: tuple[str, ...]
    column: str = "label"


_KINDS = {
    "label": _Kind(lambda data: data.classes, "", ("accuracy", "tested")),
    "attributes": _Kind(lambda data: data.attributes, "-attributes", ("accuracy", "tested", "each"), "attributes"),
    "domain": _Kind(lambda data: data.classes, "-domain", ("accuracy", "tested")),
}


def _loss(truth: np.ndarray, kind: str, names: tuple[str, ...]) -> Callable:
    """Cross-entropy; of attributes, those that are there and those that are not count the same, however rare; of
    attributes in groups, that of each group's one value."""
    if kind != "attributes":
        return keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    if are_grouped(names):
        return _by_groups(list(groups(names).values()))
    share = np.clip(truth.mean(axis=0), 1 / len(truth), 1 - 1 / len(truth)).astype(np.float32)

    def balanced(truth: Tensor, logits: Tensor) -> Tensor:
        truth = tf.cast(truth, tf.float32)
        weight = 0.5 * (truth / share + (1 - truth) / (1 - share))
        return tf.reduce_mean(weight * tf.nn.sigmoid_cross_entropy_with_logits(truth, logits))

    return balanced


def _by_groups(members: list[list[int]]) -> Callable:
    """The sum of the groups' cross-entropies; a group of which an image shows nothing does not count for it."""

    def summed(truth: Tensor, logits: Tensor) -> Tensor:
        truth, total = tf.cast(truth, tf.float32), 0.0
        for group in members:
            own = tf.gather(truth, group, axis=1)
            costs = tf.nn.softmax_cross_entropy_with_logits(own, tf.gather(logits, group, axis=1))
            total += tf.reduce_mean(tf.reduce_sum(own, axis=1) * costs)  # the kernel's slope wants rows that sum to 1
        return total

    return summed


def _fit(layers: keras.Model, dataset: Dataset, kind: str) -> dict[str, np.ndarray]:
    """Train; returns what is told of the result."""
    (train, train_labels), (test, test_labels) = _splits(dataset, kind)
    if kind == "domain":
        _learn_domains(layers, train, train_labels)
    else:
        layers.compile(keras.optimizers.Adam(1e-3), loss=_loss(train_labels, kind, dataset.attributes))
        steps = -(-len(train) // BATCH)
        epochs = min(MOST_EPOCHS, max(EPOCHS, -(-LEAST_STEPS // steps)))
        layers.fit(images.from_uint8(train), train_labels, batch_size=BATCH, epochs=epochs, verbose=0)
    logits = np.concatenate([layers.predict_on_batch(images.from_uint8(part)) for part in _batches(test)])
    if kind == "attributes" and are_grouped(dataset.attributes):
        found = measure(logits, test_labels, dataset.attributes)
        told = {"accuracy": np.float64(found.share), "tested": np.int64(len(test))}
        return told | {"each": np.array([found.by_value[name] for name in dataset.attributes])}
    right = _right(logits, test_labels, kind)
    told = {"accuracy": np.float64(right.mean()), "tested": np.int64(len(test))}
    return told | ({"each": right} if kind == "attributes" else {})


def _right(logits: np.ndarray, truth: np.ndarray, kind: str) -> np.ndarray:
    """What is right, of each image, of each attribute, or of each of two kinds: their mean is the accuracy."""
    if kind == "attributes":
        return _balanced(logits > 0, truth)
    right = logits.argmax(axis=1) == truth
    return np.array([right[truth == side].mean() for side in np.unique(truth)]) if kind == "domain" else right


def _learn_domains(layers: keras.Model, pixels: np.ndarray, labels: np.ndarray) -> None:
    """Both kinds count the same, however many there are; smoothed labels, decaying weights and a rate that falls."""
    steps_each, (least, most) = -(-len(pixels) // DOMAIN_BATCH), DOMAIN_STEPS
    epochs = max(1, min(most // steps_each, max(DOMAIN_EPOCHS, -(-least // steps_each))))
    steps = epochs * steps_each
    rate = keras.optimizers.schedules.CosineDecay(1e-6, steps, warmup_target=2e-3, warmup_steps=steps // 20)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    layers.compile(keras.optimizers.AdamW(rate, weight_decay=0.05), loss=loss)
    weights = {side: len(labels) / 2 / max(1, (labels == side).sum()) for side in range(2)}
    fit = {"batch_size": DOMAIN_BATCH, "epochs": epochs, "class_weight": weights, "verbose": 0}
    layers.fit(images.from_uint8(pixels), keras.utils.to_categorical(labels, 2), **fit)


def _balanced(read: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Of each attribute the mean of the shares read right where it is there and where not, float64 (attributes,)."""
    from sklearn.metrics import balanced_accuracy_score  # slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an attribute that none of the images has
        return np.array([balanced_accuracy_score(*pair) for pair in zip(truth.T, read.T, strict=True)])


def _splits(dataset: Dataset, kind: str) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    order, column = _order(dataset), _KINDS[kind].column
    if column in dataset.test:
        return _rows(dataset, order, column), (dataset.test["image"], dataset.test[column])
    first = unseen(dataset)
    return _rows(dataset, order[len(first) :], column), _rows(dataset, first, column)


def unseen(dataset: Dataset) -> np.ndarray:
    """Rows of the training split, of data without a test split, that no classifier of them learns from: int64."""
    order = _order(dataset)
    return order[: max(1, round(HELD_OUT * len(order)))]


def _order(dataset: Dataset) -> np.ndarray:
    return np.random.default_rng(0).permutation(len(dataset))[:MOST_IMAGES]


def _rows(dataset: Dataset, rows: np.ndarray, column: str) -> tuple[np.ndarray, np.ndarray]:
    return dataset.take(rows), dataset.train[column][:][rows]
