"""The idx format of MNIST (LeCun, Cortes & Burges 1998): two zero bytes, a type, a rank, big-endian sizes, numbers."""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import byte_files

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
MOST_AXES = 4


class Header(NamedTuple):
    """What an idx file says about itself. size: of the header, in bytes."""

    shape: tuple[int, ...]
    dtype: np.dtype
    size: int


def header(file: SourceFile) -> Header:
    """The header of an idx file, checked against the size of the file. Raises: DataError."""
    with byte_files.opened(file) as stream:
        magic = stream.read(4)
        axes = magic[3] if len(magic) == 4 else 0
        sizes = stream.read(4 * axes) if axes <= MOST_AXES else b""
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in TYPES or not 1 <= axes <= MOST_AXES:
        raise DataError(f"{file.name} is not an idx file: it begins with {magic.hex() or 'nothing'}")
    if len(sizes) < 4 * axes:
        raise DataError(f"{file.name} is cut short in its header")
    shape = tuple(int.from_bytes(sizes[at : at + 4], "big") for at in range(0, len(sizes), 4))
    found = Header(shape, np.dtype(TYPES[magic[2]]), 4 + len(sizes))
    claimed = found.size + math.prod(shape) * found.dtype.itemsize
    byte_files.need_room(file, claimed)
    if not byte_files.is_gzip(file.name) and file.size is not None and file.size != claimed:
        raise DataError(f"{file.name} holds {file.size:,} bytes, and {claimed:,} by its header")
    return found


def column(file: SourceFile) -> ArrayColumn:
    """The numbers of an idx file, not read yet, in the byte order of this machine. Raises: DataError."""
    found = header(file)
    return ArrayColumn(file.name, found.shape, found.dtype.newbyteorder("="), partial(_read, file, found))


def _read(file: SourceFile, known: Header) -> np.ndarray:
    values = np.empty(known.shape, known.dtype)
    with byte_files.opened(file) as stream:
        stream.read(known.size)
        byte_files.read_into(stream, values, file.name)
        byte_files.need_end(stream, file.name)
    return values.astype(known.dtype.newbyteorder("="), copy=False)
