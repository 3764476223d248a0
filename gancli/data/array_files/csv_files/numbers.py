"""Numbers in text, fast: rows of a CSV file as arrays, in blocks of whole lines."""

from __future__ import annotations

import contextlib
import gzip
import io
import zlib
from collections.abc import Iterator

from gancli.core import safe_hdf5
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile

BLOCK = 4_000_000  # bytes
MOST_LINE = 50_000_000  # bytes
MOST_DIGITS = 9
NEWLINE, ZERO = ord("\n"), ord("0")
DROPPED = b'\r" '  # carriage returns, quotes and spaces around numbers
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
    with file.open() as stream:
        try:
            yield gzip.GzipFile(fileobj=stream) if file.suffix == ".gz" else stream
        except GZIP_FAULTS as error:
            raise DataError(f"{name} is cut short or damaged: {error}") from error


def _check_size(total: int, file: SourceFile, name: str) -> None:
    if total > total_memory() // 2:
        raise DataError(f"{name} holds more text than half of the memory")
    stored = file.size or total
    if total > safe_hdf5.MAX_CLAIM and total > safe_hdf5.MAX_EXPANSION * stored:
        raise DataError(f"{name} unpacks to more than {total / 1e6:,.0f} MB but stores {stored / 1e6:,.3f} MB")


def parse(block: bytes, delimiter: str, columns: int, *, name: str) -> np.ndarray:
    """The numbers of whole lines: int64 (rows, columns), or float64 if there are others.

    Raises: DataError for anything but numbers, and for rows of another length.
    """
    text = block.translate(None, DROPPED if delimiter != " " else DROPPED[:2])
    data = np.frombuffer(text, np.uint8)
    is_end = (data == ord(delimiter)) | (data == NEWLINE)
    ends = np.flatnonzero(is_end)
    lengths = np.diff(ends, prepend=-1) - 1
    are_digits = (data - ZERO < 10) | is_end
    if not are_digits.all() or lengths.min() < 1 or lengths.max() > MOST_DIGITS:
        return _parse_any(text, delimiter, columns, name)
    if len(ends) % columns or not (data[ends[columns - 1 :: columns]] == NEWLINE).all():
        raise DataError(f"{name}: rows of different lengths; expected {columns:,} numbers in each")
    if text.count(b"\n") * columns != len(ends):
        raise DataError(f"{name}: rows of different lengths; expected {columns:,} numbers in each")
    values = data[ends - 1].astype(np.int64) - ZERO
    for place in range(1, int(lengths.max())):
        longer = np.flatnonzero(lengths > place)
        values[longer] += (data[ends[longer] - 1 - place].astype(np.int64) - ZERO) * 10**place
    return values.reshape(-1, columns)


def _parse_any(text: bytes, delimiter: str, columns: int, name: str) -> np.ndarray:
    try:
        values = np.loadtxt(io.BytesIO(text), np.float64, delimiter=delimiter, comments=None, ndmin=2)
    except (ValueError, OverflowError) as error:
        raise DataError(f"{name}: not a table of numbers: {str(error).splitlines()[0]}") from error
    if values.shape[1] != columns:
        raise DataError(f"{name}: rows of {values.shape[1]:,} numbers; expected {columns:,}")
    return values
