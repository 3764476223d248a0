"""Files of bytes, perhaps compressed with gzip: read piece by piece, and never more than was claimed."""

from __future__ import annotations

import contextlib
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile, SourceFiles, file_on_disk
from gancli.data.remarks import Remark, left_out, some

MOST_EXPANSION = 1040  # times the bytes of a gzip file; deflate reaches 1032
PIECE = 1 << 20  # bytes read at a time
DAMAGE = (OSError, EOFError, ValueError, RuntimeError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, tarfile.TarError)


def is_gzip(name: str) -> bool:
    """Whether a file of this name is compressed with gzip."""
    return name.lower().endswith(".gz")


@contextlib.contextmanager
def unpacked(file: SourceFile) -> Iterator[BinaryIO]:
    """The file as a stream of its bytes, unpacked if its name ends in .gz. Raises: DataError, OSError, EOFError or
    zlib.error where reading it fails."""
    with file.open() as stream:
        if is_gzip(file.name):
            with gzip.GzipFile(fileobj=stream) as inner:
                yield inner
        else:
            yield stream


@contextlib.contextmanager
def opened(file: SourceFile) -> Iterator[BinaryIO]:
    """As `unpacked`. Raises: DataError where reading it fails."""
    try:
        with unpacked(file) as stream:
            yield stream
    except DAMAGE as error:
        raise DataError(f"{file.name} is damaged: {getattr(error, 'strerror', None) or error}") from error


def need_room(file: SourceFile, claimed: int) -> None:
    """Raise DataError if a file cannot hold the bytes that it claims, or they exceed half of the memory."""
    if claimed > total_memory() // 2:
        raise DataError(f"{file.name} unpacks to {claimed / 1e9:,.1f} GB, more than half of the memory")
    if file.size is not None and claimed > file.size * (MOST_EXPANSION if is_gzip(file.name) else 1):
        raise DataError(f"{file.name} claims {claimed:,} bytes and is cut short: it holds {file.size:,}")


def read_into(stream: BinaryIO, target: np.ndarray, name: str) -> None:
    """Fill a contiguous array with the next bytes. Raises: DataError if there are not enough."""
    view = memoryview(target.reshape(-1).view(np.uint8))
    done = 0
    while done < len(view):
        count = stream.readinto(view[done : done + PIECE])
        if not count:
            raise DataError(f"{name} is cut short: {done:,} of {len(view):,} bytes")
        done += count


def need_end(stream: BinaryIO, name: str) -> None:
    """Raise DataError if more bytes follow; also checks the checksum at the end of a compressed file."""
    if stream.read(1):
        raise DataError(f"{name} holds more than its header says")


def read_all(file: SourceFile, most: int) -> bytes:
    """All bytes of a file, unpacked. most: how many are accepted. Raises: DataError for more, and for damage."""
    most = min(most, total_memory() // 2)
    pieces, count = [], 0
    with opened(file) as stream:
        if file.size is not None and file.size <= most and not is_gzip(file.name):
            return stream.read(file.size)
        while piece := stream.read(PIECE):
            pieces.append(piece)
            count += len(piece)
            if count > most:
                raise DataError(f"{file.name} unpacks to more than {most / 1e6:,.0f} MB, a decompression bomb")
    return b"".join(pieces)


def count_rows(file: SourceFile, size: int, what: str) -> int:
    """The number of rows of `size` bytes in a file without a header. Raises: DataError if there is a part of one."""
    total = file.size if file.size is not None and not is_gzip(file.name) else _measure(file)
    if not total or total % size:
        raise DataError(f"{file.name} holds {total:,} bytes; expected {what}, {size:,} bytes each")
    return total // size


def _measure(file: SourceFile) -> int:
    """The number of bytes of a file whose size is unknown."""
    count, most = 0, total_memory() // 2
    with opened(file) as stream:
        while count <= most and (piece := stream.read(PIECE)):
            count += len(piece)
    return count


def unread(entries: SourceFiles, used: Iterable[SourceFile]) -> list[Remark]:
    """Remarks on what a folder or archive holds beside the files in use: pictures, and other files but texts."""
    names = {file.name for file in used}
    others = [file.name for file in entries.others if file.name not in names]
    remarks = []
    if others and entries.kind != "file":
        remarks.append(left_out(f"{len(others):,} further files are not read: {some(others)}", matters=False))
    if entries.pictures:
        pictures = some([file.name for file in entries.pictures])
        remarks.append(left_out(f"{len(entries.pictures):,} pictures are not read: {pictures}"))
    return remarks


def with_siblings(entries: SourceFiles) -> Sequence[SourceFile]:
    """The files of a folder or archive; for a file alone, those in the same folder of the disk."""
    if entries.kind != "file":
        return entries.files
    try:
        paths = sorted(path for path in entries.path.parent.iterdir() if path.is_file())
    except OSError:
        return entries.files
    return [file_on_disk(path, path.name) for path in paths]
