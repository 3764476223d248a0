"""MNIST as mnist.pkl.gz of deeplearning.net: a pickle of pairs of images and labels, read without an unpickler."""

from __future__ import annotations

import math

from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import byte_files
from gancli.data.formats.published import inert_pickle
from gancli.data.formats.published.inert_pickle import PickledArray

NAME = "pairs of images and labels in a pickle (mnist.pkl.gz)"
EXAMPLE = "mnist.pkl.gz with (images, labels) for training, validation and testing"
BECOMES = "images with labels; three pairs are for training, validation and testing, two for training and testing"
SLOW = True
ORDER = 24
ENDINGS = (".pkl", ".pkl.gz", ".pickle", ".pickle.gz")
PARTS = {1: ("train",), 2: ("train", "test"), 3: ("train", "validation", "test")}  # by the number of pairs
MOST = 2_000_000_000  # bytes, unpacked


def recognize(entries: SourceFiles) -> DataSource | None:
    """The pairs in a pickle that is given, or in the only mnist.pkl.gz of a folder. Raises: DataError."""
    if entries.kind == "file":
        file = entries.files[0] if entries.files and entries.path.name.lower().endswith(ENDINGS) else None
    else:
        found = [] if entries.pictures else entries.named("mnist.pkl.gz", "mnist.pkl")
        file = found[0] if found else None
    if file is None:
        return None
    values = inert_pickle.load(byte_files.read_all(file, MOST), name=file.name)
    pairs = values if isinstance(values, list | tuple) else ()
    if len(pairs) not in PARTS or not all(isinstance(pair, list | tuple) and len(pair) == 2 for pair in pairs):
        raise DataError(f"{file.name} holds no pairs of images and labels for training, validation and testing")
    parts = {
        part: _columns(pair, f"{file.name}: {part}", file) for part, pair in zip(PARTS[len(pairs)], pairs, strict=True)
    }
    return ArraySet(parts).as_source(entries.path, NAME)


def _columns(pair: list | tuple, name: str, file: SourceFile) -> dict[str, ArrayColumn]:
    if not all(isinstance(values, PickledArray) for values in pair):
        raise DataError(f"{file.name} holds pairs of other things than arrays")
    images, labels = pair
    count, *sides = images.shape
    flat = sides[0] if len(sides) == 1 else 0
    side = math.isqrt(flat)
    shape = (count, side, side) if flat and side * side == flat else images.shape
    if labels.shape[0] != count:
        raise DataError(f"{name} has {labels.shape[0]:,} labels for {count:,} images")
    return {
        "image": ArrayColumn(f"{name} images", shape, images.dtype, lambda: images.values().reshape(shape)),
        "label": ArrayColumn(f"{name} labels", labels.shape, labels.dtype, labels.values),
    }
