"""Optical recognition of handwritten digits (Alpaydin & Kaynak 1998): 1,797 images of 8 x 8, inside scikit-learn."""

from __future__ import annotations

from gancli.core.backend import np
from gancli.data.dataset import Dataset
from gancli.data.formats.arrays import from_arrays
from gancli.data.request import Request

SUMMARY = "1,797 handwritten digits, 8x8 gray (28x28 with --image-size 28); no download"
TRAIN = 1500  # scikit-learn's order; writers are mixed


def load(request: Request) -> Dataset:
    """The digits; the last 297 are the test split."""
    from sklearn.datasets import load_digits  # slow to import

    found = load_digits()
    images = np.rint(found.images * (255 / 16)).astype(np.uint8)  # sixteen gray levels
    arrays = {
        "x_train": images[:TRAIN],
        "y_train": found.target[:TRAIN],
        "x_test": images[TRAIN:],
        "y_test": found.target[TRAIN:],
        "classes": np.arange(10),
    }
    return from_arrays("digits", arrays, request, source="scikit-learn")
