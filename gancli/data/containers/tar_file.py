"""The files of a tar archive: a plain one is read where it is, a compressed one is unpacked once, into no folder."""

from __future__ import annotations

import functools
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from gancli.core.errors import DataError
from gancli.data.containers.source_files import MAX_FILE, SourceFile, SourceFiles, is_readable, most_files, need_room
from gancli.data.formats import tar, unpacking
from gancli.data.formats.tar import Member
from gancli.data.formats.unpacking import Bytes
from gancli.data.remarks import Remark, guessed, left_out, some

ENDINGS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tbz2", ".tar.xz", ".txz")
MOST_PADDING = 1 << 20  # bytes behind the end mark that are searched for a second archive


def accepts(path: Path) -> bool:
    """Whether the path is a file with the ending of a tar archive."""
    return path.is_file() and path.name.lower().endswith(ENDINGS)


def is_compressed(path: Path) -> bool:
    """Whether the path is a tar archive that must be unpacked to be listed, by its ending."""
    return accepts(path) and path.suffix.lower() != ".tar"


def list_files(path: Path) -> SourceFiles:
    """Every file in a tar archive by kind, sorted by name, and remarks on what is not read.

    Hard links are read as the files that they point to. Raises: DataError if the archive is damaged or cut short, a
    name in it points outside, or a picture or text is a link, a device or a sparse file; ResourceError if it would fill
    the disk.
    """
    content = unpacking.open_bytes(path)
    reader = tar.TarReader(content.read, content.size, str(path))
    members, folders, odd, twice = {}, [], [], []
    most = most_files()
    for count, member in enumerate(reader):
        if count > most:
            need_room(count, str(path))
        name = _place(member.name, path)
        if member.kind == tar.FOLDER:
            folders.append(name)
            continue
        if member.kind == tar.HARD_LINK and (target := members.get(_place(member.target, path))):
            member = target
        if member.kind != tar.FILE:
            _refuse_odd(member, name, path)
            odd.append(name)
            continue
        if name in members:
            twice.append(name)
        members[name] = member
    remarks = [*_remarks(odd, twice), *_end_remarks(reader, content)]
    content.release()
    status = path.stat()
    stamp = f"{path} {status.st_size} {status.st_mtime_ns}"
    found = _files(members, content, path)
    return SourceFiles.of(path, found, kind="archive", stamp=stamp, folders=folders, remarks=remarks)


def _place(name: str, path: Path) -> str:
    """The name without `./` and repeated slashes. Raises: DataError if it points outside."""
    plain = name[2:].lstrip("/") if name.startswith("./") else name
    if name.startswith("/") or (".." in name and ".." in name.split("/")) or plain[1:2] == ":":
        raise DataError(f"{path}: the name '{name}' points outside the archive")
    if "//" in plain or "/./" in plain or plain.endswith(("/", "/.")) or plain.startswith("./"):
        plain = str(PurePosixPath(plain))
    return "" if plain == "." else plain


def _refuse_odd(member: Member, name: str, path: Path) -> None:
    if not is_readable(name):
        return
    if member.kind in (tar.LINK, tar.HARD_LINK):
        raise DataError(f"{path}: '{name}' is a link, which is not followed")
    raise DataError(f"{path}: '{name}' is a {member.kind}, which is not read")


def _files(members: Mapping[str, Member], content: Bytes, path: Path) -> Iterator[SourceFile]:
    for name, member in sorted(members.items()):
        place = f"{path}: '{name}'"
        read = functools.partial(_read, content, member, place)
        yield SourceFile(name, read, member.size, stream=functools.partial(_open, content, member, place))


def _read(content: Bytes, member: Member, name: str) -> bytes:
    if member.size > MAX_FILE:
        raise DataError(f"{name} has {member.size / 1e6:,.0f} MB, more than {MAX_FILE / 1e6:,.0f} MB")
    return _read_part(content, member.offset, member.size, name)


def _read_part(content: Bytes, offset: int, count: int, name: str) -> bytes:
    try:
        found = content.read(offset, count)
    except OSError as error:
        raise DataError(f"{name} cannot be read: {error.strerror or error}") from error
    if len(found) < count:
        raise DataError(f"{name} is cut short: the archive has changed")
    return found


def _open(content: Bytes, member: Member, name: str) -> BinaryIO:
    return io.BufferedReader(_Part(content, member, name), 1 << 16)


class _Part(io.RawIOBase):
    """A member as a stream of bytes with seeking."""

    def __init__(self, content: Bytes, member: Member, name: str) -> None:
        self._content, self._member, self._name, self._at = content, member, name, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._member.size}[whence]
        self._at = max(0, start + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: memoryview) -> int:
        count = max(0, min(len(buffer), self._member.size - self._at))
        buffer[:count] = _read_part(self._content, self._member.offset + self._at, count, self._name)
        self._at += count
        return count


def _remarks(odd: Sequence[str], twice: Sequence[str]) -> Iterator[Remark]:
    if odd:
        yield left_out(f"links, devices and sparse files are not read: {some(odd)}")
    if twice:
        yield left_out(f"{len(twice):,} files are in the archive more than once, the last is read: {some(twice)}")


def _end_remarks(reader: tar.TarReader, content: Bytes) -> Iterator[Remark]:
    if not reader.has_end:
        yield guessed("the archive has no end mark, and may be cut short")
    elif content.read(reader.end, MOST_PADDING).strip(b"\0"):
        yield left_out("what follows the end mark of the archive is not read: put the archives into one folder")
