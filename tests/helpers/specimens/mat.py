"""MATLAB files, written by SciPy (version 5) and by h5py as MATLAB 7.3 writes them."""

import h5py
import numpy as np

from tests.helpers.specimens import Specimen, pixels

NAME = "a .mat file of arrays (MATLAB)"
DIGITS = tuple(map(str, range(10)))


def saved(name, *, compressed=False, **arrays):
    """A function that writes these arrays with SciPy."""

    def write(folder):
        from scipy.io import savemat

        savemat(folder / name, arrays, do_compression=compressed)
        return folder / name

    return write


def svhn(folder, part="train", count=30):
    y = (np.arange(count) % 10 + 1).astype(np.uint8)[:, None]
    return saved(f"{part}_32x32.mat", compressed=True, X=pixels(32, 32, 3, count), y=y)(folder)


def emnist(folder):
    """A struct in a struct, rows of 784 numbers column by column, letters 1 to 26."""
    parts = {
        part: {"images": pixels(count, 784), "labels": (np.arange(count) % 26 + 1)[:, None], "writers": np.zeros(count)}
        for part, count in (("train", 52), ("test", 26))
    }
    mapping = np.stack([np.arange(1, 27), np.arange(65, 91), np.arange(97, 123)], axis=1)
    return saved("emnist-letters.mat", compressed=True, dataset={**parts, "mapping": mapping})(folder)


def version_7_3(folder):
    """Axes reversed, a block of 512 bytes before HDF5, and the class of each array as an attribute."""
    path = folder / "train_32x32.mat"
    with h5py.File(path, "w", userblock_size=512) as file:
        for key, values in (("X", pixels(16, 16, 3, 20)), ("y", (np.arange(20) % 10 + 1.0)[:, None])):
            file[key] = values.T
            file[key].attrs["MATLAB_class"] = np.bytes_({"X": "uint8", "y": "double"}[key])
    with path.open("r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(116) + bytes(8) + b"\0\2IM")
    return path


SPECIMENS = [
    Specimen("SVHN", svhn, NAME, {"train": 30}, ("image", "label"), DIGITS, remarks=("10 is read as the digit 0",)),
    Specimen(
        "EMNIST letters of MATLAB",
        emnist,
        NAME,
        {"train": 52, "test": 26},
        ("image", "label"),
        tuple(map(str, range(1, 27))),
        remarks=("column by column (MATLAB's order)",),
    ),
    Specimen("MATLAB 7.3", version_7_3, NAME, {"train": 20}, ("image", "label"), DIGITS, remarks=("MATLAB has them",)),
    Specimen(
        "faces as fea and gnd",
        saved("Yale_32x32.mat", fea=pixels(12, 1024), gnd=(np.arange(12) % 3 + 1)[:, None]),
        NAME,
        {"train": 12},
        ("image", "label"),
        ("1", "2", "3"),
        remarks=("column by column",),
    ),
    Specimen(
        "MNIST of mldata.org: a column for each image",
        saved("mnist-original.mat", data=pixels(784, 40), label=np.arange(40.0)[None] % 10),
        NAME,
        {"train": 40},
        ("image", "label"),
        DIGITS,
        remarks=("columns of 784 numbers are read as images of 28x28",),
    ),
    Specimen(
        "images last, without labels",
        saved("faces.mat", faces=pixels(19, 19, 40), names=np.array(["a", "b"], object)),
        NAME,
        {"train": 40},
        ("image",),
        remarks=("(19, 19, 40) is read as 40 images of 19x19",),
    ),
]
