"""Fashion-MNIST (Xiao, Rasul & Vollgraf 2017, arXiv:1708.07747)."""

from __future__ import annotations

from gancli.data.dataset import Dataset
from gancli.data.datasets.keras_sets import keras_set
from gancli.data.labels import known_names
from gancli.data.request import Request

SUMMARY = "60,000 + 10,000 pieces of clothing, 28x28 gray"
PUBLISHED = "ca3ab2a37f845e1b8ae23cab1b51749a3011ba3bf1d9016176d75cbaabac376f"  # Keras has no hash of these files


def load(request: Request) -> Dataset:
    """Fashion-MNIST from `fashion_mnist.npz` in the data folder, else from Keras' cache or download."""
    return keras_set("fashion_mnist", request, classes=known_names.FASHION_MNIST, published=PUBLISHED)
