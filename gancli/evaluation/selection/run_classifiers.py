"""Classifiers of the data that a run was trained on, to select its samples and to measure what they show."""

from __future__ import annotations

from dataclasses import dataclass

from gancli.data.labels.attribute_query import AttributeQuery
from gancli.evaluation import classifier
from gancli.evaluation.classifier import Classifier
from gancli.evaluation.selection import class_selection
from gancli.evaluation.selection.class_selection import Selector
from gancli.inference.trained_model import TrainedModel


@dataclass(frozen=True)
class RunClassifiers:
    """Loads them from the cache, or trains them, when one is first needed; their accuracies are reported.

    data_dir, source: where the run's data are, if they were moved.
    """

    trained: TrainedModel
    data_dir: str | None = None
    source: str | None = None

    def for_all(self) -> Classifier:
        """The classifier of all attributes of the data, or of the labels of data without attributes."""
        kind = "attributes" if self.trained.run.facts.attributes else "label"
        dataset = self.trained.dataset(self.data_dir, self.source)
        return classifier.for_dataset(dataset, kind=kind, note=self.trained.reporting.note)

    def for_query(self, query: AttributeQuery) -> Classifier:
        """The classifier that recognizes what a query names."""
        dataset = self.trained.dataset(self.data_dir, self.source)
        found = classifier.for_dataset(dataset, kind=query.kind, note=self.trained.reporting.note)
        self.trained.reporting.note(found.describe(query.wanted if query.kind == "attributes" else ()))
        return found

    def selector(self, query: AttributeQuery, max_error: float | None = None) -> Selector:
        """What selects samples that match a query, or others of its kind.

        max_error: largest share of wrong images among those selected, 0.02 if not given.
        """
        dataset = self.trained.run.dataset(self.data_dir, self.source)
        ensemble = class_selection.load_ensemble(dataset, query.kind, note=self.trained.reporting.note)
        self.trained.reporting.note(ensemble.describe(query))
        return Selector(self.trained.sampler, ensemble, class_selection.MAX_ERROR if max_error is None else max_error)
