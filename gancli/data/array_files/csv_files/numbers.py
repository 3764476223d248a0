"""Numbers in text, fast: rows of a CSV file as arrays, in blocks of whole lines."""

from __future__ import annotations

import contextlib
import gzip
import io
import warnings
import zlib
from collections.abc import Iterator

from gancli.core import safe_hdf5
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import byte_files

BLOCK = 4_000_000  # bytes
MOST_LINE = 50_000_000  # bytes
DROPPED = b'\r"'  # around numbers
GZIP_FAULTS = (EOFError, zlib.error, gzip.BadGzipFile)


def blocks(file: SourceFile, size: int = BLOCK) -> Iterator[bytes]:
    """The text of a file in blocks of whole lines, decompressed if its name ends in .gz; empty lines are dropped.

    Raises: DataError for damage, for a line without an end, and for more than half of the memory or far more than the
    file stores.
    """
    name = str(file.path or file.name)
    with _opened(file) as stream:
        rest, total = b"", 0
        while piece := stream.read(size):
            total += len(piece)
            _check_size(total, file, name)
            lines, newline, rest = (rest + piece.replace(b"\r\n", b"\n")).rpartition(b"\n")
            if len(rest) > MOST_LINE:
                raise DataError(f"{name}: a line of more than {MOST_LINE // 1_000_000} MB; expected a row of pixels")
            yield from _whole(lines + newline)
        yield from _whole(rest + b"\n")


def _whole(block: bytes) -> Iterator[bytes]:
    while b"\n\n" in block:
        block = block.replace(b"\n\n", b"\n")
    block = block.lstrip(b"\n")
    if block:
        yield block


@contextlib.contextmanager
def _opened(file: SourceFile) -> Iterator[io.BufferedIOBase]:
    name = str(file.path or file.name)
    try:
        with byte_files.unpacked(file) as stream:
            yield stream
    except GZIP_FAULTS as error:
        raise DataError(f"{name} is cut short or damaged: {error}") from error


def _check_size(total: int, file: SourceFile, name: str) -> None:
    if total > total_memory() // 2:
        raise DataError(f"{name} holds more text than half of the memory")
    stored = file.size or total
    if total > safe_hdf5.MAX_CLAIM and total > safe_hdf5.MAX_EXPANSION * stored:
        raise DataError(f"{name} unpacks to more than {total / 1e6:,.0f} MB but stores {stored / 1e6:,.3f} MB")


def parse(block: bytes, delimiter: str, columns: int, *, name: str) -> np.ndarray:
    """The numbers of whole lines (rows, columns): uint8 if they all fit, else int64, else float64.

    Raises: DataError for anything but numbers, and for rows of another length.
    """
    text = block.translate(None, DROPPED) if any(byte in block for byte in DROPPED) else block
    for dtype in (np.uint8, np.int64, np.float64):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # older versions of NumPy cut fractions off, with a warning
                values = np.loadtxt(io.BytesIO(text), dtype, delimiter=delimiter, comments=None, ndmin=2)
            break
        except (ValueError, OverflowError, Warning) as error:
            if dtype is np.float64:
                raise DataError(f"{name}: not a table of numbers: {str(error).splitlines()[0]}") from error
    if values.shape[1] != columns:
        raise DataError(f"{name}: rows of {values.shape[1]:,} numbers; expected {columns:,}")
    return values
