"""The files of a `.zip` file, read without unpacking it."""

from __future__ import annotations

import contextlib
import functools
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gancli.core import input_files
from gancli.core.errors import DataError
from gancli.data.containers.source_files import MAX_FILE, SourceFile, SourceFiles, is_readable
from gancli.data.remarks import Remark, guessed, left_out, some


def accepts(path: Path) -> bool:
    """Whether the path is a `.zip` file."""
    return path.is_file() and path.suffix.lower() == ".zip"


def list_files(path: Path) -> SourceFiles:
    """Every file in a zip file by kind, sorted by name, and remarks on files that are not read.

    Names may have backslashes, or be in UTF-8 without a flag that says so. Raises: DataError if the archive is damaged,
    or a name in it points outside.
    """
    input_files.reads(path)
    try:
        archive = zipfile.ZipFile(path)  # stays open while its files are in use
        infos = archive.infolist()
    except (OSError, zipfile.BadZipFile, RuntimeError) as error:
        raise DataError(f"{path} is not a readable .zip file: {error}") from error
    names = [_name(info) for info in infos]
    for info, name in zip(infos, names, strict=True):
        _check(info, name, path)
    links = [name for info, name in zip(infos, names, strict=True) if _is_link(info)]
    members = {name: info for info, name in zip(infos, names, strict=True) if not _is_link(info)}
    found = [
        SourceFile(
            name,
            functools.partial(_read, archive, name, info),
            info.file_size,
            stream=functools.partial(_open, archive, name, info),
        )
        for name, info in sorted(members.items())
        if name[-1:] != "/"
    ]
    folders = [name.rstrip("/") for name in members if name[-1:] == "/"]
    remarks = [*_remarks(infos, names), *([left_out(f"links are not followed: {some(links)}")] if links else [])]
    status = path.stat()
    stamp = f"{path} {status.st_size} {status.st_mtime_ns}"
    return SourceFiles.of(path, found, kind="archive", stamp=stamp, folders=folders, remarks=remarks)


def _is_link(info: zipfile.ZipInfo) -> bool:
    return stat.S_ISLNK(info.external_attr >> 16)


def _lacks_encoding(info: zipfile.ZipInfo) -> bool:
    """Whether a name has letters beyond ASCII without a flag for its encoding."""
    return not info.flag_bits & 0x800 and not info.filename.isascii()


def _name(info: zipfile.ZipInfo) -> str:
    """The name, its folders separated by slashes; without an encoding it is read as UTF-8 if possible, else cp437."""
    name = info.filename
    if name.isascii() and not any(odd in name for odd in ("\\", "//", "./")):
        return name
    if _lacks_encoding(info):
        try:
            name = name.encode("cp437").decode("utf-8")  # zipfile decodes such names as cp437
        except UnicodeError:
            name = info.filename
    place = PurePosixPath(name.replace("\\", "/"))
    return f"{place}/" if name[-1:] in ("/", "\\") else str(place)


def _remarks(infos: Sequence[zipfile.ZipInfo], names: Sequence[str]) -> Iterator[Remark]:
    unclear = [name for info, name in zip(infos, names, strict=True) if _lacks_encoding(info) and is_readable(name)]
    if unclear:
        yield guessed(f"{len(unclear):,} names say no encoding, and are read as UTF-8 or cp437: {some(unclear)}")
    if any("\\" in info.filename for info in infos):
        yield guessed("backslashes in the names of files separate folders", matters=False)
    twice = [name for name, count in Counter(names).items() if count > 1 and name[-1:] != "/"]
    if twice:
        yield left_out(f"{len(twice):,} files are in the archive more than once, the last is read: {some(twice)}")


def _check(info: zipfile.ZipInfo, name: str, path: Path) -> None:
    """Refuse names that point outside, and among files that are read links, encryption and bombs."""
    first, *rest = name.split("/")
    if not first or ".." in (first, *rest) or first.endswith(":"):
        raise DataError(f"{path}: the name '{info.filename}' points outside the archive")
    if not is_readable(name):
        return
    if _is_link(info):
        raise DataError(f"{path}: '{name}' is a link, which is not followed")
    _check_content(info, f"{path}: '{name}'")


def _check_content(info: zipfile.ZipInfo, name: str) -> None:
    if info.flag_bits & 1:
        raise DataError(f"{name} is encrypted")
    if info.file_size > MAX_FILE:
        raise DataError(f"{name} unpacks to {info.file_size / 1e6:,.0f} MB, a decompression bomb")


def _read(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> bytes:
    _check_content(info, name)
    with _damage(name):
        return archive.read(info)


def _open(archive: zipfile.ZipFile, name: str, info: zipfile.ZipInfo) -> BinaryIO:
    """The file as a stream; what it holds is not bounded, so that its reader must."""
    if info.flag_bits & 1:
        raise DataError(f"{name} is encrypted")
    with _damage(name):
        return archive.open(info)


@contextlib.contextmanager
def _damage(name: str) -> Iterator[None]:
    try:
        yield
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError) as error:  # the last: an unknown compression
        raise DataError(f"{name}: damaged in the archive: {error}") from error
