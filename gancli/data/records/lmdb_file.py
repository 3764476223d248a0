"""The records of an LMDB file, read without the lmdb library.

The library maps the file into memory and trusts it: a file that is cut short or damaged ends the process. Here every
page, node and value is checked to lie in the file. Written after LMDB's description of its pages (lmdb.h, mdb.c, 0.9).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.data.formats.unpacking import Bytes

MAGIC, VERSION = 0xBEEFC0DE, 1
HEADER = 16  # bytes of a page, before its nodes
BRANCH, LEAF, OVERFLOW, META, FIXED = 1, 2, 4, 8, 32
BIG, DUPLICATES = 1, 6  # of nodes: the value has pages of its own; a database or several values of one key
NO_PAGE = 2**64 - 1
DEEPEST = 32  # levels of the tree
LEAST_PAGE, LARGEST_PAGE = 256, 65536


class Entry(NamedTuple):
    """A record: its key, and where its value is in the file."""

    key: bytes
    offset: int
    size: int


class _Meta(NamedTuple):
    page_size: int
    flags: int
    entries: int
    root: int
    last_page: int
    transaction: int


def entries(source: Bytes, name: str) -> Iterator[Entry]:
    """The records of the main database by key. Raises while it is iterated: DataError for a damaged file."""
    metas = [_meta(source.read(0, 160))]
    if metas[0] is not None:
        metas.append(_meta(source.read(metas[0].page_size, 160)))
    known = [meta for meta in metas if meta is not None]
    if not known:
        raise DataError(f"{name} is not a readable LMDB file")
    meta = max(known, key=lambda one: one.transaction)
    if source.size < (meta.last_page + 1) * meta.page_size:
        raise DataError(f"{name} is cut short: it has {source.size:,} of its bytes; download or copy it again")
    if meta.flags & 4:
        raise DataError(f"{name} holds several values for a key, which is not read")
    reader, count = _Tree(source, name, meta), 0
    for entry in reader.walk(meta.root, 0) if meta.root != NO_PAGE else ():
        yield entry
        count += 1
    if count != meta.entries:
        raise DataError(f"{name} is damaged: {count:,} records of {meta.entries:,}; download or copy it again")


def _meta(page: bytes) -> _Meta | None:
    """The facts of a page of meta data, None if it is none."""
    if len(page) < 152:
        return None
    flags, magic, version = struct.unpack_from("<10xH4x2I", page)
    page_size = struct.unpack_from("<I", page, 40)[0]
    if magic != MAGIC or version != VERSION or not flags & META:
        return None
    if not LEAST_PAGE <= page_size <= LARGEST_PAGE or page_size & (page_size - 1):
        return None
    main_flags, _, _, _, _, count, root = struct.unpack_from("<4x2H5Q", page, 88)
    last_page, transaction = struct.unpack_from("<2Q", page, 136)
    return _Meta(page_size, main_flags, count, root, last_page, transaction)


class _Tree:
    """The tree of pages; each is read once."""

    def __init__(self, source: Bytes, name: str, meta: _Meta) -> None:
        self._source, self._name, self._size, self._last = source, name, meta.page_size, meta.last_page
        self._seen: set[int] = set()

    def _damage(self, number: int) -> DataError:
        return DataError(f"{self._name} is damaged at page {number:,}; download or copy it again")

    def walk(self, number: int, depth: int) -> Iterator[Entry]:
        """The records below a page. Raises: DataError."""
        if number > self._last or number in self._seen or depth > DEEPEST:
            raise self._damage(number)
        self._seen.add(number)
        page = self._source.read(number * self._size, self._size)
        if len(page) < self._size:
            raise self._damage(number)
        own, flags, lower = struct.unpack_from("<Q2x2H", page)
        count = (lower - HEADER) // 2
        if own != number or not flags & (BRANCH | LEAF) or flags & FIXED or not 0 < count <= self._size // 2 - HEADER:
            raise self._damage(number)
        for at in struct.unpack_from(f"<{count}H", page, HEADER):
            if not HEADER <= at <= self._size - 8:
                raise self._damage(number)
            low, high, kind, key_size = struct.unpack_from("<4H", page, at)
            if flags & BRANCH:
                yield from self.walk(low | high << 16 | kind << 32, depth + 1)
            else:
                yield self._entry(page, number, at, (low | high << 16, kind, key_size))

    def _entry(self, page: bytes, number: int, at: int, node: tuple[int, int, int]) -> Entry:
        size, kind, key_size = node
        start = at + 8 + key_size
        if kind & DUPLICATES or start + (8 if kind & BIG else size) > self._size:
            raise self._damage(number)
        key = page[at + 8 : start]
        if not kind & BIG:
            return Entry(key, number * self._size + start, size)
        first = int.from_bytes(page[start : start + 8], "little")
        if first > self._last or first * self._size + HEADER + size > (self._last + 1) * self._size:
            raise self._damage(number)
        return Entry(key, first * self._size + HEADER, size)
