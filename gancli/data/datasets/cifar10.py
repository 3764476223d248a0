"""CIFAR-10 (Krizhevsky 2009)."""

from __future__ import annotations

from gancli.data.dataset import Dataset
from gancli.data.datasets.keras_sets import keras_set
from gancli.data.labels import known_names
from gancli.data.request import Request

SUMMARY = "50,000 + 10,000 photographs of ten things, 32x32 color"


def load(request: Request) -> Dataset:
    """CIFAR-10 from `cifar10.npz` in the data folder, else from Keras' cache or download."""
    return keras_set("cifar10", request, classes=known_names.CIFAR10)
