"""MNIST (LeCun, Cortes & Burges 1998)."""

from __future__ import annotations

from gancli.data.dataset import Dataset
from gancli.data.datasets.keras_sets import keras_set
from gancli.data.request import Request

SUMMARY = "60,000 + 10,000 handwritten digits, 28x28 gray"


def load(request: Request) -> Dataset:
    """MNIST from `mnist.npz` in the data folder, else from Keras' cache or download."""
    return keras_set("mnist", request, classes=tuple("0123456789"))
