"""Compressed files unpacked once, into memory if they are small, else into a file of the cache folder without a name.

The bytes are then read by offset; the file disappears with its last reader.
"""

from __future__ import annotations

import bz2
import errno
import gzip
import io
import lzma
import os
import shutil
import tempfile
import weakref
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from gancli.core import files
from gancli.core.cache import cache_folder
from gancli.core.errors import DataError, ResourceError

MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\0": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
CHUNK = 1 << 20
IN_MEMORY = 64 << 20  # bytes that are kept in memory, of all archives together
XZ_MEMORY = 256 << 20  # of the dictionary: the largest of the presets takes 65 MB
RESERVE = 500_000_000  # bytes of the disk that stay free
MOST_TIMES, PLENTY = 100, 4_000_000_000  # an archive unpacks to at most so many times its size, or so many bytes
FAULTS = (OSError, EOFError, zlib.error, lzma.LZMAError, ValueError)


class Bytes:
    """Bytes by offset, of a file or in memory. size: how many there are."""

    held = 0  # bytes in memory, of all

    def __init__(self, source: BinaryIO | bytes, path: Path | None = None) -> None:
        self._source, self._path = source, path
        if isinstance(source, bytes):
            self.size = len(source)
            Bytes.held += self.size
            weakref.finalize(self, _let_go, self.size)
        else:
            self._identity = _identity_of(source.fileno())
            self.size = self._identity[1]

    def release(self) -> None:
        """Close a file that has a path: it is opened again for each later read, as there may be many."""
        if self._path is not None:
            self._source.close()

    def read(self, offset: int, count: int) -> bytes:
        """Up to so many bytes from there; reads of several threads do not disturb each other.

        Raises: OSError, also if the file has changed.
        """
        if isinstance(self._source, bytes):
            return self._source[offset : offset + count]
        if not self._source.closed:
            return _read_at(self._source.fileno(), offset, count)
        with files.open_regular(self._path) as file:
            if _identity_of(file.fileno()) != self._identity:
                raise OSError(errno.ESTALE, "the archive has changed")
            return _read_at(file.fileno(), offset, count)


def _let_go(size: int) -> None:
    Bytes.held -= size


def _identity_of(handle: int) -> tuple[int, int, int]:
    status = os.fstat(handle)
    return status.st_ino, status.st_size, status.st_mtime_ns


def _read_at(handle: int, offset: int, count: int) -> bytes:
    parts = []
    while count and (part := os.pread(handle, min(count, 1 << 30), offset)):
        parts.append(part)
        offset, count = offset + len(part), count - len(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def compression_of(start: bytes) -> str:
    """The compression of a file by its first bytes: gzip, bzip2, xz, zstd, or ""."""
    return next((name for magic, name in MAGIC.items() if start.startswith(magic)), "")


def open_bytes(path: Path) -> Bytes:
    """The content of a file, unpacked if it is compressed.

    Raises: DataError if it is damaged or not a file, ResourceError if it would fill the disk.
    """
    try:
        file = files.open_regular(path)
    except OSError as error:
        raise DataError(f"{path}: {error.strerror or error}") from error
    kind = compression_of(file.read(6))
    file.seek(0)
    if not kind:
        return Bytes(file, path)
    if kind == "zstd":
        raise DataError(f"{path} is compressed with zstd, which is not read: unpack it with unzstd first")
    with file:
        return _unpack(file, kind, path)


def _unpack(file: BinaryIO, kind: str, path: Path) -> Bytes:
    try:
        kept, total, aside = [], 0, None
        most = max(PLENTY, MOST_TIMES * os.fstat(file.fileno()).st_size)
        for part in _OPENERS[kind](file):
            total += len(part)
            if total > most:
                raise DataError(f"{path} unpacks to more than {most / 1e6:,.0f} MB, a decompression bomb")
            if aside is None and total + Bytes.held > IN_MEMORY:
                aside = _new_file(path)
                kept.append(part)
                part = b"".join(kept)
                kept.clear()
            if aside is None:
                kept.append(part)
            else:
                _write(aside, part, path)
    except FAULTS as error:
        raise DataError(f"{path} cannot be unpacked, damaged or cut short: {error or type(error).__name__}") from error
    if aside is None:
        return Bytes(b"".join(kept))
    aside.flush()
    return Bytes(aside)


def _new_file(path: Path) -> BinaryIO:
    folder = cache_folder() / "unpacked"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(dir=folder)
    except OSError as error:
        raise ResourceError(f"{path} cannot be unpacked into {folder}: {error.strerror or error}") from error


def _write(aside: BinaryIO, part: bytes, path: Path) -> None:
    where = cache_folder() / "unpacked"
    if shutil.disk_usage(where).free < RESERVE + len(part):
        raise ResourceError(
            f"{path} unpacks to more than fits into {where}: free some space, set GANCLI_CACHE, or unpack it yourself"
        )
    try:
        aside.write(part)
    except OSError as error:
        raise ResourceError(f"{path} cannot be unpacked into {where}: {error.strerror or error}") from error


def _parts(stream: BinaryIO) -> Iterator[bytes]:
    while part := stream.read(CHUNK):
        yield part


def _xz_parts(file: BinaryIO) -> Iterator[bytes]:
    """As lzma.open, with a bound of its memory."""
    decoder, data = None, b""
    while True:
        if decoder is None or decoder.eof:
            data = (decoder.unused_data if decoder else b"") or file.read(CHUNK)
            data = data.lstrip(b"\0") if decoder else data  # streams may be padded with zeros
            if not data:
                return
            decoder = lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=XZ_MEMORY)
        else:
            data = file.read(CHUNK) if decoder.needs_input else b""
            if decoder.needs_input and not data:
                raise EOFError("it ends before its end mark")
        if part := decoder.decompress(data, CHUNK):
            yield part


_OPENERS: dict[str, Callable[[BinaryIO], Iterator[bytes]]] = {
    "gzip": lambda file: _parts(io.BufferedReader(gzip.GzipFile(fileobj=file), CHUNK)),
    "bzip2": lambda file: _parts(bz2.BZ2File(file)),
    "xz": _xz_parts,
}
