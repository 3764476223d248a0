"""Temporary files: each has an owner, the process that holds its lock; what a kill has left has none and can go.

Their names are hidden, end in `.part`, and begin with the machine and the process that made them. A lock of another
machine may not be seen here, so what was made elsewhere is left alone for a day.
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
MADE_BY = re.compile(r"\.([A-Za-z0-9_]+)-\d+-\w{8}\.")  # the machine, at the start of a name
LONGEST_HOST, LONGEST_NAME = 16, 60  # bytes
_swept: set[Path] = set()
_reserved: dict[Path, int] = {}  # names that are ours and not written yet, and the handles of their marks


@contextlib.contextmanager
def beside(path: Path) -> Iterator[Path]:
    """A new file of this process in the folder of `path`; deleted at the end, if it was not renamed.

    What kills have left of such files in the folder is deleted first, once in a process. Raises: OSError if it cannot
    be made.
    """
    _sweep_once(path.parent)
    name = os.fsencode(path.name)[-LONGEST_NAME:].decode("utf-8", "ignore")
    while True:
        prefix = f".{_host()}-{os.getpid()}-"
        handle, made = tempfile.mkstemp(prefix=prefix, suffix=f".{name}{ENDING}", dir=path.parent)
        aside = Path(made)
        is_ours = file_locks.locked(handle, "LOCK_SH")  # as HDF5 to read: it is renamed while held
        if is_ours is not False and os.fstat(handle).st_nlink:
            break
        os.close(handle)  # a sweep came between
        aside.unlink(missing_ok=True)
    try:
        yield aside
    finally:
        with contextlib.suppress(OSError):  # the disk is gone; what happened before is told
            aside.unlink(missing_ok=True)
        os.close(handle)


def _sweep_once(folder: Path) -> None:
    """Others' hidden files may end in .part too, in folders that are no run's; those are not touched."""
    if folder not in _swept:
        _swept.add(folder)
        for name in os.listdir(folder):  # noqa: PTH208 (a folder may hold millions)
            if name.endswith(ENDING) and MADE_BY.match(name):
                remove(folder / name)


def left_over(folder: Path) -> list[Path]:
    """The temporary files in a folder and those below that nobody owns any more, by name."""
    return sorted(path for path in folder.rglob(PATTERN) if _is_left_over(path))


def sweep(folder: Path) -> None:
    """Delete the temporary files in a folder and those below that nobody owns any more."""
    for path in left_over(folder):
        remove(path)


def remove(path: Path) -> bool:
    """Delete a temporary file if nobody owns it; whether it is gone."""
    return _is_left_over(path, delete=True)


def _is_left_over(path: Path, *, delete: bool = False) -> bool:
    try:
        found = path.lstat()
        if not stat.S_ISREG(found.st_mode):
            return False
        is_old = time.time() - found.st_mtime > DAY
        made_by = MADE_BY.match(path.name)
        if made_by is not None and made_by[1] != _host() and not is_old:
            return False
        mode = os.O_RDWR if os.access(path, os.W_OK) else os.O_RDONLY  # network disks lock only what may be written
        handle = os.open(path, mode | getattr(os, "O_NOFOLLOW", 0))
        try:
            is_free = file_locks.locked(handle, "LOCK_EX")
            if (is_old if is_free is None else is_free) and delete:
                path.unlink()
            return is_old if is_free is None else is_free
        finally:
            os.close(handle)
    except OSError:  # it went, or may not be looked at
        return False


def reserve(paths: Iterable[Path]) -> Path:
    """The first of these paths that no file has and no other process has reserved.

    It is this process's until it is `release`d, or the process ends. Where a mark cannot be made beside it (a folder
    that cannot be written, a system without locks), it is the first that no file has.
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
            if os.path.samestat(os.fstat(handle), mark.lstat()):  # else another let it go just now, and took it away
                _reserved[path] = handle
                if not os.path.lexists(path):
                    return True
                release(path)
                return False
        os.close(handle)
    return False


def release(path: Path) -> None:
    """Give a reserved path back, as it is written or will not be; nothing happens to others."""
    handle = _reserved.pop(path, None)
    if handle is not None:
        with contextlib.suppress(OSError):
            path.with_name(f".{path.name}{ENDING}").unlink(missing_ok=True)
        os.close(handle)


@atexit.register
def release_all() -> None:
    """Give back all reserved paths, as a command has ended."""
    for path in list(_reserved):
        release(path)


def _host() -> str:
    """This machine's name as part of a file's: readable, and told from all others."""
    name = socket.gethostname()
    return re.sub(r"[^A-Za-z0-9_]", "_", name)[:LONGEST_HOST] + f"_{zlib.crc32(os.fsencode(name)):08x}"
