"""Arrays in HDF5 files, written by h5py in gancli's keys and in those of published data sets."""

import h5py
import numpy as np

from tests.helpers.specimens import Specimen, pixels

NAME = "a .h5 file of arrays"


def writer(name="a.h5", **arrays):
    """A function that writes these arrays; `latents__classes` stands for `latents/classes`."""

    def write(folder):
        with h5py.File(folder / name, "w") as file:
            for key, values in arrays.items():
                file[key.replace("__", "/")] = values
        return folder / name

    return write


def dsprites(folder):
    factors = np.stack([np.arange(24) % width for width in (1, 3, 6, 4, 8, 8)], axis=1)
    shapes = (pixels(24, 64, 64) > 127).astype(np.uint8)
    return writer("dsprites.hdf5", imgs=shapes, latents__classes=factors, latents__values=factors / 7)(folder)


def pcam(folder):
    """PatchCamelyon: images and labels (count, 1, 1, 1) in files of their own."""
    name = "camelyonpatch_level_2_split_valid_{}.h5"
    writer(name.format("y"), y=(np.arange(8) % 2).astype(np.uint8).reshape(8, 1, 1, 1))(folder)
    return writer(name.format("x"), x=pixels(8, 32, 32, 3))(folder)


def usps(folder):
    """USPS as Kaggle has it: groups for the splits, flat rows."""
    arrays = {}
    for part, count in (("train", 20), ("test", 10)):
        arrays |= {f"{part}__data": pixels(count, 256) / 255, f"{part}__target": np.arange(count) % 10}
    return writer("usps.h5", **arrays)(folder)


SPECIMENS = [
    Specimen(
        "gancli's own keys",
        writer(images=pixels(9, 8, 8, 3), labels=np.arange(9) % 3, tests=np.array([0] * 5 + [1] * 3 + [2], np.uint8)),
        NAME,
        {"train": 5, "validation": 1, "test": 3},
        ("image", "label"),
        3,
    ),
    Specimen(
        "3D Shapes: labels with a column for each factor",
        writer(images=pixels(8, 64, 64, 3), labels=np.random.default_rng(0).random((8, 6))),
        NAME,
        {"train": 8},
        ("image",),
        remarks=("labels: shape (8, 6) is not one class for each image: the images have no labels",),
    ),
    Specimen(
        "dSprites in HDF5",
        dsprites,
        NAME,
        {"train": 24},
        ("image", "label"),
        ("square", "ellipse", "heart"),
        remarks=("latents/classes has 6 factors",),
    ),
    Specimen("PatchCamelyon", pcam, NAME, {"train": 8}, ("image", "label"), 2, remarks=("_valid_y.h5 beside it",)),
    Specimen("USPS in groups", usps, NAME, {"train": 20, "test": 10}, ("image", "label"), 10),
    Specimen(
        "CelebA-HQ with channels first",
        writer(imgs=pixels(5, 3, 16, 16)),
        NAME,
        {"train": 5},
        ("image",),
        remarks=("channels first",),
    ),
    Specimen(
        "labels in a row",
        writer(images=pixels(7, 8, 8), labels=np.arange(7)[None] % 2),
        NAME,
        {"train": 7},
        ("image", "label"),
        2,
        remarks=("shape (1, 7) is read as 7 labels",),
    ),
    Specimen(
        "labels of texts",
        writer(image=pixels(4, 8, 8), label=np.array(["b", "a", "b", "c"], object)),
        NAME,
        {"train": 4},
        ("image", "label"),
        ("a", "b", "c"),
    ),
]
