"""STL-10's binary files, as https://cs.stanford.edu/~acoates/stl10 describes them."""

import numpy as np

from tests.helpers.specimens import Specimen, pixels, put
from tests.helpers.specimens.cifar import in_tar

NAME = "STL-10's binary files"
CLASSES = ("airplane", "bird", "car", "cat", "deer", "dog", "horse", "monkey", "ship", "truck")


def images(count, seed=0):
    """Images whose pixels follow each other down the columns of each color."""
    return pixels(count, 96, 96, 3, seed=seed).transpose(0, 3, 2, 1).tobytes()


def files():
    """The files of stl10_binary: 20 training images, 10 test images and 3 without labels."""
    labels = np.arange(20) % 10 + 1
    return {
        "train_X.bin": images(20),
        "train_y.bin": labels.astype(np.uint8).tobytes(),
        "test_X.bin": images(10, seed=1),
        "test_y.bin": labels[:10].astype(np.uint8).tobytes(),
        "unlabeled_X.bin": images(3, seed=2),
        "class_names.txt": "\n".join(CLASSES),
        "fold_indices.txt": "0 1 2\n",
    }


def folder(at):
    for name, content in files().items():
        put(at / "stl10_binary" / name, content)
    return at / "stl10_binary"


BOTH, COLUMNS = {"train": 20, "test": 10}, ("image", "label")
SPECIMENS = [
    Specimen("STL-10", folder, NAME, BOTH, COLUMNS, CLASSES, remarks=("3 images of unlabeled_X.bin are not read",)),
    Specimen("STL-10 by a file", lambda at: folder(at) / "train_X.bin", NAME, BOTH, COLUMNS, CLASSES),
    Specimen(
        "STL-10's unlabeled images",
        lambda at: folder(at) / "unlabeled_X.bin",
        NAME,
        {"train": 3},
        ("image",),
        remarks=("20 images of train_X.bin",),
    ),
    Specimen("stl10_binary.tar.gz", in_tar("stl10_binary.tar.gz", "stl10_binary", files), NAME, BOTH, COLUMNS, CLASSES),
]
