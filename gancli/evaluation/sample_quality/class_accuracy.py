"""Classes of samples as a classifier predicts them: how often the requested class, or how evenly over the classes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import np
from gancli.evaluation import classifier
from gancli.evaluation.classifier import Classifier
from gancli.evaluation.evaluation_set import EvaluationSet, no_note
from gancli.evaluation.metrics import class_statistics
from gancli.inference.sampling import CONFIDENCE

MAX_TABLE_CLASSES = 20  # in a confusion table


@dataclass(frozen=True)
class ClassHistogram:
    """Predicted classes of samples that no class was requested for. counts: int (classes,); real_shares: float
    (classes,), those of the data.

    entropy: of the histogram, in nats. missing: names of classes with less than a tenth of their real share.
    """

    classes: tuple[str, ...]
    counts: np.ndarray
    real_shares: np.ndarray
    entropy: float
    real_entropy: float
    missing: list[str]

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {
            "classes": list(self.classes),
            "metric": "histogram of classes",
            "counts": self.counts.tolist(),
            "real_shares": self.real_shares.tolist(),
            "entropy": self.entropy,
            "real_entropy": self.real_entropy,
            "missing": self.missing,
        }


@dataclass(frozen=True)
class ClassAgreement:
    """Predicted classes (columns) of samples of requested classes (rows): confusion int (classes, classes)."""

    classes: tuple[str, ...]
    confusion: np.ndarray

    @property
    def share(self) -> float:
        """Share of the samples that are classified as the requested class."""
        return float(self.confusion.trace() / self.confusion.sum())

    @property
    def by_class(self) -> list[float | None]:
        """The share for each class; None for a class that was not requested."""
        pairs = zip(self.confusion.diagonal(), self.confusion.sum(axis=1), strict=True)
        return [float(right / count) if count else None for right, count in pairs]

    @property
    def not_requested(self) -> list[str]:
        """Names of the classes that were never requested."""
        return [name for name, row in zip(self.classes, self.confusion, strict=True) if not row.sum()]

    def to_dict(self) -> dict[str, object]:
        """By name, for JSON; the confusion table up to 20 classes."""
        is_small = len(self.classes) <= MAX_TABLE_CLASSES
        return {
            "classes": list(self.classes),
            "metric": "share of samples classified as the requested class",
            "share": self.share,
            "by_class": self.by_class,
            "not_asked_for": self.not_requested,
            **({"confusion": self.confusion.tolist()} if is_small else {}),
        }


@dataclass(frozen=True)
class ClassResult:
    """Predicted classes of samples. unsure: the share that is classified with a probability below 90 %."""

    predictions: ClassHistogram | ClassAgreement
    unsure: float
    classifier: Classifier

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return self.predictions.to_dict() | {"unsure": self.unsure, "classifier": self.classifier.recipe()}


def score(evaluated: EvaluationSet, *, note: Callable[[str], None] = no_note) -> ClassResult:
    """Classify samples with a classifier of the data, and compare with the requested classes if there are any.

    note: called if a classifier is trained. Raises: OptionError for data without labels.
    """
    model = classifier.for_dataset(evaluated.dataset, note=note)
    probabilities = model.probabilities(evaluated.pixels)
    predicted = probabilities.argmax(axis=1)
    if evaluated.labels is None:
        predictions = _histogram(predicted, evaluated)
    else:
        predictions = agreement(evaluated.labels, predicted, model.classes)
    return ClassResult(predictions, float(np.mean(probabilities.max(axis=1) < CONFIDENCE)), model)


def _histogram(predicted: np.ndarray, evaluated: EvaluationSet) -> ClassHistogram:
    classes, real = evaluated.dataset.classes, evaluated.dataset.class_shares()
    counts = np.bincount(predicted, minlength=len(classes))
    missing = [classes[label] for label in class_statistics.missing(predicted, real)]
    entropies = (class_statistics.entropy(shares) for shares in (counts, real))
    return ClassHistogram(classes, counts, real, *entropies, missing)  # type: ignore[call-arg]


def agreement(requested: np.ndarray, predicted: np.ndarray, classes: tuple[str, ...]) -> ClassAgreement:
    """Compare requested with predicted classes, int (count,) each."""
    from sklearn.metrics import confusion_matrix  # slow to import

    return ClassAgreement(classes, confusion_matrix(requested, predicted, labels=range(len(classes))))
