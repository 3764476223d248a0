"""MATLAB files of any version: the reader for each, and what MATLAB's files of images have in common."""

from __future__ import annotations

import math
from dataclasses import replace

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_files import hdf5_tree, mat5
from gancli.data.array_files.axes import Layout
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.containers.source_files import SourceFile
from gancli.data.remarks import Remark, guessed, left_out, some

HDF5 = b"\x89HDF\r\n\x1a\n"
MOST_NUMBERS = 10_000_000  # in a vector
HDF5_AT = (0, 512)  # where HDF5 begins: after a block of MATLAB's own
BY_ROWS = ("mnist_all", "mnist-original", "mnist_original", "usps_all", "usps_resampled")  # exported row by row
CONVERT = "import scipy.io, numpy; numpy.savez('images.npz', **scipy.io.loadmat('{name}'))"


def columns(file: SourceFile) -> tuple[dict[str, ArrayColumn], tuple[Remark, ...]]:
    """The arrays of a MATLAB file by their names, not read yet, and remarks. Raises: DataError for other files."""
    with file.open() as stream:
        head = stream.read(1024)
    name = str(file.path or file.name)
    if any(head[at : at + len(HDF5)] == HDF5 for at in HDF5_AT):
        if file.path is None:
            raise DataError(f"{name} is a MATLAB file of version 7.3 inside an archive: unpack it first")
        return hdf5_tree.columns(file.path), ()
    if mat5.is_version_5(head[: mat5.HEADER]):
        found, skipped = mat5.columns(file)
        remarks = [left_out(f"not read: {some(skipped)}", matters=False)] if skipped else []
        return found, tuple(remarks)
    if head[1:4] == b"\x4c\x3d\x1e" or head[:3] == b"\x1e\x3d\x4c":
        raise DataError(
            f"{name} is a matrix of smallNORB and no MATLAB file: in Python, images = numpy.fromfile('{file.base}', "
            "numpy.uint8, offset=24), then numpy.savez('images.npz', images=images.reshape(-1, 96, 96))"
        )
    raise DataError(
        f"{name} is no MATLAB file of version 5 or 7.3; an older one becomes arrays by: "
        + CONVERT.format(name=file.base)
    )


def vectors(file: SourceFile, *names: str) -> dict[str, np.ndarray]:
    """The vectors of whole numbers of these names, int64 (count,), such as labels and lists of rows.

    Raises: DataError for a file without them, with other values, too large or damaged.
    """
    found, _ = columns(file)
    absent = [name for name in names if name not in found]
    if absent:
        there = some(list(found)) if found else "nothing of numbers"
        raise DataError(f"{file.name} holds {there}; expected vectors of whole numbers called {', '.join(names)}")
    values = {}
    for name in names:
        column = found[name]
        count = math.prod(column.shape)
        if column.dtype.kind not in "iuf" or max(column.shape, default=0) != count or count > MOST_NUMBERS:
            what = f"{column.dtype} of shape {column.shape}"
            raise DataError(f"{file.name}: {name} is {what}; expected a vector of at most {MOST_NUMBERS:,} numbers")
        vector = column.read().ravel()
        if not np.array_equal(vector, np.floor(vector)):
            raise DataError(f"{file.name}: {name} holds fractions or NaN; expected whole numbers")
        values[name] = vector.astype(np.int64)
    return values


def layout_of(name: str) -> Layout:
    """How flat rows in a MATLAB file of this name are stored: column by column, as MATLAB's `reshape` makes them."""
    return Layout(by_columns=not name.lower().startswith(BY_ROWS))


def with_digit_zero(found: ArraySet) -> ArraySet:
    """Labels 1 to 10 in `y`, of which 10 is the digit 0, as in SVHN, as 0 to 9."""
    labels = {part: columns["label"] for part, columns in found.parts.items() if "label" in columns}
    if found.classes or not labels or any(column.name.rpartition("/")[2] != "y" for column in labels.values()):
        return found
    values = {part: column.read() for part, column in labels.items()}
    if any(one.dtype.kind not in "iuf" for one in values.values()):
        return found
    if not np.array_equal(np.unique(np.concatenate([one.ravel() for one in values.values()])), np.arange(1, 11)):
        return found
    parts = {
        part: {**columns, "label": ArrayColumn.of(labels[part].name, values[part] % 10)} if part in labels else columns
        for part, columns in found.parts.items()
    }
    remark = guessed("y from 1 to 10: 10 is read as the digit 0, as in SVHN", matters=False)
    return replace(found, parts=parts, remarks=(*found.remarks, remark))
