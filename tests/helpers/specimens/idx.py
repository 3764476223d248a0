"""MNIST's own files and those of its successors, byte by byte as LeCun's page and torchvision's readers have them."""

import gzip
import io
import zipfile

import numpy as np

from tests.helpers.specimens import Specimen, pixels, put

NAME = "MNIST's own files (idx)"
COLUMNS = ("image", "label")
TEN = np.arange(20, dtype=np.uint8) % 10
TYPES = {"u1": 0x08, "i4": 0x0C}


def idx(values):
    """An array as an idx file."""
    kind = values.dtype.str[1:]
    sizes = np.array(values.shape, ">u4").tobytes()
    return bytes([0, 0, TYPES[kind], values.ndim]) + sizes + values.astype(f">{kind}").tobytes()


def four(train="train", test="t10k", *, between="-", first=0, classes=10, labels="idx1-ubyte", side=28):
    """The four files of a set by name: 20 training and 10 test images, test images of constant brightness."""
    values = np.arange(20) % classes + first
    values = values.astype(np.uint8) if labels == "idx1-ubyte" else np.tile(values[:, None], 8).astype(np.int32)
    tests = np.broadcast_to(np.arange(10, dtype=np.uint8)[:, None, None] * 20, (10, side, side))
    return {
        f"{train}-images{between}idx3-ubyte": idx(pixels(20, side, side)),
        f"{train}-labels{between}{labels}": idx(values),
        f"{test}-images{between}idx3-ubyte": idx(tests),
        f"{test}-labels{between}{labels}": idx(values[:10]),
    }


def write(folder, files, *, packed=True):
    """The files in a folder, compressed or not; returns the folder."""
    for name, content in files.items():
        put(folder / (f"{name}.gz" if packed else name), gzip.compress(content, 1) if packed else content)
    return folder


def torchvision(folder):
    for packed in (True, False):
        write(folder / "data" / "FashionMNIST" / "raw", four(), packed=packed)
    return folder / "data"


def kaggle(folder):
    """Kaggle's hojjatk/mnist-dataset: dotted names, and again in folders of the same name."""
    for name, content in four(between=".").items():
        put(folder / "archive" / name, content)
        dashed = name.replace(".", "-")
        put(folder / "archive" / dashed / dashed, content)
    return folder / "archive"


def zipped(folder):
    with zipfile.ZipFile(folder / "kmnist.zip", "w") as archive:
        for name, content in four().items():
            archive.writestr(f"{name}.gz", gzip.compress(content))
    return folder / "kmnist.zip"


def one_file(name, **options):
    def write_one(folder):
        write(folder / "set", four(**options))
        return folder / "set" / name

    return write_one


LETTERS = "".join(f"{number} {64 + number} {96 + number}\n" for number in range(1, 27))


def emnist(folder, *splits):
    """EMNIST's gzip.zip with some of its splits."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for split in splits:
            first, classes = (1, 26) if split == "letters" else (0, 10)
            files = four(f"emnist-{split}-train", f"emnist-{split}-test", first=first, classes=classes)
            for name, content in files.items():
                archive.writestr(f"gzip/{name}.gz", gzip.compress(content))
            mapping = LETTERS if split == "letters" else "".join(f"{n} {48 + n}\n" for n in range(10))
            archive.writestr(f"gzip/emnist-{split}-mapping.txt", mapping)
    return put(folder / "gzip.zip", buffer.getvalue())


def emnist_file(folder):
    files = four("emnist-letters-train", "emnist-letters-test", first=1, classes=26)
    write(folder, files | four("emnist-digits-train", "emnist-digits-test"), packed=False)
    return folder / "emnist-letters-train-images-idx3-ubyte"


TWENTY = tuple("ABCDEFGHIJKLMNOPQRST")
DIGITS = tuple("0123456789")
BOTH = {"train": 20, "test": 10}
FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
KUZUSHIJI = ("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo")
TRAIN = "train-images-idx3-ubyte.gz"
QMNIST = {"train": "qmnist-train", "test": "qmnist-test", "labels": "idx2-int"}
SPECIMENS = [
    Specimen("MNIST idx.gz", lambda at: write(at / "mnist", four()), NAME, BOTH, COLUMNS, DIGITS),
    Specimen("MNIST idx", lambda at: write(at / "x", four(), packed=False), NAME, BOTH, COLUMNS, DIGITS),
    Specimen(
        "torchvision's root", torchvision, NAME, BOTH, COLUMNS, FASHION, remarks=("4 further files of the same names",)
    ),
    Specimen("Kaggle's dotted idx", kaggle, NAME, BOTH, COLUMNS, DIGITS, remarks=("4 further files",)),
    Specimen("KMNIST idx in a zip", zipped, NAME, BOTH, COLUMNS, KUZUSHIJI),
    Specimen("an idx file and its siblings", one_file(TRAIN), NAME, BOTH, COLUMNS, DIGITS),
    Specimen("a file of idx labels", one_file("train-labels-idx1-ubyte.gz"), NAME, BOTH, COLUMNS, DIGITS),
    Specimen(
        "an idx file of test images",
        one_file("t10k-images-idx3-ubyte.gz"),
        NAME,
        {"train": 10},
        COLUMNS,
        DIGITS,
        remarks=("only the test images",),
    ),
    Specimen("notMNIST idx", lambda at: write(at / "notMNIST", four()), NAME, BOTH, COLUMNS, tuple("ABCDEFGHIJ")),
    Specimen(
        "QMNIST", lambda at: write(at, four(**QMNIST)), NAME, BOTH, COLUMNS, DIGITS, remarks=("first column is used",)
    ),
    Specimen(
        "EMNIST letters in gzip.zip",
        lambda at: emnist(at, "letters"),
        NAME,
        BOTH,
        COLUMNS,
        TWENTY,
        remarks=("turned upright", "6 of 26 classes have no images"),
    ),
    Specimen("EMNIST letters by a file", emnist_file, NAME, BOTH, COLUMNS, TWENTY, remarks=("turned upright",)),
    Specimen(
        "idx images alone",
        lambda at: put(at / "a-images.idx3-ubyte", idx(pixels(6, 9, 9))),
        NAME,
        {"train": 6},
        ("image",),
    ),
    Specimen(
        "idx images in color",
        lambda at: put(at / "train-images-idx4-ubyte", idx(pixels(6, 9, 9, 3))),
        NAME,
        {"train": 6},
        ("image",),
    ),
]
