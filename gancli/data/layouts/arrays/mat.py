"""MATLAB files of images: SVHN, EMNIST, USPS, faces and others, of version 5 and 7.3."""

from __future__ import annotations

from gancli.data.array_files import class_files, matlab, roles
from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource

NAME = "a .mat file of arrays (MATLAB)"
EXAMPLE = "train_32x32.mat with X and y (SVHN)\nemnist-letters.mat with dataset.train.images\nUSPS.mat with fea and gnd"
BECOMES = "images with labels"
SLOW = True


def recognize(entries: SourceFiles) -> DataSource | None:
    """The arrays of a `.mat` file. Raises: DataError."""
    path = entries.path
    if entries.kind != "file" or path.suffix.lower() != ".mat":
        return None
    columns, remarks = matlab.columns(entries.files[0])
    layout = matlab.layout_of(path.name)
    found = class_files.numbered(columns, name=str(path), layout=layout, remarks=remarks)
    found = found or roles.array_set(columns, name=str(path), layout=layout, remarks=remarks)
    return matlab.with_digit_zero(found).as_source(path, NAME)
