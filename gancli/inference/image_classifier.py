"""What inference needs of image classifiers and sample selectors; gancli.evaluation provides both."""

from __future__ import annotations

from typing import Protocol

from gancli.core.backend import keras, np
from gancli.data.labels.attribute_query import AttributeQuery


class ImageClassifier(Protocol):
    """A classifier of the classes or attributes of images.

    Attributes: `model`, a Keras model from images float32 (count, height, width, channels) in [-1, 1] to logits
    float32 (count, classes or attributes); `kind`, "label" or "attributes"; `classes`, the names of its outputs.
    """

    @property
    def model(self) -> keras.Model: ...

    @property
    def kind(self) -> str: ...

    @property
    def classes(self) -> tuple[str, ...]: ...

    def probabilities(self, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> float32 (count, classes or attributes)."""

    def predict(self, pixels: np.ndarray, *, confidence: float = 0.0) -> np.ndarray:
        """uint8 (count, height, width, channels) -> classes, int (count,); -1 where the probability is too low."""

    def recipe(self) -> dict[str, object]:
        """How it was trained and how accurate it is, for a result."""


class ImageSelector(Protocol):
    """Decides which images match a query."""

    def matches(self, query: AttributeQuery, pixels: np.ndarray) -> np.ndarray:
        """uint8 (count, height, width, channels) -> bool (count,)."""


class SelectionRule(Protocol):
    """When an image is selected, and how often that is wrong; its text is one sentence.

    Attributes: `max_error`, the bound on the share of wrong images, and `is_reached`, whether the rule keeps it.
    """

    @property
    def is_reached(self) -> bool: ...

    @property
    def max_error(self) -> float: ...

    def recipe(self) -> dict[str, object]:
        """Threshold, bound on the error, and audit of the rule, for --json."""


class AuditedSelector(ImageSelector, Protocol):
    """A selector with a known error rate. Attributes: `auditor`, a classifier that takes no part in the selection."""

    @property
    def auditor(self) -> ImageClassifier: ...

    def rule(self, query: AttributeQuery) -> SelectionRule:
        """When an image is selected for a query."""

    def recipe(self) -> dict[str, object]:
        """The classifiers that select, for --json."""


class Classifiers(Protocol):
    """Classifiers of the data that a model was trained on."""

    def for_all(self) -> ImageClassifier:
        """The classifier of all attributes, or of the labels of data without attributes."""

    def for_query(self, query: AttributeQuery) -> ImageClassifier:
        """The classifier that recognizes what a query names."""

    def selector(self, query: AttributeQuery, max_error: float | None = None) -> AuditedSelector:
        """What selects samples that match a query."""
