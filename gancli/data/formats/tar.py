"""Headers of tar archives, read in one pass without the files between them.

Written after POSIX (pax, ustar) and GNU tar's manual: long names of both kinds, sizes in base 256, old archives without
a magic number. Python's tarfile takes more than twice as long for an archive of many files.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple, TypeAlias

from gancli.core.errors import DataError

BLOCK = 512
LONGEST_HEADER = 1_000_000  # bytes of a long name or of pax records
FILE, FOLDER, LINK, HARD_LINK, SPARSE, OTHER = "file", "folder", "link", "hard link", "sparse file", "device"
_TYPES = {b"0": FILE, b"\0": FILE, b"7": FILE, b"1": HARD_LINK, b"2": LINK, b"5": FOLDER, b"S": SPARSE}

Read: TypeAlias = Callable[[int, int], bytes]  # offset, count


class Member(NamedTuple):
    """One entry: its name as stored, its kind, where its bytes are, and the name that a link points to."""

    name: str
    kind: str
    offset: int
    size: int
    target: str


class TarReader:
    """The members of an archive in order. read: returns bytes by offset; size: of the archive.

    has_end: whether the two blocks of zeros came; end: the offset behind the last member. Raises while it is iterated:
    DataError for an archive that is damaged or cut short, by `name`.
    """

    def __init__(self, read: Read, size: int, name: str) -> None:
        self._read, self.size, self.name = read, size, name
        self.has_end, self.end = False, 0
        self._shared: dict[str, str] = {}  # pax records for all later members

    def __iter__(self) -> Iterator[Member]:
        at, own = 0, {}
        while at < self.size:
            block = self._read(at, BLOCK)
            if block.count(0) == BLOCK:
                self.has_end = True
                break
            self._check(block, at)
            size, kind = self._size(block), block[156:157]
            data = at + BLOCK
            at = data + -(-size // BLOCK) * BLOCK
            if kind in b"LKxg":
                own |= self._long_header(kind, data, size)
                continue
            member = self._member(block, kind, data, size, self._shared | own)
            if own or self._shared or member.kind == SPARSE:
                at = member.offset + -(-member.size // BLOCK) * BLOCK
            if member.offset + member.size > self.size:
                raise self._cut(f"'{member.name}' ends behind its end")
            yield member
            own = {}
            self.end = at
        if own:
            raise self._cut("its last file is missing")

    def _cut(self, why: str) -> DataError:
        return DataError(f"{self.name} is cut short: {why}; download or copy it again")

    def _check(self, block: bytes, at: int) -> None:
        if len(block) < BLOCK:
            raise self._cut(f"it ends in a header at byte {at:,}")
        claimed = _octal(block[148:156])
        if claimed is None or sum(block) - sum(block[148:156]) + 8 * 32 != claimed:
            what = "is not a readable tar archive" if at == 0 else f"is damaged: no header at byte {at:,}"
            raise DataError(f"{self.name} {what}")

    def _size(self, block: bytes) -> int:
        field = block[124:136]
        size = int.from_bytes(field[1:], "big") if field[0] == 0x80 else _octal(field)
        if size is None:
            raise DataError(f"{self.name} is damaged: the size of '{_text(block[:100])}' is no number")
        if block[156:157] in b"123456":  # links, devices and folders have no content, whatever the field says
            return 0
        return size

    def _long_header(self, kind: bytes, data: int, size: int) -> dict[str, str]:
        """What a header of headers says about the next member, by pax keyword."""
        if size > LONGEST_HEADER:
            raise DataError(f"{self.name} is damaged: a name of {size:,} bytes")
        content = self._read(data, size)
        if len(content) < size:
            raise self._cut("it ends in a long name")
        if kind in b"LK":
            return {"path" if kind == b"L" else "linkpath": _text(content)}
        records = _pax_records(content, self.name)
        if kind == b"x":
            return records
        self._shared |= records
        return {}

    def _member(self, block: bytes, kind: bytes, data: int, size: int, records: dict[str, str]) -> Member:
        what = _TYPES.get(kind, OTHER)
        if kind == b"S" and block[482]:  # the map of a sparse file goes on in further blocks
            while (further := self._read(data, BLOCK)) and len(further) == BLOCK:
                data += BLOCK
                if not further[504]:
                    break
        name = _text(block[:100])
        if block[257:263] == b"ustar\0" and block[345]:
            name = f"{_text(block[345:500])}/{name}"
        if records:
            name = records.get("path", name)
            if what == FILE and any(key.startswith("GNU.sparse") for key in records):
                what, name = SPARSE, records.get("GNU.sparse.name", name)
            if "size" in records and what in (FILE, SPARSE):
                if not (records["size"].isascii() and records["size"].isdecimal() and len(records["size"]) < 20):
                    raise DataError(f"{self.name} is damaged: the size of '{name}' is no number")
                size = int(records["size"])
        if what == FILE and name.endswith("/"):
            what = FOLDER
        target = records.get("linkpath") or _text(block[157:257]) if what in (LINK, HARD_LINK) else ""
        return Member(name, what, data, size, target)


def _text(field: bytes) -> str:
    """A text up to its first zero, in UTF-8; other bytes stay as they are, as in names on disk."""
    return field.partition(b"\0")[0].decode("utf-8", "surrogateescape")


def _octal(field: bytes) -> int | None:
    """The number of a field, None if there is none."""
    digits = field.partition(b"\0")[0].strip()
    try:
        return int(digits, 8) if digits.isdigit() else 0 if not digits else None
    except ValueError:
        return None


def _pax_records(content: bytes, name: str) -> dict[str, str]:
    """Records "LENGTH keyword=value" and a line end, by keyword. Raises: DataError."""
    found, at = {}, 0
    while at < len(content) and content[at : at + 1] != b"\0":
        length, _, _ = content[at : at + 20].partition(b" ")
        end = at + int(length) if length.isdigit() and len(length) < 8 else 0
        record = content[at + len(length) + 1 : end - 1]
        keyword, equals, value = record.partition(b"=")
        if not (at < end <= len(content)) or not equals:
            raise DataError(f"{name} is damaged: a pax header at its record {len(found) + 1}")
        found[keyword.decode("utf-8", "replace")] = value.decode("utf-8", "surrogateescape")
        at = end
    return found
