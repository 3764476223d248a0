"""Pictures in a `.zip` file, read without unpacking it."""

from __future__ import annotations

import functools
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from gancli.core import input_files
from gancli.core.errors import DataError
from gancli.data.dataset import Dataset, Request
from gancli.data.formats.folder import decoded
from gancli.data.formats.pictures import MAX_FILE, Entries, Entry, is_read
from gancli.data.remarks import Remark, guessed, left_out, some

ACCEPTS = "a .zip file of pictures"


def accepts(path: Path) -> bool:
    """Whether the path is a `.zip` file."""
    return path.is_file() and path.suffix.lower() == ".zip"


def load(path: Path, request: Request) -> Dataset:
    """The pictures in a zip file. Raises: DataError."""
    status = path.stat()
    return decoded(path, entries(path), request, stamp=f"{path} {status.st_size} {status.st_mtime_ns}")


def entries(path: Path) -> Entries:
    """Every picture in a zip file, by name, lists of attributes, texts, and what is to be said of other files.

    Names written by other systems are read as such: with backslashes, or in UTF-8 that is not said to be.
    Raises: DataError if it is damaged, or a name in it points outside.
    """
    input_files.reads(path)
    try:
        archive = zipfile.ZipFile(path)  # stays open while the entries are in use
        infos = archive.infolist()
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(f"{path} is not a readable .zip file: {error}") from error
    names = [_name(info) for info in infos]
    for info, name in zip(infos, names, strict=True):
        _check(info, name, path)
    links = [name for info, name in zip(infos, names, strict=True) if _is_link(info)]
    held = {name: info for info, name in zip(infos, names, strict=True) if not _is_link(info)}
    read = functools.partial(_read, archive)
    found = [Entry(name, functools.partial(read, name, held[name])) for name in sorted(held) if name[-1:] != "/"]
    folders = [name.rstrip("/") for name in held if name[-1:] == "/"]
    remarks = [*_remarks(infos, names), *([left_out(f"links are not followed: {some(links)}")] if links else [])]
    return Entries.among(found, folders, remarks=remarks)


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _says_no_encoding(info: zipfile.ZipInfo) -> bool:
    """Whether a name has letters beyond ASCII, and nothing says in which encoding."""
    return not info.flag_bits & 0x800 and not info.filename.isascii()


def _name(info: zipfile.ZipInfo) -> str:
    """The name, its folders parted by slashes; one without an encoding is in UTF-8 where it can be, else cp437."""
    name = info.filename
    if _says_no_encoding(info):
        try:
            name = name.encode("cp437").decode("utf-8")  # the library took it for cp437, as the format says
        except UnicodeError:
            name = info.filename
    place = PurePosixPath(name.replace("\\", "/"))
    return f"{place}/" if name[-1:] in ("/", "\\") else str(place)


def _remarks(infos: Sequence[zipfile.ZipInfo], names: Sequence[str]) -> Iterator[Remark]:
    """What is to be said of names."""
    strange = [name for info, name in zip(infos, names, strict=True) if _says_no_encoding(info) and is_read(name)]
    if strange:
        yield guessed(f"{len(strange):,} names say no encoding, and are read as UTF-8 or cp437: {some(strange)}")
    if any("\\" in info.filename for info in infos):
        yield guessed("backslashes in the names of files part folders", matters=False)
    twice = [name for name, count in Counter(names).items() if count > 1 and name[-1:] != "/"]
    if twice:
        yield left_out(f"{len(twice):,} files stand in the archive more than once, the last is read: {some(twice)}")


def _check(info: zipfile.ZipInfo, name: str, path: Path) -> None:
    """Refuse names that point outside, and of files that are read links, encryption and bombs."""
    place = PurePosixPath(name)
    if place.is_absolute() or ".." in place.parts or (place.parts and place.parts[0].endswith(":")):
        raise DataError(f"{path}: the name '{info.filename}' points outside the archive")
    if not is_read(name):
        return
    if _is_link(info):
        raise DataError(f"{path}: '{name}' is a link, which is not followed")
    if info.flag_bits & 1:
        raise DataError(f"{path}: '{name}' is encrypted")
    if info.file_size > MAX_FILE:
        raise DataError(f"{path}: '{name}' unpacks to {info.file_size / 1e6:,.0f} MB, a decompression bomb")


def _read(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> bytes:
    try:
        return archive.read(info)
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last: an unknown compression
        raise DataError(f"{name}: damaged in the archive: {error}") from error
