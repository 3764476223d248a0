"""CSV files of pixels, written as the published ones are."""

import gzip
import zipfile

import numpy as np

from tests.helpers.specimens import Specimen, pixels, put

NAME = "a .csv file with a row of pixels for each image"
LABELED = ("image", "label")
DIGITS = tuple(map(str, range(10)))


def rows(count, side=28, channels=1, label=True, start=0, header=None, end="\n"):
    """Lines of a label and pixels."""
    lines = [header] if header else []
    for number, image in enumerate(pixels(count, side * side * channels, seed=start)):
        cells = [number % 10 + start] if label else []
        lines.append(",".join(map(str, [*cells, *image.tolist()])))
    return end.join(lines) + end


def header(side=28, channels=1, label="label,", name="pixel{}"):
    return label + ",".join(name.format(at) for at in range(side * side * channels))


def kaggle_mnist(folder):
    put(folder / "train.csv", rows(20, header=header()))
    put(folder / "test.csv", rows(10, label=False, header=header(label="")))
    return folder


def zipped(folder):
    with zipfile.ZipFile(folder / "digit-recognizer.zip", "w") as archive:
        archive.writestr("train.csv", rows(20, header=header()))
        archive.writestr("test.csv", rows(10, label=False, header=header(label="")))
        archive.writestr("sample_submission.csv", "ImageId,Label\n1,0\n2,0\n")
    return folder / "digit-recognizer.zip"


def mnist_in_csv(folder):
    names = "label," + ",".join(f"{row}x{column}" for row in range(1, 29) for column in range(1, 29))
    put(folder / "mnist_train.csv", rows(20, header=names, end="\r\n"))
    put(folder / "mnist_test.csv", rows(10, header=names, end="\r\n"))
    return folder


def fer2013(folder):
    lines = ["emotion,pixels,Usage"]
    usages = ["Training"] * 14 + ["PublicTest"] * 7 + ["PrivateTest"] * 7
    for number, (image, usage) in enumerate(zip(pixels(28, 48 * 48), usages, strict=True)):
        lines.append(f"{number % 7},{' '.join(map(str, image.tolist()))},{usage}")
    return put(folder / "fer2013.csv", "\n".join(lines) + "\n")


def emnist(folder):
    put(folder / "emnist-letters-train.csv", rows(20, start=1))
    put(folder / "emnist-letters-test.csv", rows(10, start=1))
    return folder


def compressed(folder):
    put(folder / "fashion-mnist_train.csv.gz", gzip.compress(rows(20, header=header()).encode()))
    return folder / "fashion-mnist_train.csv.gz"


def skin_lesions(folder):
    """HAM10000's hmnist_28_28_RGB.csv: colors side by side, the label last."""
    lines = [header(8, 3, label="", name="pixel{:04}") + ",label"]
    lines += [",".join(map(str, [*image.tolist(), number % 7])) for number, image in enumerate(pixels(14, 192))]
    return put(folder / "hmnist_8_8_RGB.csv", "\n".join(lines))


def from_pandas(folder):
    """`DataFrame.to_csv` of an array of floats with an index, and labels that are texts."""
    lines = ["," + header(8, label="", name="{}") + ",class"]
    for number, image in enumerate(np.round(pixels(6, 64) / 255, 4)):
        lines.append(",".join(map(str, [number, *image.tolist(), ["cat", "dog"][number % 2]])))
    return put(folder / "frame.csv", "\n".join(lines) + "\n")


SPECIMENS = [
    Specimen(
        "Kaggle's digit recognizer",
        kaggle_mnist,
        NAME,
        {"train": 20, "test": 10},
        LABELED,
        DIGITS,
        remarks=("test.csv has no labels",),
    ),
    Specimen("Kaggle's digit recognizer as a zip", zipped, NAME, {"train": 20, "test": 10}, LABELED, DIGITS),
    Specimen("MNIST in CSV", mnist_in_csv, NAME, {"train": 20, "test": 10}, LABELED, DIGITS),
    Specimen(
        "FER2013",
        fer2013,
        NAME,
        {"train": 14, "validation": 7, "test": 7},
        LABELED,
        ("angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"),
    ),
    Specimen(
        "EMNIST in CSV",
        emnist,
        NAME,
        {"train": 20, "test": 10},
        LABELED,
        tuple(map(str, range(1, 11))),
        remarks=("rows and columns are exchanged", "has no header"),
    ),
    Specimen("Fashion-MNIST in CSV, compressed", compressed, NAME, {"train": 20}, LABELED, DIGITS),
    Specimen(
        "HAM10000 in CSV",
        skin_lesions,
        NAME,
        {"train": 14},
        LABELED,
        7,
        remarks=("the colors of each pixel side by side",),
    ),
    Specimen("floats with an index and names", from_pandas, NAME, {"train": 6}, LABELED, ("cat", "dog")),
]
