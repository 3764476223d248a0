"""TFRecord files without TensorFlow, whose start takes three seconds: lengths and bytes with their checksums.

Each record is its length (8 bytes), a checksum of those, its bytes and a checksum of them: masked CRC-32C, as
TensorFlow's documentation of TFRecord describes.
"""

from __future__ import annotations

import functools
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import MAX_FILE
from gancli.data.formats.unpacking import Bytes

POLYNOMIAL = 0x82F63B78  # Castagnoli's, reflected
WINDOW = 4 << 20  # bytes that are read at a time
BLOCK = 512  # bytes that are summed side by side
MOST_SUMMED = 1 << 30  # bytes of a file whose checksums are compared: 5 s


class Record(NamedTuple):
    """A record: where its bytes begin in the file, and the bytes."""

    offset: int
    content: bytes


def is_record_file(start: bytes) -> bool:
    """Whether a file that starts with these 12 bytes begins with a record, by the checksum of its length."""
    return len(start) == 12 and masked(checksum(start[:8])) == int.from_bytes(start[8:], "little")


def read(source: Bytes, name: str) -> Iterator[Record]:
    """The records of a file in order. Raises while it is iterated: DataError for damage, by the record's number."""
    at, start, window, waiting, size = 0, 0, b"", [], 0
    number = 0
    while at < source.size:
        if at + 12 > start + len(window):
            start, window = at, source.read(at, WINDOW)
        length = _length(window[at - start : at - start + 12], name, number)
        if at + 16 + length > source.size:
            raise DataError(f"{name} is cut short in record {number:,}; download or copy it again")
        if length > MAX_FILE:
            raise DataError(f"{name}: record {number:,} has {length / 1e6:,.0f} MB, more than {MAX_FILE / 1e6:,.0f} MB")
        if at + 16 + length > start + len(window):
            start, window = at, source.read(at, max(WINDOW, 16 + length))
        begin = at - start + 12
        record = Record(at + 12, window[begin : begin + length])
        waiting.append((number, record, window[begin + length : begin + length + 4]))
        size += length
        if size > WINDOW:
            yield from _checked(waiting, name, at)
            waiting, size = [], 0
        at, number = at + 16 + length, number + 1
    yield from _checked(waiting, name, at)


def _length(header: bytes, name: str, number: int) -> int:
    if len(header) < 12:
        raise DataError(f"{name} is cut short in record {number:,}; download or copy it again")
    if not is_record_file(header):
        what = f"is damaged at record {number:,}: a wrong checksum" if number else "is not a readable TFRecord file"
        raise DataError(f"{name} {what}")
    return int.from_bytes(header[:8], "little")


def _checked(waiting: Sequence[tuple[int, Record, bytes]], name: str, at: int) -> Iterator[Record]:
    """The records, if their checksums are right; those far behind the start of a large file are not compared."""
    if waiting and at < MOST_SUMMED:
        found = checksums([record.content for _, record, _ in waiting])
        for (number, _, stored), value in zip(waiting, found, strict=True):
            if struct.pack("<I", masked(value)) != stored:
                raise DataError(f"{name} is damaged in record {number:,}: a wrong checksum; download or copy it again")
    for _, record, _ in waiting:
        yield record


@functools.cache
def _table() -> list[int]:
    """The remainders of single bytes."""
    found = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
        found.append(value)
    return found


def checksum(content: bytes, register: int = 0xFFFFFFFF) -> int:
    """CRC-32C of a few bytes."""
    table = _table()
    for byte in content:
        register = table[(register ^ byte) & 255] ^ register >> 8
    return register ^ 0xFFFFFFFF


def masked(value: int) -> int:
    """A checksum as it is stored in a file."""
    return ((value >> 15 | value << 17) + 0xA282EAD8) & 0xFFFFFFFF


@functools.cache
def _wide_tables() -> tuple[np.ndarray, list[np.ndarray]]:
    """The remainders of pairs of bytes, uint32 (65536,), and of each byte of a register behind a block of zeros."""
    single = np.array(_table(), np.uint32)
    pairs = np.arange(65536, dtype=np.uint32)
    for _ in range(2):
        pairs = single[pairs & 255] ^ (pairs >> 8)
    behind = []
    for place in range(4):
        register = np.arange(256, dtype=np.uint32) << np.uint32(8 * place)
        for _ in range(BLOCK // 2):
            register = pairs[register & 0xFFFF] ^ (register >> 16)
        behind.append(register)
    return pairs, behind


def checksums(contents: Sequence[bytes]) -> list[int]:
    """CRC-32C of many texts at once.

    Blocks of all texts are summed side by side from zero, then joined: a block shifts what was before by a linear map.
    Zeros before a text change nothing from zero on; the usual start with ones is the same as inverting four bytes.
    """
    if any(len(content) < 4 for content in contents):
        return [checksum(content) for content in contents]
    pairs, behind = _wide_tables()
    counts = np.array([-(-len(content) // BLOCK) for content in contents])
    starts = np.cumsum(counts) - counts
    rows = np.zeros((int(counts.sum()), BLOCK), np.uint8)
    flat = rows.reshape(-1)
    for content, start, count in zip(contents, starts.tolist(), counts.tolist(), strict=True):
        begin = (start + count) * BLOCK - len(content)
        flat[begin : (start + count) * BLOCK] = np.frombuffer(content, np.uint8)
        flat[begin : begin + 4] ^= 255
    words = np.ascontiguousarray(rows.view("<u2").T)
    register = np.zeros(len(rows), np.uint32)
    for word in words:
        register = pairs[(register ^ word) & 0xFFFF] ^ (register >> np.uint32(16))
    joined = np.zeros(len(contents), np.uint32)
    for place in range(int(counts.max())):
        active = np.flatnonzero(counts > place)
        before = joined[active]
        shifted = register[starts[active] + place]
        for at, table in enumerate(behind):
            shifted = shifted ^ table[(before >> np.uint32(8 * at)) & 255]
        joined[active] = shifted
    return (joined ^ np.uint32(0xFFFFFFFF)).tolist()
