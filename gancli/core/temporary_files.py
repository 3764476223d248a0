"""Temporary files: each is owned by the process that holds its lock; those left by a killed process can be deleted.

Their names are hidden, end in `.part`, and begin with the machine and the process that created them. A lock held on
another machine may be invisible here, so files created elsewhere are kept for a day.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import re
import socket
import stat
import tempfile
import time
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from gancli.core import file_locks

DAY = 24 * 60 * 60  # seconds
ENDING = ".part"
PATTERN = f".*{ENDING}"
CREATOR = re.compile(r"\.([A-Za-z0-9_]+)-\d+-\w{8}\.")  # the machine that created a file
LONGEST_HOST, LONGEST_NAME = 16, 60  # bytes
_swept: set[Path] = set()
_reserved: dict[Path, int] = {}  # reserved by this process, with the handles of the marker files


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A new temporary file in the folder of `path`; deleted at the end, unless it was renamed.

    Files left in the folder by killed processes are deleted first, once per process. Raises: OSError if it cannot be
    created.
    """
    _sweep_once(path.parent)
    name = os.fsencode(path.name)[-LONGEST_NAME:].decode("utf-8", "ignore")
    while True:
        prefix = f".{_host()}-{os.getpid()}-"
        handle, name_aside = tempfile.mkstemp(prefix=prefix, suffix=f".{name}{ENDING}", dir=path.parent)
        aside = Path(name_aside)
        is_locked = file_locks.locked(handle, "LOCK_SH")  # shared, as h5py locks: it is renamed while locked
        if is_locked is not False and os.fstat(handle).st_nlink:
            break
        os.close(handle)  # another process has just swept it away
        aside.unlink(missing_ok=True)
    try:
        yield aside
    finally:
        with contextlib.suppress(OSError):  # the disk is gone; the first error is reported
            aside.unlink(missing_ok=True)
        os.close(handle)


def _sweep_once(folder: Path) -> None:
    """Hidden files of other programs may also end in .part; they are not touched."""
    if folder not in _swept:
        _swept.add(folder)
        for name in os.listdir(folder):  # noqa: PTH208 (a folder may hold millions)
            if name.endswith(ENDING) and CREATOR.match(name):
                remove(folder / name)


def left_over(folder: Path) -> list[Path]:
    """The temporary files without an owner in a folder and its subfolders, sorted."""
    return sorted(path for path in folder.rglob(PATTERN) if _is_left_over(path))


def sweep(folder: Path) -> None:
    """Delete the temporary files without an owner in a folder and its subfolders."""
    for path in left_over(folder):
        remove(path)


def remove(path: Path) -> bool:
    """Delete a temporary file if it has no owner. Returns: whether it was deleted."""
    return _is_left_over(path, delete=True)


def _is_left_over(path: Path, *, delete: bool = False) -> bool:
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return False
        is_old = time.time() - found.st_mtime > DAY
        creator = CREATOR.match(path.name)
        if creator is not None and creator[1] != _host() and not is_old:
            return False
        mode = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY  # network file systems lock only writable files
        handle = os.open(path, mode | getattr(os, "O_NOFOLLOW", 0))
        try:
            is_free = file_locks.locked(handle, "LOCK_EX")
            if (is_old if is_free is None else is_free) and delete:
                path.unlink()
            return is_old if is_free is None else is_free
        finally:
            os.close(handle)
    except OSError:  # it was deleted, or cannot be read
        return False


def reserve(paths: Iterable[Path]) -> Path:
    """The first of these paths that does not exist and that no other process has reserved.

    It stays reserved until `release` or the end of the process. If no marker file can be created beside it (a folder
    that is not writable, a system without locks), it is the first path that does not exist.
    """
    return next(path for path in paths if _take(path))


def _take(path: Path) -> bool:
    mark = path.with_name(f".{path.name}{ENDING}")
    with contextlib.suppress(OSError):
        path.parent.mkdir(exist_ok=True)
    while not os.path.lexists(path):
        try:
            handle = os.open(mark, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except OSError:
            return True
        is_free = file_locks.locked(handle, "LOCK_EX")
        if is_free is False:
            os.close(handle)
            return False
        with contextlib.suppress(OSError):
            if os.path.samestat(os.fstat(handle), mark.lstat()):  # else another process has just deleted it
                _reserved[path] = handle
                if not os.path.lexists(path):
                    return True
                release(path)
                return False
        os.close(handle)
    return False


def release(path: Path) -> None:
    """End the reservation of a path, if this process has reserved it."""
    handle = _reserved.pop(path, None)
    if handle is not None:
        with contextlib.suppress(OSError):
            path.with_name(f".{path.name}{ENDING}").unlink(missing_ok=True)
        os.close(handle)


@atexit.register
def release_all() -> None:
    """End all reservations, at the end of a command."""
    for path in list(_reserved):
        release(path)


def _host() -> str:
    """This machine's name as part of a file name: readable, with a checksum that makes it unique."""
    name = socket.gethostname()
    return re.sub(r"[^A-Za-z0-9_]", "_", name)[:LONGEST_HOST] + f"_{zlib.crc32(os.fsencode(name)):08x}"
