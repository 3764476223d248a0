"""What differs between classifiers of labels, attributes and domains, and between the members of an ensemble:
the architecture, the training, the accuracy and the meaning of the logits."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Callable
from typing import NamedTuple

from gancli.core.backend import Tensor, keras, np, special, tf
from gancli.data import Dataset
from gancli.evaluation.metrics.attribute_accuracy import are_grouped, groups, measure
from gancli.imaging import images
from gancli.nn.architectures.classifier import classifier, of_domains, of_many, of_slopes, residual
from gancli.nn.keras_fit import fit

BATCH = 128  # images, in training
EPOCHS = 3
MAX_EPOCHS = 100
MIN_STEPS = 1000  # small data sets are trained on for more epochs
TRAINING = "training the classifier"  # in progress
DOMAIN_BATCH = 32
DOMAIN_EPOCHS = 60
DOMAIN_STEPS = (400, 6000)  # minimum and maximum
VOTERS = {
    "residual": residual,
    "slopes": of_slopes,
}  # besides the plain one: see class_selection.py


def _num_epochs(count: int) -> int:
    return min(MAX_EPOCHS, max(EPOCHS, -(-MIN_STEPS // -(-count // BATCH))))


def _fit(model: keras.Model, pixels: np.ndarray, truth: np.ndarray, loss: Callable) -> None:
    model.compile(keras.optimizers.Adam(1e-3), loss=loss)
    epochs = _num_epochs(len(pixels))
    fit(model, images.from_uint8(pixels), truth, what=TRAINING, batch_size=BATCH, epochs=epochs)


# --- labels


def _fit_labels(model: keras.Model, pixels: np.ndarray, truth: np.ndarray, _: tuple[str, ...]) -> None:
    _fit(model, pixels, truth, keras.losses.SparseCategoricalCrossentropy(from_logits=True))


def _measure_labels(logits: np.ndarray, truth: np.ndarray, _: tuple[str, ...]) -> dict[str, object]:
    return {"accuracy": (logits.argmax(axis=1) == truth).mean()}


def _plain_network(shape: tuple[int, int, int], names: tuple[str, ...]) -> keras.Model:
    return classifier(shape, len(names))


# --- attributes


def _attribute_network(shape: tuple[int, int, int], names: tuple[str, ...]) -> keras.Model:
    """Mirrored images show the same attributes of faces, but neither the same positions nor the same digits."""
    return of_many(shape, len(names)) if are_grouped(names) else classifier(shape, len(names), flips=True)


def _fit_attributes(model: keras.Model, pixels: np.ndarray, truth: np.ndarray, names: tuple[str, ...]) -> None:
    _fit(model, pixels, truth, _attribute_loss(truth, names))


def _attribute_loss(truth: np.ndarray, names: tuple[str, ...]) -> Callable:
    return _grouped_loss(list(groups(names).values())) if are_grouped(names) else _balanced_loss(truth)


def _balanced_loss(truth: np.ndarray) -> Callable:
    """Cross-entropy in which images with an attribute weigh as much as those without it, however rare it is."""
    share = np.clip(truth.mean(axis=0), 1 / len(truth), 1 - 1 / len(truth)).astype(np.float32)

    def balanced(truth: Tensor, logits: Tensor) -> Tensor:
        truth = tf.cast(truth, tf.float32)
        weight = 0.5 * (truth / share + (1 - truth) / (1 - share))
        return tf.reduce_mean(weight * tf.nn.sigmoid_cross_entropy_with_logits(truth, logits))

    return balanced


def _grouped_loss(members: list[list[int]]) -> Callable:
    """The sum of the cross-entropies of the groups; an image without an attribute of a group does not count for it."""

    def summed(truth: Tensor, logits: Tensor) -> Tensor:
        truth, total = tf.cast(truth, tf.float32), 0.0
        for group in members:
            own = tf.gather(truth, group, axis=1)
            costs = tf.nn.softmax_cross_entropy_with_logits(own, tf.gather(logits, group, axis=1))
            total += tf.reduce_mean(tf.reduce_sum(own, axis=1) * costs)  # the kernel's gradient needs rows of sum 1
        return total

    return summed


def _measure_attributes(logits: np.ndarray, truth: np.ndarray, names: tuple[str, ...]) -> dict[str, object]:
    if are_grouped(names):
        found = measure(logits, truth, names)
        return {"accuracy": found.share or 0.0, "each": [found.by_value[name] for name in names]}
    each = [_balanced_accuracy(*pair) for pair in zip(truth.T, logits.T > 0, strict=True)]
    return {"accuracy": np.mean(each), "each": each}


def _balanced_accuracy(truth: np.ndarray, predicted: np.ndarray) -> float:
    from sklearn.metrics import balanced_accuracy_score  # slow to import

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # for an attribute that no image has
        return balanced_accuracy_score(truth, predicted)


# --- voters: other architectures, data augmentation and learning rates, so that they make different mistakes


def _fit_voter(model: keras.Model, pixels: np.ndarray, truth: np.ndarray, names: tuple[str, ...], kind: str) -> None:
    """With the loss of the plain classifier of this kind, and a learning rate with warm-up and cosine decay."""
    is_label = kind == "label"
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True) if is_label else _attribute_loss(truth, names)
    epochs = _num_epochs(len(pixels))
    steps = epochs * -(-len(pixels) // BATCH)
    rate = keras.optimizers.schedules.CosineDecay(1e-5, steps, warmup_target=2e-3, warmup_steps=steps // 20)
    model.compile(keras.optimizers.Adam(rate), loss=loss)
    fit(model, images.from_uint8(pixels), truth, what=TRAINING, batch_size=BATCH, epochs=epochs)


def _voter_network(shape: tuple[int, int, int], names: tuple[str, ...], name: str, kind: str) -> keras.Model:
    return VOTERS[name](shape, len(names), flips=kind == "attributes" and not are_grouped(names))


# --- domains


def _domain_network(shape: tuple[int, int, int], names: tuple[str, ...]) -> keras.Model:
    return of_domains(shape, len(names))


def _fit_domains(model: keras.Model, pixels: np.ndarray, truth: np.ndarray, names: tuple[str, ...]) -> None:
    """With balanced classes, label smoothing, weight decay, and a learning rate with warm-up and cosine decay."""
    steps_per_epoch, (least, most) = -(-len(pixels) // DOMAIN_BATCH), DOMAIN_STEPS
    epochs = max(1, min(most // steps_per_epoch, max(DOMAIN_EPOCHS, -(-least // steps_per_epoch))))
    steps, count = epochs * steps_per_epoch, len(names)
    rate = keras.optimizers.schedules.CosineDecay(1e-6, steps, warmup_target=2e-3, warmup_steps=steps // 20)
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=0.1)
    model.compile(keras.optimizers.AdamW(rate, weight_decay=0.05), loss=loss)
    weights = {number: len(truth) / count / max(1, (truth == number).sum()) for number in range(count)}
    settings = {"batch_size": DOMAIN_BATCH, "epochs": epochs, "class_weight": weights}
    fit(model, images.from_uint8(pixels), keras.utils.to_categorical(truth, count), what=TRAINING, **settings)


def _measure_domains(logits: np.ndarray, truth: np.ndarray, _: tuple[str, ...]) -> dict[str, object]:
    return {"accuracy": _balanced_accuracy(truth, logits.argmax(axis=1))}


# --- kinds


def _softmax(logits: np.ndarray) -> np.ndarray:
    return special.softmax(logits, axis=1)


def _sigmoid(logits: np.ndarray) -> np.ndarray:
    return special.expit(logits)


def _class_names(dataset: Dataset) -> tuple[str, ...]:
    return dataset.classes


def _attribute_names(dataset: Dataset) -> tuple[str, ...]:
    return dataset.attributes


class Kind(NamedTuple):
    """A kind of classifier.

    column: of the data, with the truth. names: of the outputs. suffix: of the file name. network: builds the Keras
    model for images of a shape. fit: trains it. measure: computes its accuracy, the `scores` apart from `tested`.
    probabilities: of logits. seed: of weights and data order. title: in messages.
    """

    column: str
    names: Callable[[Dataset], tuple[str, ...]]
    suffix: str
    network: Callable[[tuple[int, int, int], tuple[str, ...]], keras.Model]
    fit: Callable[[keras.Model, np.ndarray, np.ndarray, tuple[str, ...]], None]
    measure: Callable[[np.ndarray, np.ndarray, tuple[str, ...]], dict[str, object]]
    scores: tuple[str, ...] = ("accuracy", "tested")
    probabilities: Callable[[np.ndarray], np.ndarray] = _softmax
    seed: int = 0
    title: str = "a classifier"


KINDS = {
    "label": Kind("label", _class_names, "", _plain_network, _fit_labels, _measure_labels),
    "attributes": Kind(
        "attributes",
        _attribute_names,
        "-attributes",
        _attribute_network,
        _fit_attributes,
        _measure_attributes,
        scores=("accuracy", "tested", "each"),
        probabilities=_sigmoid,
    ),
    "domain": Kind("label", _class_names, "-domain", _domain_network, _fit_domains, _measure_domains),
}
KINDS |= {
    f"{kind}-{name}": KINDS[kind]._replace(
        suffix=f"{KINDS[kind].suffix}-{name}",
        network=functools.partial(_voter_network, name=name, kind=kind),
        fit=functools.partial(_fit_voter, kind=kind),
        seed=1 + number,
        title=f"a second classifier ({name})" if not number else f"a third classifier ({name})",
    )
    for kind in ("label", "attributes")
    for number, name in enumerate(VOTERS)
}
