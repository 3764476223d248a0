"""Rows of features, in memory or in a temporary file, that metrics read in blocks; and blocks computed in threads."""

from __future__ import annotations

import contextlib
import contextvars
import io
import os
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextvars import ContextVar
from pathlib import Path
from typing import TypeAlias, TypeVar

from gancli.core.backend import np
from gancli.core.errors import ResourceError

LIMIT = 32 * 2**20  # bytes of one set in memory; a larger one is in a temporary file
BLOCK = 2**21  # numbers in a block: 16 MiB of float64
MOST_THREADS = 8  # each has blocks of its own in memory

Item = TypeVar("Item")
Result = TypeVar("Result")
_stop: ContextVar[threading.Event | None] = ContextVar("stop", default=None)


class FeatureRows:
    """Features float32 (count, size), appended in parts, and read in any order by any thread.

    Up to `limit` bytes are in memory. More are in a temporary file, without a name, that ends with the process; it is
    read and not mapped, so that its pages do not count as memory of the process.
    """

    def __init__(self, *, limit: int = LIMIT) -> None:
        self.limit, self.size = limit, 0
        self._count = 0
        self._parts: list[np.ndarray] = []
        self._file: io.FileIO | None = None
        self._lock = threading.Lock()

    @property
    def is_spilled(self) -> bool:
        """Whether the rows are in a temporary file."""
        return self._file is not None

    @classmethod
    def of_file(cls, path: Path, shape: tuple[int, int]) -> FeatureRows:
        """The rows in a file that begins with them, float32 of this shape. Raises: OSError."""
        rows = cls()
        rows._file = path.open("rb", buffering=0)
        rows._count, rows.size = shape
        return rows

    def append(self, part: np.ndarray) -> None:
        """Add rows, float (count, size). Raises: ResourceError if the temporary file cannot be written."""
        part = np.ascontiguousarray(part, np.float32)
        self.size = part.shape[1]
        if self._file is None and (self._count + len(part)) * self.size * part.itemsize > self.limit:
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 (open as long as the rows are)
            for earlier in self._parts:
                self._write(earlier)
            self._parts = []
        if self._file is None:
            self._parts.append(part)
        else:
            self._write(part)
        self._count += len(part)

    def _write(self, part: np.ndarray) -> None:
        try:
            content = memoryview(part).cast("B") if part.size else b""
            while content:
                content = content[self._file.write(content) :]
        except OSError as error:
            raise ResourceError(
                f"{tempfile.gettempdir()} has no room for features ({error.strerror}): free some, or set TMPDIR to a "
                "folder with more"
            ) from error

    def __len__(self) -> int:
        return self._count

    def read(self, start: int, stop: int) -> np.ndarray:
        """Rows from `start` to before `stop`, float32 (count, size); not to be changed."""
        stop = min(stop, self._count)
        if self._file is None:
            if len(self._parts) > 1:
                with self._lock:
                    self._parts = [np.concatenate(self._parts)]
            return self._parts[0][start:stop]
        found = np.empty((stop - start, self.size), np.float32)
        with self._lock:
            self._read_into(found, start)
        return found

    def _read_into(self, rows: np.ndarray, start: int) -> None:
        self._file.seek(start * self.size * rows.itemsize)
        left = memoryview(rows).cast("B")
        while left:
            left = left[self._file.readinto(left) :]

    def take(self, index: np.ndarray) -> np.ndarray:
        """The rows of these numbers, int (count,), float32 (count, size)."""
        if self._file is None:
            return self.read(0, self._count)[index]
        found = np.empty((len(index), self.size), np.float32)
        with self._lock:
            for place in np.argsort(index, kind="stable"):
                self._read_into(found[place : place + 1], int(index[place]))
        return found


Rows: TypeAlias = "np.ndarray | FeatureRows"  # (count, size)


def size_of(rows: Rows) -> int:
    """Numbers in a row."""
    return rows.size if isinstance(rows, FeatureRows) else rows.shape[1]


def stored(rows: Rows, start: int, stop: int) -> np.ndarray:
    """Rows from `start` to before `stop` as they are stored, float (count, size); not to be changed."""
    return rows.read(start, stop) if isinstance(rows, FeatureRows) else rows[start:stop]


def read(rows: Rows, start: int, stop: int) -> np.ndarray:
    """Rows from `start` to before `stop`, float64 (count, size), a copy."""
    return stored(rows, start, stop).astype(np.float64)


def take(rows: Rows, index: np.ndarray) -> np.ndarray:
    """The rows of these numbers, int (count,), float64 (count, size)."""
    return (rows.take(index) if isinstance(rows, FeatureRows) else rows[index]).astype(np.float64)


def starts(rows: Rows, *, numbers: int = BLOCK) -> range:
    """Where blocks of some `numbers` begin; the step of the range is the number of rows in a block."""
    return range(0, len(rows), max(1, numbers // max(1, size_of(rows))))


def blocks(rows: Rows) -> Iterator[np.ndarray]:
    """All rows in order, in blocks of float64 (count, size)."""
    places = starts(rows)
    return (read(rows, start, start + places.step) for start in places)


def in_threads(function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The function of each item, in their order, computed in as many threads as there are processors.

    A product of matrices inside is computed by one thread, so that results do not depend on the number of processors.
    """
    from threadpoolctl import threadpool_limits  # comes with scikit-learn

    stop = _stop.get()

    def unless_stopped(item: Item) -> Result:
        if stop is not None and stop.is_set():
            raise CancelledError
        return function(item)

    pool = ThreadPoolExecutor(_num_threads())
    try:
        with threadpool_limits(1, user_api="blas"):
            yield from pool.map(unless_stopped, items)
    finally:
        pool.shutdown(cancel_futures=True)


@contextlib.contextmanager
def in_background(function: Callable[[], Result]) -> Iterator[Callable[[], Result]]:
    """Compute beside the work inside. Yields a function that waits for the result and returns it.

    If the work inside fails or is interrupted, what `in_threads` computes for the function ends after its blocks.
    """
    stop = threading.Event()
    before = _stop.set(stop)
    context = contextvars.copy_context()
    _stop.reset(before)
    pool = ThreadPoolExecutor(1)
    try:
        yield pool.submit(context.run, function).result
    except BaseException:
        stop.set()
        raise
    finally:
        pool.shutdown()


def _num_threads() -> int:
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(count, MOST_THREADS)
