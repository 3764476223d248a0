"""Arrays in a `.h5` file with gancli's own keys, which are read from disk as they are needed."""

from __future__ import annotations

from functools import partial

from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import hdf5, hdf5_reading

NAME = "a .h5 file of arrays"
EXAMPLE = "faces.h5 with images, labels, attributes, tests"
BECOMES = "images on disk with labels, attributes, captions, label maps; tests says what is for testing"


def recognize(entries: SourceFiles) -> DataSource | None:
    """The arrays of a `.h5` or `.hdf5` file. Raises: DataError."""
    path = entries.path
    if entries.kind != "file" or path.suffix.lower() not in (".h5", ".hdf5"):
        return None
    dataset = hdf5_reading.read(path)
    counts = {"train": len(dataset) - dataset.validation, "validation": dataset.validation}
    return DataSource(
        path,
        (NAME,),
        counts | {"test": len(dataset.test.get("image", ()))},
        tuple(dataset.train),
        partial(hdf5.load, path),
        dataset.classes,
        dataset.attributes,
        () if "size" in dataset.train else dataset.shape,
        dataset.remarks,
    )
