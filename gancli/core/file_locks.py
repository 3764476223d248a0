"""A lock that one process holds at a time."""

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

LONGEST = 200  # characters of who holds it
TRIES, PAUSE = 4, 0.02  # seconds; a look at the lock holds it for a moment


class Lock:
    """A file that a process locks while it works in its folder; a kill frees it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None  # open while this object holds the lock

    def hold(self) -> None:
        """Hold it; nothing happens if this object does already. Raises: LockedError if somebody else does."""
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
        """Let others hold it."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def is_held(self) -> bool:
        """Whether anybody holds it."""
        if self._file is not None:
            return True
        if not self.path.is_file():  # a pipe would be waited for
            return False
        try:
            mode = "r+" if os.access(self.path, os.W_OK) else "r"  # network disks lock only what may be written
            with self.path.open(mode, encoding="utf-8") as file:
                return not _flock(file)
        except OSError:
            return False


@contextlib.contextmanager
def numbering(folder: Path) -> Iterator[None]:
    """Be alone in giving numbers in a folder, so that no two runs get the same; others wait."""
    with contextlib.ExitStack() as held:
        with contextlib.suppress(ImportError, OSError):  # Windows, and network disks that know no locks
            import fcntl

            handle = os.open(folder, os.O_RDONLY)
            held.callback(os.close, handle)  # which frees the lock
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _flock(file: IO[str]) -> bool:
    """Whether the file could be locked; where there are no locks, that two trainings of a run are not kept apart."""
    for _ in range(TRIES):
        is_free = locked(file.fileno(), "LOCK_EX")
        if is_free is not False:
            return True
        time.sleep(PAUSE)
    return False


def locked(handle: int, kind: str) -> bool | None:
    """Lock an open file at once, if that can be done; None where there are no locks: Windows, some network disks.

    kind: "LOCK_EX", which no two hold, or "LOCK_SH", which keeps those away.
    """
    try:
        import fcntl

        fcntl.flock(handle, getattr(fcntl, kind) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except (ImportError, OSError):
        return None
    return True
