"""Content of MATLAB files that is read in order and never beyond its end, decompressed piece by piece."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from typing import BinaryIO

PIECE = 1 << 20  # bytes that are skipped or decompressed at a time


@dataclass
class Input:
    """Content that is read in order and never beyond its end: of a file, or decompressed."""

    stream: BinaryIO
    end: int
    at: int = 0

    def take(self, count: int) -> bytes:
        """The next bytes. Raises: EOFError if there are fewer."""
        if count < 0 or self.at + count > self.end:
            raise EOFError("an element is cut short")
        content = self.stream.read(count)
        if len(content) < count:
            raise EOFError("an element is cut short")
        self.at += count
        return content

    def skip(self, count: int) -> None:
        """Pass over the next bytes."""
        if self.stream.seekable():
            if count < 0 or self.at + count > self.end:
                raise EOFError("an element is cut short")
            self.stream.seek(count, io.SEEK_CUR)
            self.at += count
            return
        while count > 0:
            count -= len(self.take(min(count, PIECE)))


class Inflated(io.RawIOBase):
    """A compressed element as a stream of what it holds."""

    def __init__(self, stream: BinaryIO, size: int) -> None:
        self._stream, self._left, self._decoder, self._waiting = stream, size, zlib.decompressobj(), b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        """Fill a buffer, with less only at the end."""
        content = b""
        while not content and not self._decoder.eof:
            if not self._waiting:
                self._waiting = self._stream.read(min(PIECE, self._left))
                self._left -= len(self._waiting)
                if not self._waiting:
                    raise EOFError("a compressed element is cut short")
            content = self._decoder.decompress(self._waiting, len(buffer))
            self._waiting = self._decoder.unconsumed_tail
        buffer[: len(content)] = content
        return len(content)
