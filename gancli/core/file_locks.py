"""Locks on files: one process holds each at a time."""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from gancli.core.environment import now
from gancli.core.errors import LockedError

LONGEST = 200  # characters of the holder's name in a message
TRIES, PAUSE = 4, 0.02  # seconds; `is_held` of another process locks the file for a moment


class Lock:
    """A lock file that a process holds while it works in the file's folder; it is released when the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None  # open while this object holds the lock

    def hold(self) -> None:
        """Hold the lock, unless this object already does. Raises: LockedError if another process holds it."""
        if self._file is not None:
            return
        file = self.path.open("a+", encoding="utf-8", errors="replace")
        if not _flock(file):
            file.seek(0)
            holder = " ".join(file.read(LONGEST).split()) or "another process"
            file.close()
            raise LockedError(f"{self.path.parent} is being trained by {holder}")
        file.truncate(0)
        file.write(f"process {os.getpid()} on {socket.gethostname()} since {now()}")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Release the lock, if this object holds it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_held(self) -> bool:
        """Whether this or another process holds the lock."""
        if self._file is not None:
            return True
        if not self.path.is_file():  # opening a pipe would block
            return False
        try:
            mode = "r+" if os.access(self.path, os.W_OK) else "r"  # network file systems lock only writable files
            with self.path.open(mode, encoding="utf-8") as file:
                return not _flock(file)
        except OSError:
            return False


@contextlib.contextmanager
def numbering(folder: Path) -> Iterator[None]:
    """Number the runs in a folder while no other process does, so that no two get the same number; others wait."""
    with contextlib.ExitStack() as stack:
        with contextlib.suppress(ImportError, OSError):  # Windows, and network file systems without locks
            import fcntl

            handle = os.open(folder, os.O_RDONLY)
            stack.callback(os.close, handle)  # which releases the lock
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _flock(file: IO[str]) -> bool:
    """Whether the file could be locked. True on systems without locks: there, nothing separates two trainings."""
    for _ in range(TRIES):
        is_free = locked(file.fileno(), "LOCK_EX")
        if is_free is not False:
            return True
        time.sleep(PAUSE)
    return False


def locked(handle: int, kind: str) -> bool | None:
    """Try to lock an open file without waiting. Returns: whether it is locked; None on systems without locks (Windows,
    some network file systems).

    kind: "LOCK_EX", exclusive, or "LOCK_SH", shared with other "LOCK_SH".
    """
    try:
        import fcntl

        fcntl.flock(handle, getattr(fcntl, kind) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True
