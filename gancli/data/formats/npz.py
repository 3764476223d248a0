"""Data from a `.npz` file: Keras' layout (x_train, y_train, x_test, y_test) or `images` and `labels`."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from tokenize import TokenError

from gancli.core import files, safe_hdf5
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.dataset import Dataset
from gancli.data.formats.arrays import from_arrays
from gancli.data.request import Request

ACCEPTS = "a .npz file with x_train, y_train, … or images, labels"
HEADER_FAULTS = (ValueError, SyntaxError, TokenError, RecursionError, MemoryError)  # the last two: nested brackets
KEYS = ("x_train", "y_train", "x_test", "y_test", "images", "labels", "classes", "attributes", "attribute_names")


def accepts(path: Path) -> bool:
    """Whether the path is a `.npz` file."""
    return path.is_file() and path.suffix.lower() == ".npz"


def load(path: Path, request: Request) -> Dataset:
    """The data set in the file. Raises: DataError."""
    return from_arrays(path.stem, read(path), request, source=str(path))


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a data set in a `.npz` file; nothing in it is unpickled. Raises: DataError."""
    try:
        with files.open_regular(path) as file, zipfile.ZipFile(file) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
            wanted = [name for name in names if name in KEYS]
            if not wanted:
                raise DataError(f"{path} holds {', '.join(names[:8]) or 'nothing'}; expected x_train, or images")
            _check_sizes([archive.getinfo(f"{name}.npy") for name in wanted], path)
            return {name: _read_array(archive, name, path) for name in wanted}
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is not a readable .npz file: {error}") from error


def _check_sizes(members: Sequence[zipfile.ZipInfo], path: Path) -> None:
    """Raise DataError for arrays that unpack to more than half of the memory, or to far more than they store."""
    claimed = sum(member.file_size for member in members)
    stored = sum(member.compress_size for member in members)
    if claimed > total_memory() // 2:
        raise DataError(f"{path} unpacks to {claimed / 1e9:,.1f} GB, more than half of the memory")
    if claimed > safe_hdf5.MAX_CLAIM and claimed > safe_hdf5.MAX_EXPANSION * stored:
        raise DataError(f"{path} claims {claimed / 1e6:,.0f} MB but stores {stored / 1e6:,.3f} MB")


def _read_array(archive: zipfile.ZipFile, name: str, path: Path) -> np.ndarray:
    member = archive.getinfo(f"{name}.npy")
    with archive.open(member) as file:
        try:
            version = np.lib.format.read_magic(file)
            header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
            shape, _, dtype = header(file)
        except HEADER_FAULTS as error:
            raise DataError(f"{path}: '{name}' is not an array of numbers: its header cannot be read") from error
    if dtype.hasobject:
        raise DataError(f"{path}: '{name}' holds Python objects, not numbers; they are not loaded")
    if math.prod(shape) * dtype.itemsize > member.file_size:
        raise DataError(f"{path}: '{name}' claims shape {shape} but is cut short")
    with archive.open(member) as file:
        return np.lib.format.read_array(file, allow_pickle=False)
