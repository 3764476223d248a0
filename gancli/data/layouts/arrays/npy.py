"""One array of images in a `.npy` file, with labels in a file beside it, if there are any."""

from __future__ import annotations

from gancli.data.array_files import npy, roles, siblings
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource

NAME = "a .npy file of images"
EXAMPLE = "cat.npy of 28x28 in rows of 784 (QuickDraw)\nX.npy with y.npy beside it"
BECOMES = "images, with the labels of a file beside it"


def recognize(entries: SourceFiles) -> DataSource | None:
    """The array of a `.npy` file. Raises: DataError."""
    if entries.kind != "file" or entries.path.suffix.lower() != ".npy":
        return None
    columns, remarks = siblings.with_labels(entries.files[0], _read(entries.files[0]), _read)
    return roles.array_set(columns, name=str(entries.path), remarks=remarks).as_source(entries.path, NAME)


def _read(file: SourceFile) -> dict[str, ArrayColumn]:
    return {"arr_0": npy.column(file)}
