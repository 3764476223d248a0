"""Arrays in `.npz` files, written by NumPy in the keys and orders of axes in use."""

import numpy as np

from tests.helpers.specimens import Specimen, pixels

NAME = "a .npz file of arrays"
LABELED = ("image", "label")
DIGITS = tuple(map(str, range(10)))


def labels(count, classes=10):
    return np.arange(count) % classes


def writer(**arrays):
    """A function that writes these arrays into a file."""

    def write(folder):
        np.savez(folder / "a.npz", **arrays)
        return folder / "a.npz"

    return write


def keras(folder):
    path = folder / "mnist.npz"
    np.savez(path, x_train=pixels(30, 28, 28), y_train=labels(30), x_test=pixels(10, 28, 28), y_test=labels(10))
    return path


def medmnist(width, shape=(28, 28, 3), classes=9):
    """In MedMNIST's six keys: labels (count, 1), or several of 0 and 1."""
    arrays = {}
    for part, count in (("train", 36), ("val", 9), ("test", 18)):
        arrays[f"{part}_images"] = pixels(count, *shape)
        found = labels(count, classes)[:, None] if width == 1 else (pixels(count, width) > 127).astype(np.uint8)
        arrays[f"{part}_labels"] = found.astype(np.uint8)
    return writer(**arrays)


def guided_diffusion(folder):
    """As guided-diffusion's image_sample.py writes samples: images, then labels, without keys."""
    np.savez(folder / "samples_20x16x16x3.npz", pixels(20, 16, 16, 3), labels(20))
    return folder / "samples_20x16x16x3.npz"


def kmnist_file(folder):
    for part, count in (("train", 30), ("test", 10)):
        np.savez_compressed(folder / f"kmnist-{part}-imgs.npz", pixels(count, 28, 28))
        np.savez_compressed(folder / f"kmnist-{part}-labels.npz", labels(count).astype(np.uint8))
    return folder / "kmnist-train-imgs.npz"


def dsprites(folder):
    """In the keys of dsprites-dataset's README, with its dictionary of objects as `metadata`."""
    factors = np.stack([labels(24, width) for width in (1, 3, 6, 4, 8, 8)], axis=1)
    path = folder / "dsprites_ndarray_co1sh3sc6or40x32y32_64x64.npz"
    np.savez_compressed(
        path,
        metadata=np.array({"author": "a"}, object),
        imgs=(pixels(24, 64, 64) > 127).astype(np.uint8),
        latents_classes=factors,
        latents_values=factors / 7,
    )
    return path


SPECIMENS = [
    Specimen("Keras' mnist.npz", keras, NAME, {"train": 30, "test": 10}, LABELED, DIGITS),
    Specimen("guided-diffusion's samples", guided_diffusion, NAME, {"train": 20}, LABELED, DIGITS),
    Specimen("one array without a key", writer(arr_0=pixels(6, 8, 8, 3)), NAME, {"train": 6}, ("image",)),
    Specimen("KMNIST: one file", kmnist_file, NAME, {"train": 30}, LABELED, DIGITS, remarks=("kmnist-train-labels",)),
    Specimen(
        "MedMNIST: PathMNIST",
        medmnist(1),
        NAME,
        {"train": 36, "validation": 9, "test": 18},
        LABELED,
        tuple(map(str, range(9))),
    ),
    Specimen(
        "MedMNIST: ChestMNIST",
        medmnist(14, (28, 28)),
        NAME,
        {"train": 36, "validation": 9, "test": 18},
        ("image", "attributes"),
        attributes=14,
        remarks=("14 of 0 and 1 for each image are read as attributes",),
    ),
    Specimen(
        "dSprites",
        dsprites,
        NAME,
        {"train": 24},
        LABELED,
        ("square", "ellipse", "heart"),
        remarks=("column 2, the shape", "black and white", "not used: metadata, latents_values"),
    ),
    Specimen(
        "downsampled ImageNet",
        writer(data=pixels(8, 3072), labels=np.array([1, 2, 3, 1000] * 2), mean=np.zeros(3072)),
        NAME,
        {"train": 8},
        LABELED,
        ("1", "2", "3", "1000"),
        remarks=("a plane of each color (CIFAR's order)", "not used: mean"),
    ),
    Specimen(
        "scikit-learn's digits",
        writer(data=pixels(9, 64) // 15.9, images=(pixels(9, 8, 8) // 15.9), target=labels(9, 3)),
        NAME,
        {"train": 9},
        LABELED,
        ("0", "1", "2"),
        remarks=("not used: data",),
    ),
    Specimen(
        "Olivetti's faces in scikit-learn's keys",
        writer(data=pixels(8, 4096) / 255, target=labels(8, 4)),
        NAME,
        {"train": 8},
        LABELED,
        4,
        remarks=("rows of 4,096 numbers are read as images of 64x64",),
    ),
    Specimen("X and y", writer(X=pixels(8, 9, 9), y=labels(8, 2)), NAME, {"train": 8}, LABELED, 2),
    Specimen(
        "PyTorch's order of axes",
        writer(images=pixels(8, 3, 16, 16), labels=labels(8, 2)),
        NAME,
        {"train": 8},
        LABELED,
        2,
        remarks=("channels first, as PyTorch has them",),
    ),
    Specimen("one channel first", writer(x_train=pixels(8, 1, 16, 12)), NAME, {"train": 8}, ("image",)),
    Specimen(
        "MATLAB's order of axes",
        writer(image=pixels(32, 32, 3, 20), label=labels(20, 4)[None]),
        NAME,
        {"train": 20},
        LABELED,
        4,
        remarks=("as MATLAB has them", "shape (1, 20) is read as 20 labels"),
    ),
    Specimen(
        "transparency",
        writer(images=pixels(8, 16, 16, 4)),
        NAME,
        {"train": 8},
        ("image",),
        remarks=("images with transparency, put on white",),
    ),
    Specimen(
        "labels that are texts",
        writer(images=pixels(4, 8, 8), labels=np.array(["cat", "dog", "cat", "ant"])),
        NAME,
        {"train": 4},
        LABELED,
        ("ant", "cat", "dog"),
        remarks=("texts are read as the names of 3 classes",),
    ),
    Specimen(
        "one-hot labels in float32",
        writer(images=pixels(6, 8, 8), labels=np.eye(3, dtype=np.float32)[labels(6, 3)]),
        NAME,
        {"train": 6},
        LABELED,
        3,
    ),
    Specimen(
        "several numbers for each image",
        writer(faces=pixels(6, 8, 8), labels=np.random.default_rng(0).normal(size=(6, 4))),
        NAME,
        {"train": 6},
        ("image",),
        remarks=("is not one class for each image",),
    ),
]
