"""Decode many image files in several processes at once, with results in the order of the files.

The processes are plain ones that only import what decoding needs; they read files on disk themselves, and are sent the
bytes of others. They end when this process does, however it ends.
"""

from __future__ import annotations

import collections
import contextlib
import json
import os
import pickle
import queue
import signal
import struct
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from gancli.core.backend import np
from gancli.core.errors import DataError, ResourceError
from gancli.data.containers.source_files import SourceFile, file_on_disk
from gancli.data.images import image_decoding, pillow_warnings
from gancli.data.images.bad_files import BadFilesError
from gancli.data.images.value_ranges import Range

WORTH = 16_000_000  # bytes of image files, which take about two seconds: less is decoded in this process
UNKNOWN = 8_000  # bytes of a file whose size is not known, as those of records
FILES, AHEAD = 16, 4  # sent at a time; such groups in work for each process
MOST_PROCESSES = 16
LENGTH = struct.Struct("<Q")
COMMAND = """import json, sys
sys.path[:] = json.loads(sys.argv[1])
from gancli.data.images import decoding_pool
decoding_pool.serve()"""


@dataclass(frozen=True)
class Decoding:
    """How image files become pixels: squares of `side`, or at their own sizes if it is None; see image_decoding."""

    color: str
    side: int | None = None
    crop: int | None = None
    ranges: Mapping[str, Range] | None = None

    def decode(self, file: SourceFile) -> np.ndarray:
        """The pixels of a file, uint8 (height, width, channels). Raises: DataError for a bad file."""
        with image_decoding.open_image(file) as picture:
            if self.side is None:
                return image_decoding.decode(picture, self.color, name=file.name, ranges=self.ranges)
            return image_decoding.decode_square(
                picture, self.side, self.color, name=file.name, crop=self.crop, ranges=self.ranges
            )


def decode_all(decoding: Decoding, files: Sequence[SourceFile]) -> Iterator[np.ndarray | DataError]:
    """The pixels of each file in order, or the DataError of a bad one."""
    processes = _count_processes(files)
    if processes == 1:
        for file in files:
            yield _decode(decoding, file)
        return
    with _Pool(decoding, processes) as pool:
        yield from pool.decode(files)


def _count_processes(files: Sequence[SourceFile]) -> int:
    if sum(file.size or UNKNOWN for file in files) < WORTH or not sys.executable:
        return 1
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(usable, MOST_PROCESSES)


def _decode(decoding: Decoding, file: SourceFile) -> np.ndarray | DataError:
    try:
        return decoding.decode(file)
    except DataError as error:
        return error


class _Pool:
    """Processes that decode, each served by a thread of this process."""

    def __init__(self, decoding: Decoding, count: int) -> None:
        command = [sys.executable, "-c", COMMAND, json.dumps(sys.path)]
        self._processes = [
            subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) for _ in range(count)
        ]
        self._idle: queue.SimpleQueue[subprocess.Popen] = queue.SimpleQueue()
        self._threads = ThreadPoolExecutor(count)
        for process in self._processes:
            _send(process.stdin, decoding)
            self._idle.put(process)

    def __enter__(self) -> _Pool:
        return self

    def __exit__(self, *reason: object) -> None:
        self._threads.shutdown(cancel_futures=True)
        for process in self._processes:
            with contextlib.suppress(OSError):
                process.stdin.close()
            process.stdout.close()
            process.wait()

    def decode(self, files: Sequence[SourceFile]) -> Iterator[np.ndarray | DataError]:
        """The pixels of each file in order, or its DataError."""
        waiting: collections.deque[Future] = collections.deque()
        for start in range(0, len(files), FILES):
            waiting.append(self._threads.submit(self._decode_group, files[start : start + FILES]))
            if len(waiting) >= AHEAD * len(self._processes):
                yield from waiting.popleft().result()
        while waiting:
            yield from waiting.popleft().result()

    def _decode_group(self, files: Sequence[SourceFile]) -> list[np.ndarray | DataError]:
        sources = [(file.name, file.path or _read(file)) for file in files]
        process = self._idle.get()
        try:
            _send(process.stdin, sources)
            found = _receive(process.stdout)
        except (OSError, EOFError) as error:
            raise ResourceError(
                "a process that decodes pictures ended unexpectedly, as when the memory is full: close other programs"
            ) from error
        finally:
            self._idle.put(process)
        return [
            BadFilesError.of(file.name, one) if isinstance(one, str) else one
            for file, one in zip(files, found, strict=True)
        ]


def _read(file: SourceFile) -> bytes | str:
    """The bytes of a file, or why it cannot be read."""
    try:
        return file.read()
    except DataError as error:
        return str(error)


def serve() -> None:
    """Decode the files that arrive at the standard input until it is closed; the main function of each process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent process closes the input
    source, out = sys.stdin.buffer, sys.stdout.buffer
    with pillow_warnings.filtered(), contextlib.suppress(EOFError, BrokenPipeError):
        decoding = _receive(source)
        while True:
            _send(out, [_decode_one(decoding, name, content) for name, content in _receive(source)])


def _decode_one(decoding: Decoding, name: str, content: bytes | Path | str) -> np.ndarray | str:
    """The pixels of a file, or why it is bad. content: its bytes, where it is on disk, or why it cannot be read."""
    if isinstance(content, str):
        return content
    file = file_on_disk(content, name) if isinstance(content, Path) else SourceFile(name, lambda: content)
    found = _decode(decoding, file)
    return str(found) if isinstance(found, DataError) else found


def _send(stream: BinaryIO, value: object) -> None:
    content = pickle.dumps(value, pickle.HIGHEST_PROTOCOL)
    stream.write(LENGTH.pack(len(content)) + content)
    stream.flush()


def _receive(stream: BinaryIO) -> object:
    """What the other process, which is our own, has sent. Raises: EOFError if it has ended."""
    header = stream.read(LENGTH.size)
    if len(header) < LENGTH.size:
        raise EOFError
    (length,) = LENGTH.unpack(header)
    content = stream.read(length)
    if len(content) < length:
        raise EOFError
    return pickle.loads(content)
