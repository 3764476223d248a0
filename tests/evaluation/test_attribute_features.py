"""Features of the classifier of attributes, for data without labels."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from gancli.data import Dataset
from gancli.evaluation import feature_extractors
from gancli.evaluation.classifier import Classifier
from gancli.evaluation.feature_extractors import FeatureChoice

PIXELS = np.arange(3 * 8 * 8, dtype=np.uint8).reshape(3, 8, 8, 1)
COLUMNS = {"image": PIXELS, "attributes": np.eye(3, 2, dtype=np.uint8)}


class Known(Classifier):
    """Features and probabilities are the first pixels."""

    def features_and_probabilities(self, pixels):
        return pixels[:, 0, :4, 0].astype(np.float32), pixels[:, 1, :2, 0].astype(np.float32) / 255


@pytest.mark.parametrize(
    ("columns", "kind", "name"),
    [(COLUMNS, "attributes", "faces-attributes"), (COLUMNS | {"label": np.arange(3)}, "label", "faces-classifier")],
)
def test_a_classifier_of_attributes_gives_features_and_no_classes(monkeypatch, columns, kind, name):
    dataset = Dataset("faces", columns, classes=("a", "b", "c"), attributes=("Smiling", "Male"))
    asked = []

    def for_dataset(dataset, *, kind, note):
        asked.append(kind)
        return Known(None, dataset.attributes, 0.9, 1, "f" * 64, Path("x.h5"), kind)

    monkeypatch.setattr("gancli.evaluation.classifier.for_dataset", for_dataset)
    extractor = feature_extractors.load(FeatureChoice("classifier"), dataset, note=print)
    features, probabilities = extractor.extract(PIXELS)
    assert (asked, extractor.name) == ([kind], name)
    assert np.array_equal(features, PIXELS[:, 0, :4, 0])
    assert (probabilities is None) == (kind == "attributes")
    plain = dataclasses.replace(dataset, train=COLUMNS)
    assert feature_extractors.load(FeatureChoice(), plain, note=print).name == "pixels"  # the default stays
