"""The directories of a TIFF file: the size and the kind of each page, read without its pixels.

TIFF 6.0 (Adobe 1992), section 2, and BigTIFF, whose offsets and counts have eight bytes.
"""

from __future__ import annotations

import struct
from typing import BinaryIO, NamedTuple

MOST_PAGES, MOST_TAGS = 100_000, 4096
KIND, OLD_KIND, WIDTH, HEIGHT, BITS, SAMPLES, PLANAR, FORMAT = 254, 255, 256, 257, 258, 277, 284, 339
TAGS = (KIND, OLD_KIND, WIDTH, HEIGHT, BITS, SAMPLES, PLANAR, FORMAT)
TYPES = {1: "B", 3: "H", 4: "I", 13: "I", 16: "Q"}  # whole numbers
REDUCED, MASK = 1, 4  # bits of KIND
UNSIGNED, SIGNED, FLOAT = 1, 2, 3  # values of FORMAT


class Page(NamedTuple):
    """One page. is_copy: a reduced copy or a mask of another page."""

    width: int
    height: int
    bits: int
    samples: int
    number_format: int
    is_planar: bool
    is_copy: bool


def read(stream: BinaryIO) -> list[Page]:
    """The pages of a file. Raises: ValueError for one that is damaged."""
    head = stream.read(16)
    order = {b"II": "<", b"MM": ">"}.get(head[:2])
    if order is None or len(head) < 8:
        raise ValueError("no TIFF file")
    version = struct.unpack(f"{order}H", head[2:4])[0]
    if version not in (42, 43) or (version == 43 and len(head) < 16):
        raise ValueError("no TIFF file")
    is_big = version == 43
    start = struct.unpack(f"{order}Q", head[8:16])[0] if is_big else struct.unpack(f"{order}I", head[4:8])[0]
    pages, seen = [], set()
    while start and start not in seen and len(pages) < MOST_PAGES:
        seen.add(start)
        page, start = _directory(stream, start, order, is_big=is_big)
        pages.append(page)
    return pages


def _directory(stream: BinaryIO, start: int, order: str, *, is_big: bool) -> tuple[Page, int]:
    """A page, and where the next directory starts, 0 for the last."""
    count_code, entry_size, offset_code = ("Q", 20, "Q") if is_big else ("H", 12, "I")
    stream.seek(start)
    count = _unpack(order + count_code, stream.read(struct.calcsize(order + count_code)))
    if count > MOST_TAGS:
        raise ValueError("a directory of too many tags")
    content = stream.read(count * entry_size)
    after = _unpack(order + offset_code, stream.read(struct.calcsize(order + offset_code)))
    if len(content) < count * entry_size:
        raise ValueError("a directory that is cut short")
    found = {}
    for at in range(0, len(content), entry_size):
        tag, kind = struct.unpack_from(f"{order}HH", content, at)
        if tag in TAGS and kind in TYPES:
            found[tag] = _value(stream, content[at + 4 : at + entry_size], order, TYPES[kind], is_big=is_big)
    if not found.get(WIDTH) or not found.get(HEIGHT):
        raise ValueError("a page without a size")
    is_copy = bool(found.get(KIND, 0) & (REDUCED | MASK)) or found.get(OLD_KIND) == 2
    bits, samples = found.get(BITS, 1), found.get(SAMPLES, 1)
    return Page(
        found[WIDTH], found[HEIGHT], bits, samples, found.get(FORMAT, UNSIGNED), found.get(PLANAR) == 2, is_copy
    ), after


def _value(stream: BinaryIO, content: bytes, order: str, code: str, *, is_big: bool) -> int:
    """The first value of a tag, which is in the entry itself, or where it points."""
    count, room = (_unpack(f"{order}Q", content[:8]), 8) if is_big else (_unpack(f"{order}I", content[:4]), 4)
    size = struct.calcsize(order + code)
    value = content[room:]
    if count * size > room:
        stream.seek(_unpack(order + ("Q" if is_big else "I"), value))
        value = stream.read(size)
    return _unpack(order + code, value[:size])


def _unpack(code: str, content: bytes) -> int:
    try:
        return struct.unpack(code, content)[0]
    except struct.error as error:
        raise ValueError("a directory that is cut short") from error
