"""An array in NumPy's own format (`.npy`); nothing in it is unpickled."""

from __future__ import annotations

import math
from functools import partial
from tokenize import TokenError
from typing import BinaryIO

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile

HEADER_FAULTS = (ValueError, SyntaxError, TokenError, RecursionError, MemoryError)  # the last two: nested brackets
OBJECTS = "holds Python objects, not numbers; they are not loaded"


def column(file: SourceFile) -> ArrayColumn:
    """The array of a `.npy` file, not read yet. Raises: DataError for anything else, and for objects."""
    with file.open() as stream:
        shape, dtype = header(stream, file.name, size=file.size)
    if dtype.hasobject:
        raise DataError(f"{file.name} {OBJECTS}")
    return ArrayColumn(file.name.removesuffix(".npy"), shape, dtype, partial(_read, file))


def header(stream: BinaryIO, name: str, *, size: int | None) -> tuple[tuple[int, ...], np.dtype]:
    """The shape and type of an array. size: of the whole file. Raises: DataError for more than the file holds."""
    try:
        version = np.lib.format.read_magic(stream)
        reader = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = reader(stream)
    except HEADER_FAULTS as error:
        raise DataError(f"{name} is not an array of numbers: its header cannot be read") from error
    if min(shape, default=0) < 0:
        raise DataError(f"{name} claims shape {shape}")
    if not dtype.hasobject and size is not None and math.prod(shape) * dtype.itemsize > size:
        raise DataError(f"{name} claims shape {shape} but is cut short")
    return shape, dtype


def _read(file: SourceFile) -> np.ndarray:
    with file.open() as stream:
        header(stream, file.name, size=file.size)
    with file.open() as stream:
        try:
            return np.lib.format.read_array(stream, allow_pickle=False)
        except (ValueError, EOFError) as error:
            raise DataError(f"{file.name} is cut short or damaged: {error}") from error
