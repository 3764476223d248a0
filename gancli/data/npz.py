"""Data from a `.npz` file: Keras' layout (x_train, y_train, x_test, y_test) or `images` and `labels`."""

from __future__ import annotations

import math
import zipfile
import zlib
from pathlib import Path

import numpy as np

from gancli.data.arrays import from_arrays
from gancli.data.dataset import Dataset, Request, total_memory
from gancli.errors import DataError

ACCEPTS = "a .npz file with x_train, y_train, … or images, labels"
KEYS = ("x_train", "y_train", "x_test", "y_test", "images", "labels", "classes")


def accepts(path: Path) -> bool:
    """Whether the path is a `.npz` file."""
    return path.is_file() and path.suffix.lower() == ".npz"


def load(path: Path, request: Request) -> Dataset:
    """The data set in the file. Raises: DataError."""
    return from_arrays(path.stem, read(path), request, source=str(path))


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a data set in a `.npz` file; nothing in it is unpickled. Raises: DataError."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            wanted = [name for name in names if name in KEYS]
            if not wanted:
                raise DataError(f"{path} holds {', '.join(names[:8]) or 'nothing'}; expected x_train, or images")
            return {name: _read_array(archive, name, path) for name in wanted}
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is not a readable .npz file: {error}") from error


def _read_array(archive: zipfile.ZipFile, name: str, path: Path) -> np.ndarray:
    member = archive.getinfo(f"{name}.npy")
    if member.file_size > total_memory() // 2:
        raise DataError(f"{path}: '{name}' unpacks to {member.file_size / 1e9:,.1f} GB, more than half of the memory")
    with archive.open(member) as file:
        try:
            version = np.lib.format.read_magic(file)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = header(file)
        except ValueError as error:
            raise DataError(f"{path}: '{name}' is not an array: {error}") from error
    if dtype.hasobject:
        raise DataError(f"{path}: '{name}' holds Python objects, not numbers; they are not loaded")
    if math.prod(shape) * dtype.itemsize > member.file_size:
        raise DataError(f"{path}: '{name}' claims shape {shape} but is cut short")
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)
