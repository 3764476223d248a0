"""Arrays of numbers in MATLAB files of version 5, read without executing or building any of their objects.

The format is described in MathWorks, "MAT-File Format", 2019. A file is a header of 128 bytes and a sequence of
elements, each a tag (type, number of bytes) and its content; a compressed element holds one matrix. Numbers and texts
are read, also inside structs of one element (`dataset.train.images`) and cells of texts; other classes are named only.
Version 7.3 is HDF5 and read as such.
"""

from __future__ import annotations

import contextlib
import io
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from gancli.core import safe_hdf5
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.array_files.mat5_stream import Inflated, Input
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile

HEADER = 128
COMPRESSED, MATRIX, UTF8, UTF16 = 15, 14, 16, 17  # types of elements
TYPES = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
CELL, STRUCT, OBJECT, CHAR = 1, 2, 3, 4  # classes of matrices
NUMBERS = range(6, 16)
CLASSES = {CELL: "cell", OBJECT: "object", 5: "sparse matrix", 16: "function", 17: "object"}
COMPLEX, LOGICAL = 0x800, 0x200  # flags of matrices
MOST_DEPTH, MOST_ARRAYS, MOST_AXES, MOST_NAME = 8, 10_000, 32, 4096
MOST_TEXT = 1_000_000  # bytes
MOST_BYTES = 1 << 50  # of a stream whose end is not known
FAULTS = (EOFError, ValueError, KeyError, OverflowError, struct.error, zlib.error)


def is_version_5(head: bytes) -> bool:
    """Whether a file begins as MATLAB files of version 5 do. head: its first 128 bytes."""
    return len(head) == HEADER and head[124:] in (b"\0\1IM", b"\1\0MI")


def columns(file: SourceFile) -> tuple[dict[str, ArrayColumn], list[str]]:
    """The arrays of numbers and texts by their names, not read yet; and what else there is, in words.

    Raises: DataError for damage.
    """
    with _naming_damage(file), file.open() as stream:
        head = stream.read(HEADER)
        walk = _Walk(file, "<" if head[126:] == b"IM" else ">")
        end = file.size if file.size is not None else stream.seek(0, 2)
        stream.seek(HEADER)
        whole = Input(stream, end, HEADER)
        while whole.at < end:
            walk.element(whole)
    return walk.arrays, walk.skipped


@contextlib.contextmanager
def _naming_damage(file: SourceFile) -> Iterator[None]:
    try:
        yield
    except FAULTS as error:
        raise DataError(f"{file.path or file.name} is a damaged MATLAB file: {error}") from error


class _Place(NamedTuple):
    """Where numbers are: a start in the file; for compressed elements their size, and the offset in what they hold."""

    start: int
    size: int | None
    offset: int


@dataclass
class _Walk:
    """The arrays of a file as they are found. skipped: names and classes of what is not read."""

    file: SourceFile
    order: str = "<"
    start: int = 0  # of the element that is read, in the file
    size: int = 0  # of that element
    is_compressed: bool = False
    arrays: dict[str, ArrayColumn] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)

    def tag(self, source: Input) -> tuple[int, int, bytes | None]:
        """The type and the number of bytes of an element, and its content if that stands in the tag itself."""
        first, count = struct.unpack(f"{self.order}II", source.take(8))
        if first >> 16:  # a small element: at most four bytes, in place of the count
            raw = struct.pack(f"{self.order}I", count)
            return first & 0xFFFF, min(first >> 16, 4), raw[: first >> 16]
        return first, count, None

    def content(self, source: Input, most: int) -> tuple[int, bytes]:
        """The type and content of a small element."""
        kind, count, inside = self.tag(source)
        if inside is not None:
            return kind, inside
        if count > most:
            raise ValueError(f"an element of {count:,} bytes where at most {most:,} are expected")
        content = source.take(count)
        source.skip(-count % 8)
        return kind, content

    def element(self, whole: Input) -> None:
        """One variable of the file."""
        kind, size, _ = self.tag(whole)
        self.start, self.size, self.is_compressed = whole.at, size, kind == COMPRESSED
        if whole.at + size > whole.end:
            raise EOFError("a variable is cut short")
        if kind == COMPRESSED:
            inner = Input(io.BufferedReader(Inflated(whole.stream, size)), MOST_BYTES)
            kind, inner_size, _ = self.tag(inner)
            if kind == MATRIX:
                self.matrix(inner, inner.at + inner_size, "", 0)
        elif kind == MATRIX:
            self.matrix(whole, whole.at + size, "", 0)
        whole.stream.seek(self.start + size)
        whole.at = self.start + size

    def matrix(self, source: Input, end: int, above: str, depth: int) -> None:
        """One matrix whose tag was read; it ends at `end`."""
        if depth > MOST_DEPTH or len(self.arrays) + len(self.skipped) > MOST_ARRAYS:
            raise ValueError("structs in structs, more than are read")
        if source.at == end:
            return  # an empty matrix
        flags = struct.unpack(f"{self.order}II", self.content(source, 8)[1])[0]
        axes = self.content(source, 4 * MOST_AXES)[1]
        shape = struct.unpack(f"{self.order}{len(axes) // 4}i", axes)
        if min(shape, default=-1) < 0:
            raise ValueError(f"an array of shape {shape}")
        name = self.content(source, MOST_NAME)[1].decode("latin-1")
        name = ".".join(filter(None, (above, name)))
        kind = flags & 0xFF
        if kind in NUMBERS and not flags & COMPLEX:
            self.numbers(source, name, shape, is_logical=bool(flags & LOGICAL))
        elif kind == CHAR:
            self.texts(name, self.text(source, shape))
        elif kind == CELL and math.prod(shape) <= MOST_ARRAYS:
            self.cell(source, name, math.prod(shape), depth)
        elif kind == STRUCT and math.prod(shape) == 1:
            self.struct(source, name, depth)
        else:
            what = "complex numbers" if kind in NUMBERS else CLASSES.get(kind, f"array of structs {shape}")
            self.skipped.append(f"{name or 'a workspace of functions'} ({what})")
        source.skip(end - source.at)

    def numbers(self, source: Input, name: str, shape: tuple[int, ...], *, is_logical: bool) -> None:
        """An array of numbers, which is not read yet: its place is kept."""
        kind, count, inside = self.tag(source)
        dtype = np.dtype("?" if is_logical else self.order + TYPES[kind])
        if math.prod(shape) * dtype.itemsize != count:
            raise ValueError(f"{name or 'an array'} of shape {shape} and type {dtype} in {count:,} bytes")
        place = _Place(self.start, self.size, source.at) if self.is_compressed else _Place(source.at, None, 0)
        read = partial(_read, self.file, place, shape, dtype, inside)
        self.arrays[name] = ArrayColumn(name, shape, dtype, read)

    def text(self, source: Input, shape: tuple[int, ...]) -> list[str]:
        """The rows of a matrix of letters."""
        kind, content = self.content(source, MOST_TEXT)
        encoding = {UTF8: "utf-8", 4: "utf-16", UTF16: "utf-16"}.get(kind, "latin-1")
        encoding += {"<": "-le", ">": "-be"}[self.order] if encoding == "utf-16" else ""
        letters = content.decode(encoding, "replace")
        rows = shape[0] if shape else 0
        return [letters[row::rows].rstrip() for row in range(min(rows, len(letters)))]

    def texts(self, name: str, rows: list[str]) -> None:
        if rows:
            self.arrays[name] = ArrayColumn.of(name, np.array(rows))

    def cell(self, source: Input, name: str, count: int, depth: int) -> None:
        """A cell of texts, such as the names of classes; others are skipped."""
        inner = _Walk(self.file, self.order)
        for _ in range(count):
            kind, size, _ = inner.tag(source)
            if kind != MATRIX:
                raise ValueError("a cell that holds no matrix")
            inner.matrix(source, source.at + size, f"{len(inner.arrays)}", depth + 1)
        rows = [column.read() for column in inner.arrays.values() if column.dtype.kind == "U"]
        if len(rows) == count and all(len(row) == 1 for row in rows):
            self.texts(name, [str(row[0]) for row in rows])
        else:
            self.skipped.append(f"{name} (cell)")

    def struct(self, source: Input, name: str, depth: int) -> None:
        """A struct: each of its fields is a matrix."""
        width = struct.unpack(f"{self.order}i", self.content(source, 4)[1])[0]
        packed = self.content(source, MOST_TEXT)[1]
        if width <= 0:
            raise ValueError("a struct without names of fields")
        for start in range(0, len(packed), width):
            label = packed[start : start + width].split(b"\0")[0].decode("latin-1")
            kind, size, _ = self.tag(source)
            if kind != MATRIX:
                raise ValueError(f"the field {label} holds no matrix")
            self.matrix(source, source.at + size, ".".join(filter(None, (name, label))), depth + 1)


def _read(file: SourceFile, place: _Place, shape: tuple[int, ...], dtype: np.dtype, inside: bytes | None) -> np.ndarray:
    """The numbers of one array, in MATLAB's order of axes. Raises: DataError."""
    name, count = file.path or file.name, math.prod(shape) * dtype.itemsize
    if count > total_memory() // 2:
        raise DataError(f"{name} unpacks to {count / 1e9:,.1f} GB, more than half of the memory")
    if place.size and count > safe_hdf5.MAX_CLAIM and count > safe_hdf5.MAX_EXPANSION * place.size:
        raise DataError(f"{name} claims {count / 1e6:,.0f} MB but stores {place.size / 1e6:,.3f} MB")
    if inside is not None:
        return np.frombuffer(inside, dtype).reshape(shape, order="F")
    values = bytearray(count)
    with _naming_damage(file), file.open() as stream:
        stream.seek(place.start)
        if place.size is not None:
            stream = io.BufferedReader(Inflated(stream, place.size))
        source = Input(stream, MOST_BYTES)
        source.skip(place.offset)
        view, filled = memoryview(values), 0
        while filled < count:
            got = stream.readinto(view[filled:])
            if not got:
                raise EOFError("an array is cut short")
            filled += got
    return np.frombuffer(values, dtype).reshape(shape, order="F")
