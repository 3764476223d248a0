"""Arrays in `.npz` files, written by NumPy."""

import numpy as np

from tests.helpers.specimens import Specimen, pixels

NAME = "a .npz file of arrays"


def keras(folder):
    path = folder / "mnist.npz"
    labels = np.arange(30) % 10
    np.savez(path, x_train=pixels(30, 28, 28), y_train=labels, x_test=pixels(10, 28, 28), y_test=labels[:10])
    return path


SPECIMENS = [
    Specimen(
        "Keras' mnist.npz", keras, NAME, {"train": 30, "test": 10}, ("image", "label"), tuple(map(str, range(10)))
    ),
]
