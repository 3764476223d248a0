"""The arrays of a `.npz` file; nothing in it is unpickled."""

from __future__ import annotations

import contextlib
import io
import zipfile
import zlib
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import NoReturn

from gancli.core import safe_hdf5
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.array_files import npy
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile, image_file


def columns(source: Path | SourceFile) -> dict[str, ArrayColumn]:
    """The arrays in a `.npz` file, not read yet; objects have the type object, and reading them raises DataError.

    Raises: DataError.
    """
    file = image_file(source) if isinstance(source, Path) else source
    path = file.path or file.name
    with _opened(file) as archive:
        members = [name for name in archive.namelist() if name.endswith(".npy")]
        if not members:
            held = ", ".join(archive.namelist()[:8]) or "nothing"
            raise DataError(f"{path} holds {held}; expected arrays, such as x_train, or images")
        return {name: _column(archive, name, file) for name in (one.removesuffix(".npy") for one in members)}


def read(path: Path) -> dict[str, np.ndarray]:
    """The arrays of a data set in a `.npz` file, without those of objects; nothing in it is unpickled.

    Raises: DataError.
    """
    return {name: column.read() for name, column in columns(path).items() if not column.dtype.hasobject}


@contextlib.contextmanager
def _opened(file: SourceFile) -> Iterator[zipfile.ZipFile]:
    path = file.path or file.name
    try:
        with file.open() if file.path else io.BytesIO(file.read()) as stream, zipfile.ZipFile(stream) as archive:
            yield archive
    except (OSError, EOFError, ValueError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error) as error:
        raise DataError(f"{path} is not a readable .npz file: {error}") from error


def _check_size(member: zipfile.ZipInfo, path: Path | str) -> None:
    """Raise DataError for an array that unpacks to more than half of the memory, or to far more than it stores."""
    claimed, stored = member.file_size, member.compress_size
    if claimed > total_memory() // 2:
        raise DataError(f"{path} unpacks to {claimed / 1e9:,.1f} GB, more than half of the memory")
    if claimed > safe_hdf5.MAX_CLAIM and claimed > safe_hdf5.MAX_EXPANSION * stored:
        raise DataError(f"{path} claims {claimed / 1e6:,.0f} MB but stores {stored / 1e6:,.3f} MB")


def _column(archive: zipfile.ZipFile, name: str, file: SourceFile) -> ArrayColumn:
    """An array that is not read yet. Raises: DataError for more than the file holds."""
    path, member = file.path or file.name, archive.getinfo(f"{name}.npy")
    with archive.open(member) as stream:
        shape, dtype = npy.header(stream, f"{path}: '{name}'", size=member.file_size)
    if dtype.hasobject:
        return ArrayColumn(name, shape, dtype, partial(_refuse, f"{path}: '{name}'"))
    return ArrayColumn(name, shape, dtype, partial(_read, file, name))


def _refuse(name: str) -> NoReturn:
    raise DataError(f"{name} {npy.OBJECTS}")


def _read(file: SourceFile, name: str) -> np.ndarray:
    path = file.path or file.name
    with _opened(file) as archive:
        member = archive.getinfo(f"{name}.npy")
        _check_size(member, path)
        with archive.open(member) as stream:
            npy.header(stream, f"{path}: '{name}'", size=member.file_size)
        with archive.open(member) as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)
