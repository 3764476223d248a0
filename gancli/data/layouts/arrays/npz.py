"""Arrays in a `.npz` file: x_train, y_train, x_test, y_test as Keras has them, or images and labels."""

from __future__ import annotations

from gancli.data.array_set import keras_set
from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import npz

NAME = "a .npz file of arrays"
EXAMPLE = "mnist.npz with x_train, y_train, x_test, y_test\nfaces.npz with images, labels, classes"
BECOMES = "images with labels, classes and attributes; x_test is the test split"


def recognize(entries: SourceFiles) -> DataSource | None:
    """The arrays of a `.npz` file. Raises: DataError."""
    if entries.kind != "file" or entries.path.suffix.lower() != ".npz":
        return None
    path = entries.path
    return keras_set(npz.columns(path), name=path.stem).as_source(path, NAME)
