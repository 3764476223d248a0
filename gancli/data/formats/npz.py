"""The arrays of a `.npz` file; nothing in it is unpickled."""

from __future__ import annotations

import contextlib
import math
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from tokenize import TokenError

from gancli.core import files, safe_hdf5
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn

HEADER_FAULTS = (ValueError, SyntaxError, TokenError, RecursionError, MemoryError)  # the last two: nested brackets
KEYS = ("x_train", "y_train", "x_test", "y_test", "images", "labels", "classes", "attributes", "attribute_names")


def columns(path: Path, keys: Sequence[str] | None = KEYS) -> dict[str, ArrayColumn]:
    """The arrays in a `.npz` file, not read yet. keys: those that are wanted, None for all. Raises: DataError."""
    with _opened(path) as archive:
        names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
        wanted = [name for name in names if keys is None or name in keys]
        if not wanted:
            raise DataError(f"{path} holds {', '.join(names[:8]) or 'nothing'}; expected x_train, or images")
        _check_sizes([archive.getinfo(f"{name}.npy") for name in wanted], path)
        return {name: ArrayColumn(name, *_header(archive, name, path), partial(_read, path, name)) for name in wanted}


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a data set in a `.npz` file; nothing in it is unpickled. Raises: DataError."""
    return {name: column.read() for name, column in columns(path).items()}


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[zipfile.ZipFile]:
    try:
        with files.open_regular(path) as file, zipfile.ZipFile(file) as archive:
            yield archive
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


def _header(archive: zipfile.ZipFile, name: str, path: Path) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and type of an array. Raises: DataError for objects, and for more than the file holds."""
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
    return shape, dtype


def _read(path: Path, name: str) -> np.ndarray:
    with _opened(path) as archive:
        _header(archive, name, path)
        with archive.open(f"{name}.npy") as file:
            return np.lib.format.read_array(file, allow_pickle=False)
