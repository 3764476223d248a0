"""A classifier of a run's own data, of labels, attributes or two domains: trained once and kept, its accuracy known."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gancli.core.backend import Tensor, keras, np, special, tf
from gancli.core.cache import cache_folder
from gancli.core.errors import CheckpointError, DataError, OptionError
from gancli.data import Dataset
from gancli.data.remarks import why_without
from gancli.evaluation.metrics.attribute_accuracy import are_grouped, groups, measure
from gancli.imaging import images
from gancli.nn.architectures.classifier import classifier, of_domains, of_many, of_slopes, residual
from gancli.runs import checkpoints
from gancli.runs.checkpoints import Position

FORMAT = 3  # of the network and its training; a change makes old ones be trained anew
BATCH, LOOK = 128, 256  # images at a time, in training and in use
LOGITS = "logits/bias"  # the end of its name
EPOCHS, MOST_EPOCHS, LEAST_STEPS = 3, 100, 1000  # small sets are shown more often
MOST_IMAGES = 60_000  # as many as MNIST has; larger sets must not fill the memory
LEAST_SIDE, LEAST_OF_MANY = 4, 8  # pixels that two and three poolings by two need
HELD_OUT = 0.15  # of data that have no test split
JUDGES = {
    "residual": residual,
    "slopes": of_slopes,
}  # beside the plain one: see class_selection.py
DOMAIN_BATCH, DOMAIN_EPOCHS, DOMAIN_STEPS = 32, 60, (400, 6000)  # steps: at least, at most


@dataclass(frozen=True)
class Classifier:
    """Reads images. accuracy: share of `tested` images, none of them trained on, that it reads right.

    classes: what it reads, classes that exclude one another, or of the kind "attributes" attributes that do not; of the
    kind "domain" they are two kinds of photographs, which are learned longer and with more care.
    each: of attributes, how much of each it reads right: the mean of its shares of those that have it and of those that
    have not, 0.5 for a guess; their mean is then the accuracy. Of attributes in groups it is the
    share of images that show it in which it is the likeliest of its group.
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
        features, logits = self._seen(pixels)
        return features, _KINDS[self.kind].probabilities(logits)

    def logits(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float32 (count, classes)."""
        return self._seen(pixels)[1]

    def _seen(self, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        seen = [self._both.predict_on_batch(images.from_uint8(part)) for part in _batches(pixels)]
        features, logits = (np.concatenate(parts) for parts in zip(*seen, strict=True))
        return features, logits

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
        what = "data's attributes" if self.each else "data"
        return f"classifier of the {what}: {right}; sha256 {self.digest[:12]}…"

    def recipe(self) -> dict[str, object]:
        """What a reader needs to trust it."""
        return {"test_accuracy": round(self.accuracy, 5), "test_images": self.tested, "sha256": self.digest}


def need_labels(dataset: Dataset, kind: str = "label") -> None:
    """Raise OptionError for data without labels, or without attributes."""
    column = _KINDS[kind].column
    if column not in dataset.train:
        lacking, why = {"label": "labels"}.get(column, column), why_without(column, dataset.remarks)
        text = f"the data set '{dataset.name}' has no {lacking}, so no classifier of it can be trained"
        raise OptionError(text + (f" ({why})" if why else ""))


def _need_enough(dataset: Dataset, kind: str) -> None:
    """Raise DataError for a single image, or for images that the networks' poolings leave nothing of."""
    least = LEAST_OF_MANY if are_grouped(_KINDS[kind].names(dataset)) else LEAST_SIDE
    if len(dataset) < 2 or min(dataset.shape[:2]) < least:
        height, width = dataset.shape[:2]
        raise DataError(
            f"no classifier can be trained on the {len(dataset):,} images of {width}x{height} in '{dataset.name}': "
            f"expected two or more of {least}x{least} or larger"
        )


def for_dataset(dataset: Dataset, *, kind: str = "label", note: Callable[[str], None]) -> Classifier:
    """The classifier of a data set's labels, attributes or domains, from the cache or trained now.

    kind: also a judge of labels or attributes, such as "label-residual", see JUDGES. That takes a minute for MNIST on
    two cores, and two for 10,000 faces of 64 x 64; ten for 2,000 photographs of two kinds, of 64 x 64. Raises:
    OptionError if the data have none, DataError for one image alone, or for images of a few pixels.
    """
    need_labels(dataset, kind)
    _need_enough(dataset, kind)
    names, ending = _KINDS[kind].names(dataset), _KINDS[kind].ending
    path = cache_folder() / "classifiers" / f"{dataset.facts().fingerprint[:32]}{ending}-{FORMAT}.h5"
    try:
        return from_file(path, dataset.shape, classes=names, kind=kind)
    except CheckpointError:  # absent, damaged or of an older gancli: trained anew
        note(f"training {_KINDS[kind].called} of '{dataset.name}', once; kept in {path}")
    keras.utils.set_random_seed(_KINDS[kind].seed)
    layers = _KINDS[kind].layers(dataset.shape, names)
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
    outputs = next((array.size for name, array in arrays.items() if name.endswith(LOGITS)), 0)
    if not (outputs and {*told} <= arrays.keys()):
        raise CheckpointError(f"{path} holds no classifier" + (" of attributes" if kind == "attributes" else ""))
    facts = {name: arrays.pop(name) for name in told}
    classes = classes or tuple(str(number) for number in range(outputs))
    layers = _KINDS[kind].layers(shape, classes)
    variables = {variable.path: variable.value for variable in layers.weights}
    checkpoints.assign(arrays, variables, name=path.name)
    return _kept(layers, facts, classes, path, kind)


def digest_of(layers: keras.Model) -> str:
    """SHA-256 of a network's weights and their shapes, in order; Keras numbers names anew in each process."""
    return checkpoints.digest({f"{number:05}": weight for number, weight in enumerate(layers.get_weights())})


def _weights(layers: keras.Model) -> dict[str, np.ndarray]:
    return {variable.path: variable.numpy() for variable in layers.weights}


def _batches(pixels: np.ndarray) -> Iterator[np.ndarray]:
    return (pixels[start : start + LOOK] for start in range(0, len(pixels), LOOK))


def _fit(layers: keras.Model, dataset: Dataset, kind: str) -> dict[str, np.ndarray]:
    """Train; returns what is told of the result."""
    chosen = _KINDS[kind]
    (train, train_truth), (test, test_truth) = _splits(dataset, kind)
    names = chosen.names(dataset)
    chosen.learn(layers, train, train_truth, names)
    logits = np.concatenate([layers.predict_on_batch(images.from_uint8(part)) for part in _batches(test)])
    told = chosen.measure(logits, test_truth, names) | {"tested": len(test)}
    return {name: np.asarray(value) for name, value in told.items()}


def _splits(dataset: Dataset, kind: str) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    column = _KINDS[kind].column
    order = _order(dataset)
    rows = order if column in dataset.test else order[len(unseen(dataset)) :]
    return _rows(dataset, rows, column), held_out(dataset, kind)


def held_out(dataset: Dataset, kind: str = "label") -> tuple[np.ndarray, np.ndarray]:
    """Images that no classifier of this kind was trained on, uint8 (count, height, width, channels), and what is true
    of them: class numbers (count,), or attributes of 0 and 1 (count, attributes)."""
    column = _KINDS[kind].column
    if column in dataset.test:
        return dataset.test["image"], dataset.test[column]
    return _rows(dataset, unseen(dataset), column)


def unseen(dataset: Dataset) -> np.ndarray:
    """Rows of the training split, of data without a test split, that no classifier of them learns from: int64."""
    order = _order(dataset)
    return order[: max(1, round(HELD_OUT * len(order)))]


def _order(dataset: Dataset) -> np.ndarray:
    return np.random.default_rng(0).permutation(len(dataset))[:MOST_IMAGES]


def _rows(dataset: Dataset, rows: np.ndarray, column: str) -> tuple[np.ndarray, np.ndarray]:
    return dataset.take(rows), dataset.train[column][:][rows]


def _learn(layers: keras.Model, pixels: np.ndarray, truth: np.ndarray, loss: Callable) -> None:
    layers.compile(keras.optimizers.Adam(1e-3), loss=loss)
    epochs = min(MOST_EPOCHS, max(EPOCHS, -(-LEAST_STEPS // -(-len(pixels) // BATCH))))
    layers.fit(images.from_uint8(pixels), truth, batch_size=BATCH, epochs=epochs, verbose=0)


# --- labels


def _learn_labels(layers: keras.Model, pixels: np.ndarray, truth: np.ndarray, _: tuple[str, ...]) -> None:
    _learn(layers, pixels, truth, keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _measure_labels(logits: np.ndarray, truth: np.ndarray, _: tuple[str, ...]) -> dict[str, object]:
    return {"accuracy": (logits.argmax(axis=1) == truth).mean()}


# --- attributes


def _layers_of_attributes(shape: tuple[int, int, int], names: tuple[str, ...]) -> keras.Model:
    """Mirror images show the same attributes of faces, but neither the same places nor the same digits."""
    return of_many(shape, len(names)) if are_grouped(names) else classifier(shape, len(names), flips=True)


def _learn_attributes(layers: keras.Model, pixels: np.ndarray, truth: np.ndarray, names: tuple[str, ...]) -> None:
    grouped = are_grouped(names)
    _learn(layers, pixels, truth, _by_groups(list(groups(names).values())) if grouped else _by_balance(truth))


def _by_balance(truth: np.ndarray) -> Callable:
    """Cross-entropy; those that are there and those that are not count the same, however rare."""
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


def _measure_attributes(logits: np.ndarray, truth: np.ndarray, names: tuple[str, ...]) -> dict[str, object]:
    if are_grouped(names):
        found = measure(logits, truth, names)
        return {"accuracy": found.share or 0.0, "each": [found.by_value[name] for name in names]}
    each = [_balanced(*pair) for pair in zip(truth.T, logits.T > 0, strict=True)]
    return {"accuracy": np.mean(each), "each": each}


def _balanced(truth: np.ndarray, read: np.ndarray) -> float:
    """The mean, over what there is, of the shares that are read right."""
    from sklearn.metrics import balanced_accuracy_score  # slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # an attribute that none of the images has
        return balanced_accuracy_score(truth, read)


# --- judges: other networks, other variations of the images, another rate, so that their mistakes are others


def _learn_judge(layers: keras.Model, pixels: np.ndarray, truth: np.ndarray, names: tuple[str, ...], kind: str) -> None:
    """As the plain one of its kind learns, with a rate that rises and falls."""
    if kind == "label":
        loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    else:
        loss = _by_groups(list(groups(names).values())) if are_grouped(names) else _by_balance(truth)
    steps_each = -(-len(pixels) // BATCH)
    epochs = min(MOST_EPOCHS, max(EPOCHS, -(-LEAST_STEPS // steps_each)))
    steps = epochs * steps_each
    rate = keras.optimizers.schedules.CosineDecay(1e-5, steps, warmup_target=2e-3, warmup_steps=steps // 20)
    layers.compile(keras.optimizers.Adam(rate), loss=loss)
    layers.fit(images.from_uint8(pixels), truth, batch_size=BATCH, epochs=epochs, verbose=0)


def _judge_layers(shape: tuple[int, int, int], names: tuple[str, ...], name: str, kind: str) -> keras.Model:
    return JUDGES[name](shape, len(names), flips=kind == "attributes" and not are_grouped(names))


# --- domains


def _learn_domains(layers: keras.Model, pixels: np.ndarray, truth: np.ndarray, names: tuple[str, ...]) -> None:
    """All count the same, however many there are of each; smoothed labels, decaying weights and a rate that falls."""
    steps_each, (least, most) = -(-len(pixels) // DOMAIN_BATCH), DOMAIN_STEPS
    epochs = max(1, min(most // steps_each, max(DOMAIN_EPOCHS, -(-least // steps_each))))
    steps, count = epochs * steps_each, len(names)
    rate = keras.optimizers.schedules.CosineDecay(1e-6, steps, warmup_target=2e-3, warmup_steps=steps // 20)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    layers.compile(keras.optimizers.AdamW(rate, weight_decay=0.05), loss=loss)
    weights = {number: len(truth) / count / max(1, (truth == number).sum()) for number in range(count)}
    fit = {"batch_size": DOMAIN_BATCH, "epochs": epochs, "class_weight": weights, "verbose": 0}
    layers.fit(images.from_uint8(pixels), keras.utils.to_categorical(truth, count), **fit)


def _measure_domains(logits: np.ndarray, truth: np.ndarray, _: tuple[str, ...]) -> dict[str, object]:
    return {"accuracy": _balanced(truth, logits.argmax(axis=1))}


class _Kind(NamedTuple):
    """What differs between kinds: the data's column and the names of the logits, the file, the network, its training,
    how good it is (what is told besides `tested`), and what logits mean."""

    column: str
    names: Callable[[Dataset], tuple[str, ...]]
    ending: str
    layers: Callable[[tuple[int, int, int], tuple[str, ...]], keras.Model]
    learn: Callable[[keras.Model, np.ndarray, np.ndarray, tuple[str, ...]], None]
    measure: Callable[[np.ndarray, np.ndarray, tuple[str, ...]], dict[str, object]]
    told: tuple[str, ...] = ("accuracy", "tested")
    probabilities: Callable[[np.ndarray], np.ndarray] = lambda logits: special.softmax(logits, axis=1)
    seed: int = 0
    called: str = "a classifier"


_KINDS = {
    "label": _Kind(
        "label",
        lambda data: data.classes,
        "",
        lambda shape, names: classifier(shape, len(names)),
        _learn_labels,
        _measure_labels,
    ),
    "attributes": _Kind(
        "attributes",
        lambda data: data.attributes,
        "-attributes",
        _layers_of_attributes,
        _learn_attributes,
        _measure_attributes,
        ("accuracy", "tested", "each"),
        lambda logits: special.expit(logits),
    ),
    "domain": _Kind(
        "label",
        lambda data: data.classes,
        "-domain",
        lambda shape, names: of_domains(shape, len(names)),
        _learn_domains,
        _measure_domains,
    ),
}
_KINDS |= {
    f"{kind}-{name}": _KINDS[kind]._replace(
        ending=f"{_KINDS[kind].ending}-{name}",
        layers=functools.partial(_judge_layers, name=name, kind=kind),
        learn=functools.partial(_learn_judge, kind=kind),
        seed=1 + number,
        called=f"a second classifier ({name})" if not number else f"a third classifier ({name})",
    )
    for kind in ("label", "attributes")
    for number, name in enumerate(JUDGES)
}
