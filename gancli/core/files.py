"""Atomic writes, and reading regular files only."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gancli.core import input_files, temporary_files
from gancli.core.errors import DataError, ResourceError

PIPE = "a pipe"


def atomic_write(
    path: Path, content: bytes | memoryview | str, *, within: Path | None = None, is_own: bool = False
) -> None:
    """Write `content` (text as UTF-8) to a temporary file beside `path`, flush it to disk, and rename it to `path`.

    within, is_own: as `atomic_path`. Raises: as `atomic_path`.
    """
    content = content.encode("utf-8") if isinstance(content, str) else content
    with atomic_path(path, within=within, is_own=is_own) as aside:
        aside.write_bytes(content)


@contextlib.contextmanager
def atomic_path(path: Path, *, within: Path | None = None, is_own: bool = False) -> Iterator[Path]:
    """Yield a temporary path beside `path` to write to; afterwards flush it to disk and rename it to `path`.

    within: a folder that must exist; only folders below it are created. If not given, all are. is_own: whether it is a
    file of a run or of the cache; other files never overwrite an input of this process.

    Raises: ResourceError if the disk is full or the folder is not writable; `path` is then unchanged. OptionError if
    `path` must not be overwritten (input_files.need_free).
    """
    if not is_own:
        input_files.need_free(path)
    try:
        _make_folder(path.parent, within)
        with temporary_files.beside(path) as aside:
            aside.chmod(0o666 & ~_umask())
            yield aside
            _flush(aside)
            os.replace(aside, path)  # noqa: PTH105
            _flush(path.parent)
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror or error}{_free(path, error)}") from error
    finally:
        temporary_files.release(path)


def write_new(path: Path, content: bytes) -> bool:
    """Write `content` to `path` as `atomic_write` does, unless `path` exists. Returns: whether it was written.

    Raises: ResourceError.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary_files.beside(path) as aside:
            aside.chmod(0o666 & ~_umask())
            aside.write_bytes(content)
            _flush(aside)
            try:
                os.link(aside, path)
            except FileExistsError:
                return False
            except OSError:  # a file system without hard links, such as a memory card's
                if os.path.lexists(path):
                    return False
                os.replace(aside, path)  # noqa: PTH105
            _flush(path.parent)
            return True
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror or error}{_free(path, error)}") from error


def _make_folder(folder: Path, within: Path | None) -> None:
    if within is None:
        folder.mkdir(parents=True, exist_ok=True)
    elif folder != within:
        _make_folder(folder.parent, within)
        folder.mkdir(exist_ok=True)


def safe_name(text: str) -> str:
    """A text as part of a file name: at most 60 bytes of letters, digits, dots and hyphens, the rest as "_"."""
    return re.sub(r"[^\w.-]+", "_", text).encode("utf-8")[:60].decode("utf-8", "ignore")


def append_line(path: Path, line: str) -> None:
    """Append one line of text to `path` in a single write.

    Raises: ResourceError if the disk is full or the file cannot be written.
    """
    try:
        with path.open("a", encoding="utf-8") as file:
            file.write(line + "\n")
    except OSError as error:
        raise ResourceError(f"cannot write {path}: {error.strerror or error}{_free(path, error)}") from error


def need_space(folder: Path, needed: int) -> None:
    """Raise ResourceError if fewer than `needed` bytes are free on the disk of `folder`, which need not exist yet."""
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise ResourceError(
            f"{folder} has {free / 1e6:,.1f} MB free and {needed / 1e6:,.1f} MB are needed: free some space"
        )


def need_place(folder: Path, flag: str) -> None:
    """Raise ResourceError unless `folder` can be written, or created where it does not exist. Nothing stays there.

    flag: the option that names the folder, for the message.
    """
    place = folder
    try:
        while not place.exists():
            place = place.parent
        if not place.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, f"{place} is not a folder")
        tempfile.TemporaryDirectory(dir=place).cleanup()
    except OSError as error:
        where = f" in {place}" if place != folder and error.errno != errno.ENOTDIR else ""
        raise ResourceError(
            f"{flag} {folder} cannot be written ({error.strerror or error}{where}): choose another folder with {flag}"
        ) from error


def need_writable(folder: Path) -> None:
    """Create `folder`. Raises: ResourceError if it cannot be created or no file can be created in it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise ResourceError(f"cannot write to {folder}: {error.strerror or error}; choose another folder") from error


def need_regular(path: Path) -> None:
    """Raise DataError if `path` is a folder, pipe or device. It is not opened.

    For libraries that open a path themselves; otherwise use `open_regular`. The command will not overwrite the file.
    """
    input_files.reads(path)
    with contextlib.suppress(OSError):  # opening it reports this
        if kind := _odd_kind(path.stat().st_mode):
            raise DataError(f"{path} is {kind}, not a file")


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading bytes, without blocking. The command will not overwrite the file.

    Raises: OSError, also for a folder, pipe or device.
    """
    input_files.reads(path)
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
    if kind := _odd_kind(os.fstat(handle).st_mode):
        os.close(handle)
        advice = ": write its output to a file first" if kind == PIPE else ""
        raise OSError(errno.EINVAL, f"it is {kind}, not a file{advice}")
    return os.fdopen(handle, "rb")


def read_regular(path: Path, *, most: int | None = None) -> bytes:
    """The bytes of a regular file. most: the largest size accepted. Raises: OSError, also as `open_regular`."""
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if most is None:
            return file.read()
        content = b"" if size > most else file.read((size or most) + 1)  # a buffer of `most` bytes would take time
        content += file.read(most - size) if len(content) > size > 0 else b""  # the file grows
    if max(size, len(content)) > most:
        raise OSError(errno.EFBIG, f"it holds {max(size, len(content)) / 1e6:,.1f} MB, more than {most / 1e6:,.0f} MB")
    return content


def _odd_kind(mode: int) -> str:
    """What a path is, for a message; empty for a regular file."""
    kinds = {stat.S_IFDIR: "a folder", stat.S_IFIFO: PIPE, stat.S_IFSOCK: "a socket"}
    return "" if stat.S_ISREG(mode) else kinds.get(stat.S_IFMT(mode), "a device")


def size_of(path: Path) -> int:
    """The size in bytes of a regular file; 0 for anything else and for a file that has just been deleted."""
    try:
        status = path.stat()
    except OSError:
        return 0
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def _free(path: Path, error: OSError) -> str:
    with contextlib.suppress(OSError):
        if error.errno == errno.ENOSPC:
            return f" ({shutil.disk_usage(path.parent).free / 1e6:,.1f} MB free)"
    return ""
