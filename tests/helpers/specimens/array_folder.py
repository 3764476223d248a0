"""Data sets in several array files."""

import zipfile

import numpy as np

from tests.helpers.specimens import Specimen, pixels
from tests.helpers.specimens.hdf5 import writer
from tests.helpers.specimens.mat import svhn
from tests.helpers.specimens.npz import kmnist_file

NAME = "a folder of .npy, .npz, .mat or .h5 files"
LABELED = ("image", "label")
DIGITS = tuple(map(str, range(10)))


def in_folder(write):
    """A function that writes files and returns their folder."""

    def written(folder):
        write(folder)
        return folder

    return written


def svhn_folder(folder):
    for part, count in (("train", 30), ("test", 10), ("extra", 10)):
        svhn(folder, part, count)


def quickdraw(folder):
    for number, name in enumerate(("cat", "face", "train")):
        np.save(folder / f"full_numpy_bitmap_{name}.npy", pixels(5 + number, 784))


def named_npy(folder):
    for part, count in (("train", 12), ("test", 6)):
        np.save(folder / f"X_{part}.npy", pixels(count, 20, 20))
        np.save(folder / f"y_{part}.npy", np.arange(count) % 3)


def npy_of_classes_in_splits(folder):
    for part, count in (("train", 6), ("valid", 2), ("test", 3)):
        (folder / part).mkdir()
        for name in ("ape", "bee"):
            np.save(folder / part / f"{name}.npy", pixels(count, 8, 8))


def imagenet(folder):
    """Downsampled ImageNet: batches that are one after the other, 2 before 10."""
    for number in (1, 2, 10):
        np.savez(folder / f"train_data_batch_{number}.npz", data=pixels(4, 3072), labels=np.arange(1, 5), mean=[0.5])
    np.savez(folder / "val_data.npz", data=pixels(3, 3072), labels=[1, 2, 3])


def pcam(folder):
    for part, count in (("train", 8), ("valid", 4), ("test", 6)):
        name = f"camelyonpatch_level_2_split_{part}_"
        writer(f"{name}x.h5", x=pixels(count, 32, 32, 3))(folder)
        writer(f"{name}y.h5", y=(np.arange(count) % 2).astype(np.uint8).reshape(count, 1, 1, 1))(folder)


def zipped(folder):
    named_npy(folder)
    with zipfile.ZipFile(folder / "arrays.zip", "w") as archive:
        for path in sorted(folder.glob("*.npy")):
            archive.write(path, f"arrays/{path.name}")
    return folder / "arrays.zip"


SPECIMENS = [
    Specimen("KMNIST", in_folder(kmnist_file), NAME, {"train": 30, "test": 10}, LABELED, DIGITS),
    Specimen(
        "SVHN: three files",
        in_folder(svhn_folder),
        NAME,
        {"train": 30, "test": 10},
        LABELED,
        DIGITS,
        remarks=("extra_32x32/X: further training images",),
    ),
    Specimen(
        "QuickDraw",
        in_folder(quickdraw),
        NAME,
        {"train": 18},
        LABELED,
        ("cat", "face", "train"),
        remarks=("each of 3 files is read as a class",),
    ),
    Specimen("NumPy's own files", in_folder(named_npy), NAME, {"train": 12, "test": 6}, LABELED, 3),
    Specimen("NumPy's own files in a zip", zipped, NAME, {"train": 12, "test": 6}, LABELED, 3),
    Specimen(
        "NumPy's own files: classes in splits",
        in_folder(npy_of_classes_in_splits),
        NAME,
        {"train": 12, "validation": 4, "test": 6},
        LABELED,
        ("ape", "bee"),
    ),
    Specimen(
        "downsampled ImageNet: batches",
        in_folder(imagenet),
        NAME,
        {"train": 12, "validation": 3},
        LABELED,
        ("1", "2", "3", "4"),
    ),
    Specimen(
        "PatchCamelyon: six files", in_folder(pcam), NAME, {"train": 8, "validation": 4, "test": 6}, LABELED, ("0", "1")
    ),
]
