"""Pictures in a `.zip` file, read without unpacking it."""

from __future__ import annotations

import functools
import stat
import zipfile
import zlib
from pathlib import Path, PurePosixPath

from gancli.data.dataset import Dataset, Request
from gancli.data.folder import decoded
from gancli.data.pictures import Entries, Entry
from gancli.errors import DataError

ACCEPTS = "a .zip file of pictures"
MAX_FILE = 500_000_000  # bytes of one unpacked picture


def accepts(path: Path) -> bool:
    """Whether the path is a `.zip` file."""
    return path.is_file() and path.suffix.lower() == ".zip"


def load(path: Path, request: Request) -> Dataset:
    """The pictures in a zip file. Raises: DataError."""
    status = path.stat()
    return decoded(path, entries(path), request, stamp=f"{path} {status.st_size} {status.st_mtime_ns}")


def entries(path: Path) -> Entries:
    """Every picture in a zip file, by name, lists of attributes and texts.

    Raises: DataError if it is damaged, or a name in it points outside.
    """
    try:
        archive = zipfile.ZipFile(path)  # stays open while the entries are in use
        infos = archive.infolist()
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(f"{path} is not a readable .zip file: {error}") from error
    for info in infos:
        _check(info, path)
    read = functools.partial(_read, archive)
    infos = sorted(infos, key=lambda info: info.filename)
    return Entries.among(Entry(info.filename, functools.partial(read, info)) for info in infos if not info.is_dir())


def _check(info: zipfile.ZipInfo, path: Path) -> None:
    name = PurePosixPath(info.filename.replace("\\", "/"))
    if name.is_absolute() or ".." in name.parts or (name.parts and name.parts[0].endswith(":")):
        raise DataError(f"{path}: the name '{info.filename}' points outside the archive")
    if stat.S_ISLNK(info.external_attr >> 16):
        raise DataError(f"{path}: '{info.filename}' is a link, which is not followed")
    if info.flag_bits & 1:
        raise DataError(f"{path}: '{info.filename}' is encrypted")
    if info.file_size > MAX_FILE:
        raise DataError(f"{path}: '{info.filename}' unpacks to {info.file_size / 1e6:,.0f} MB, a decompression bomb")


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last: an unknown compression
        raise DataError(f"{info.filename}: damaged in the archive: {error}") from error
