"""Arrays in a `.npz` file in any of the keys in use."""

from __future__ import annotations

from gancli.data.array_files import points, roles, siblings
from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import npz

NAME = "a .npz file of arrays"
EXAMPLE = (
    "mnist.npz with x_train, y_train, x_test, y_test\nfaces.npz with images, labels, classes\n"
    "pathmnist.npz with train_images, train_labels, val_images, …\nsamples.npz with arr_0\n"
    "points.npz with points of (count, dimensions)"
)
BECOMES = "images, whatever the order of axes, with labels, classes and attributes; keys say the splits"


def recognize(entries: SourceFiles) -> DataSource | None:
    """The arrays of a `.npz` file. Raises: DataError."""
    if entries.kind != "file" or entries.path.suffix.lower() != ".npz":
        return None
    path = entries.path
    columns, remarks = siblings.with_labels(entries.files[0], npz.columns(path), npz.columns)
    if (found := points.as_source(columns, path, NAME)) is not None:
        return found
    return roles.array_set(columns, name=str(path), remarks=remarks).as_source(path, NAME)
