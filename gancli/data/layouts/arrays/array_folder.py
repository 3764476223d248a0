"""A folder or archive of array files that are one data set: splits, images and labels in files of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from gancli.core.errors import DataError
from gancli.data.array_files import class_files, hdf5_tree, matlab, npy, roles
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import npz
from gancli.data.remarks import Remark

NAME = "a folder of .npy, .npz, .mat or .h5 files"
EXAMPLE = (
    "kmnist-train-imgs.npz, kmnist-train-labels.npz, kmnist-test-imgs.npz, …\ntrain_32x32.mat, test_32x32.mat\n"
    "X_train.npy, y_train.npy, X_test.npy\ncat.npy, dog.npy (QuickDraw: a class each)"
)
BECOMES = "images with labels; names of files and keys say which are images, labels and splits, or each file is a class"
ORDER = 70  # after the layouts that know such files by their names
MOST_FILES = 2000


def recognize(entries: SourceFiles) -> DataSource | None:
    """The arrays of all files of one kind; None beside pictures. Raises: DataError."""
    if entries.kind == "file" or entries.pictures:
        return None
    for suffixes, read in READERS.items():
        files = [file for file in entries.others if file.suffix in suffixes]
        if files:
            return _source(entries, files, read)
    return None


def _npy(file: SourceFile) -> tuple[dict[str, ArrayColumn], tuple[Remark, ...]]:
    return {"": npy.column(file)}, ()


def _npz(file: SourceFile) -> tuple[dict[str, ArrayColumn], tuple[Remark, ...]]:
    return npz.columns(file), ()


def _hdf5(file: SourceFile) -> tuple[dict[str, ArrayColumn], tuple[Remark, ...]]:
    if file.path is None:
        raise DataError(f"{file.name} is an HDF5 file inside an archive: unpack it first")
    return hdf5_tree.columns(file.path), ()


Reader = Callable[[SourceFile], tuple[Mapping[str, ArrayColumn], tuple[Remark, ...]]]
READERS: dict[tuple[str, ...], Reader] = {
    (".npz",): _npz,
    (".npy",): _npy,
    (".mat",): matlab.columns,
    (".h5", ".hdf5"): _hdf5,
}


def _source(entries: SourceFiles, files: list[SourceFile], read: Reader) -> DataSource:
    if len(files) > MOST_FILES:
        raise DataError(f"{entries.path} holds {len(files):,} files of arrays; expected at most {MOST_FILES:,}")
    columns, remarks = {}, []
    for file in files:
        found, more = read(file)
        place = PurePosixPath(file.name).with_suffix("")
        remarks += more
        for key, column in found.items():
            name = f"{place}/{key}".rstrip("/")
            columns[name] = column._replace(name=name)
    is_matlab = read is matlab.columns
    layout = matlab.layout_of(files[0].base) if is_matlab else None
    classes = class_files.array_set(columns, name=str(entries.path), layout=layout, remarks=remarks)
    found = classes or roles.array_set(columns, name=str(entries.path), layout=layout, remarks=remarks)
    return (matlab.with_digit_zero(found) if is_matlab else found).as_source(entries.path, NAME)
