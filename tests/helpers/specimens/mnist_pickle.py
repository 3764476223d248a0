"""mnist.pkl.gz of deeplearning.net: three pairs of float32 (count, 784) and int64 (count,), pickled by Python 2."""

import gzip
import pickle

import numpy as np

from tests.helpers.specimens import Specimen, pixels, put

NAME = "pairs of images and labels in a pickle (mnist.pkl.gz)"
DIGITS = tuple("0123456789")


def pairs(*counts, protocol=2, flat=True):
    """Pairs of images from 0 to 1 and labels."""
    found = []
    for count in counts:
        images = pixels(count, 784) if flat else pixels(count, 28, 28)
        found.append(((images / 255).astype(np.float32), np.arange(count) % 10))
    return pickle.dumps(tuple(found), protocol)


def three(folder):
    return put(folder / "mnist.pkl.gz", gzip.compress(pairs(30, 10, 20), 1))


def two(folder):
    return put(folder / "mnist.pkl", pairs(30, 20, protocol=4, flat=False))


THREE, COLUMNS = {"train": 30, "validation": 10, "test": 20}, ("image", "label")
SPECIMENS = [
    Specimen("mnist.pkl.gz", three, NAME, THREE, COLUMNS, DIGITS),
    Specimen("mnist.pkl.gz in a folder", lambda at: three(at).parent, NAME, THREE, COLUMNS, DIGITS),
    Specimen("two pairs in a pickle", two, NAME, {"train": 30, "test": 20}, COLUMNS, DIGITS),
]
