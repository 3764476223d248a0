"""Files as PyTorch writes them, made without PyTorch: the pickle opcode by opcode, and both forms around it.

torch 2.14.1 reads them, and reads the same arrays.
"""

import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from dataclasses import dataclass, field

import numpy as np

STORAGES = {"f4": "Float", "f8": "Double", "f2": "Half", "i8": "Long", "i4": "Int", "i2": "Short", "i1": "Char"}
STORAGES |= {"u1": "Byte", "b1": "Bool", "c8": "ComplexFloat", "c16": "ComplexDouble"}
NEWER = {"u2": "uint16", "u4": "uint32", "u8": "uint64"}
LEGACY = (0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True, "type_sizes": {"int": 4}})


@dataclass(eq=False)
class Tensor:
    """A tensor: numbers in a row, and where it is in them. Everything may be false, for hostile files."""

    row: np.ndarray
    shape: tuple
    strides: tuple
    offset: int = 0
    is_bfloat16: bool = False  # the row has the bits as uint16
    is_parameter: bool = False
    claimed: int | None = None  # the count of the storage's numbers that the pickle claims


@dataclass(eq=False)
class Global:
    """A name that the pickle asks for; with arguments it is called."""

    module: str
    name: str
    arguments: tuple | None = None


def tensor(array, **more):
    """The tensor of an array of its own; of a view with the storage of what it is a view of."""
    base = array
    while isinstance(base.base, np.ndarray):
        base = base.base
    row = np.ravel(base, "K")
    offset = (array.ctypes.data - base.ctypes.data) // array.itemsize if array.size else 0
    strides = tuple(step // array.itemsize for step in array.strides)
    key = base.ctypes.data, base.dtype.str
    return Tensor(_ROWS.setdefault(key, row), array.shape, strides, offset, **more)


_ROWS: dict[tuple, np.ndarray] = {}  # one storage for all views of an array


@dataclass
class Emitter:
    """Writes a value as a pickle of protocol 2."""

    rows: list = field(default_factory=list)
    counts: list = field(default_factory=list)  # of the numbers in each row, or of the bytes of newer types
    legacy: bool = False

    def emit(self, value):
        if isinstance(value, Tensor):
            return self._parameter(value) if value.is_parameter else self._tensor(value)
        if isinstance(value, Global):
            called = self.emit(value.arguments) + b"R" if value.arguments is not None else b""
            return f"c{value.module}\n{value.name}\n".encode() + called
        if isinstance(value, dict):
            start = b"ccollections\nOrderedDict\n)R" if isinstance(value, OrderedDict) else b"}"
            state = getattr(value, "_metadata", None)
            items = b"".join(self.emit(one) for pair in value.items() for one in pair)
            return start + b"(" + items + b"u" + (self.emit({"_metadata": state}) + b"b" if state is not None else b"")
        if isinstance(value, tuple):
            return b"(" + b"".join(map(self.emit, value)) + b"t"
        if isinstance(value, list):
            return b"](" + b"".join(map(self.emit, value)) + b"e"
        return pickle.dumps(value, 2)[2:-1].replace(b"q\x00", b"") if isinstance(value, str) else _plain(value)

    def _storage(self, value, kind):
        if not any(row is value.row for row in self.rows):
            self.rows.append(value.row)
            self.counts.append(value.row.nbytes if kind.module == "torch.storage" else len(value.row))
        key = next(number for number, row in enumerate(self.rows) if row is value.row)
        count = self.counts[key] if value.claimed is None else value.claimed
        return self.emit(("storage", kind, str(key), "cpu", count, *[None] * self.legacy)) + b"Q"

    def _tensor(self, value):
        code = value.row.dtype.str[1:]
        newer = not value.is_bfloat16 and NEWER.get(code)
        name = "BFloat16" if value.is_bfloat16 else STORAGES.get(code)
        kind = Global("torch.storage", "UntypedStorage") if newer else Global("torch", f"{name}Storage")
        parts = [value.offset, value.shape, value.strides, False, OrderedDict()]
        parts += [Global("torch", newer)] if newer else []
        version = 3 if newer else 2
        arguments = b"(" + self._storage(value, kind) + b"".join(map(self.emit, parts)) + b"t"
        return f"ctorch._utils\n_rebuild_tensor_v{version}\n".encode() + arguments + b"R"

    def _parameter(self, value):
        start = b"ctorch._utils\n_rebuild_parameter\n("
        return start + self._tensor(value) + self.emit(True) + self.emit(OrderedDict()) + b"tR"


def _plain(value):
    """A number, truth value, None or bytes, without what pickle puts around it."""
    return pickle.dumps(value, 2)[2:-1]


def zipped(value, *, folder="archive", order="little", change=lambda members: members, checksums=True):
    """The bytes of the form since 1.6. change: of the members, name -> bytes, before they are written."""
    emitter = Emitter()
    members = {"data.pkl": b"\x80\x02" + emitter.emit(value) + b"."}
    members |= {"byteorder": order.encode(), "version": b"3\n"}
    for number, row in enumerate(emitter.rows):
        members[f"data/{number}"] = (row if order == "little" else row.byteswap()).tobytes()
    return stored(change({f"{folder}/{name}": content for name, content in members.items()}), checksums=checksums)


def stored(members, *, compression=zipfile.ZIP_STORED, checksums=True):
    """A zip file whose members of numbers begin at multiples of 64 bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, content in members.items() if isinstance(members, dict) else members:
            info = zipfile.ZipInfo(name)
            info.compress_type = compression
            start = buffer.tell() + 30 + len(name.encode()) + 4
            info.extra = struct.pack("<2sH", b"FB", -start % 64) + b"Z" * (-start % 64)
            archive.writestr(info, bytes(content))
            info.extra = b""
        if not checksums:
            for info in archive.infolist():
                info.CRC = 0
    return buffer.getvalue()


def legacy(value):
    """The bytes of the form before 1.6."""
    emitter = Emitter(legacy=True)
    body = b"\x80\x02" + emitter.emit(value) + b"."
    start = b"".join(pickle.dumps(one, 2) for one in LEGACY)
    rows = b"".join(
        struct.pack("<q", count) + row.tobytes() for row, count in zip(emitter.rows, emitter.counts, strict=True)
    )
    return start + body + pickle.dumps([str(number) for number in range(len(emitter.rows))], 2) + rows


FORMS = {"zip": zipped, "legacy": legacy}
