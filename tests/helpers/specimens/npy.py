"""One array in a `.npy` file."""

import numpy as np

from tests.helpers.specimens import Specimen, pixels

NAME = "a .npy file of images"


def with_labels(folder):
    np.save(folder / "X.npy", pixels(6, 9, 9, 3))
    np.save(folder / "y.npy", np.arange(6) % 2)
    return folder / "X.npy"


def quickdraw(folder):
    np.save(folder / "cat.npy", pixels(6, 784))
    return folder / "cat.npy"


SPECIMENS = [
    Specimen("one array in NumPy's format", quickdraw, NAME, {"train": 6}, ("image",)),
    Specimen(
        "images and labels in NumPy's format",
        with_labels,
        NAME,
        {"train": 6},
        ("image", "label"),
        2,
        remarks=("the labels are those of y.npy beside it",),
    ),
]
