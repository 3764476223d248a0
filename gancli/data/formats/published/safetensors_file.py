"""Arrays in the safetensors format: reading and writing; a damaged or hostile file is refused in one sentence.

The format (README of github.com/huggingface/safetensors): 8 bytes, the length of the header, little-endian; the header,
a JSON object that gives dtype, shape and data_offsets for each name, and texts under __metadata__; then the arrays, row
by row, without gaps. gancli reads it itself: what is in the header is checked against the file's size before memory is
taken, no package is needed to open a published model, and a header of another dtype is an error, not a surprise.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from gancli.core import files
from gancli.core.backend import np
from gancli.core.errors import DataError, value_text
from gancli.core.options import no_twins
from gancli.data.formats.published.torch_file import from_bfloat16

LENGTH = 8  # bytes that give the length of the header
LONGEST_HEADER = 4_000_000  # bytes; a network of 1,000 arrays has 0.1 MB
MOST_AXES, LONGEST_AXIS = 32, 2**48
FLOAT32: Mapping[str, str] = {"F32": "<f4"}  # the only dtype that gancli writes
NUMBERS: Mapping[str, str] = {"F64": "<f8", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4", **FLOAT32}
Size: TypeAlias = "tuple[tuple[int, ...], np.dtype]"  # shape and type of an array


class Header(NamedTuple):
    """What a file says of its arrays, by their names: shape and dtype, names of dtypes, first bytes; and its texts."""

    sizes: dict[str, Size]
    dtypes: dict[str, str]
    starts: dict[str, int]
    metadata: dict[str, str]


def header(start: bytes, size: int, *, dtypes: Mapping[str, str] = FLOAT32) -> Header:
    """The header of a file. start: its first bytes, at least `header_length` of them. size: of the file.

    dtypes: that are read, with their names in NumPy. Raises: ValueError, RecursionError.
    """
    length = header_length(start, size)
    text = start[LENGTH : LENGTH + length].decode("utf-8")
    table = json.loads(text, object_pairs_hook=no_twins, parse_constant=_refuse)
    if not isinstance(table, dict):
        raise ValueError("its header is not a JSON object")
    texts = table.pop("__metadata__", {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("its __metadata__ are not texts")
    places = sorted((*_offsets(name, one, dtypes), name) for name, one in table.items())
    at = 0
    for begin, end, name in places:
        if begin != at:
            raise ValueError(f"'{value_text(name)}' begins at byte {begin:,} of the data, not at {at:,}")
        at = end
    first = LENGTH + length
    if at != size - first:
        raise ValueError(f"its arrays take {at:,} bytes, and the file holds {size - first:,} of them")
    sizes = {name: (tuple(table[name]["shape"]), np.dtype(dtypes[table[name]["dtype"]])) for _, _, name in places}
    named = {name: table[name]["dtype"] for name in sizes}
    return Header(sizes, named, {name: first + begin for begin, _, name in places}, texts)


def header_length(start: bytes, size: int) -> int:
    """The length of the header after the first 8 bytes. Raises: ValueError if the file does not hold as much."""
    length = int.from_bytes(start[:LENGTH], "little")
    if len(start) < LENGTH or not 2 <= length <= min(LONGEST_HEADER, size - LENGTH):
        raise ValueError(f"its header would have {length:,} bytes, in a file of {size:,}")
    return length


def _offsets(name: str, entry: Any, dtypes: Mapping[str, str]) -> tuple[int, int]:
    """Begin and end of an array, as an entry of a header gives them. Raises: ValueError if it is not valid."""
    what = f"'{value_text(name)}'"
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{what} lacks dtype, shape or data_offsets, or has more")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in dtypes:
        raise ValueError(f"{what} has the dtype {value_text(dtype)}, not {' or '.join(dtypes)}")
    if not _are_integers(shape, below=LONGEST_AXIS) or len(shape) > MOST_AXES:
        raise ValueError(f"{what} has the shape {value_text(shape)}")
    if not _are_integers(offsets, below=2**63) or len(offsets) != 2:
        raise ValueError(f"{what} has the offsets {value_text(offsets)}")
    needed = math.prod(shape) * np.dtype(dtypes[dtype]).itemsize
    if offsets[1] - offsets[0] != needed:
        raise ValueError(f"{what} has {offsets[1] - offsets[0]:,} bytes, and its shape takes {needed:,}")
    return offsets[0], offsets[1]


def _are_integers(value: object, *, below: int) -> bool:
    """Whether a value is a list of whole numbers from 0 on."""
    return isinstance(value, list) and all(type(one) is int and 0 <= one < below for one in value)


def _refuse(constant: str) -> None:
    raise ValueError(f"its header contains {constant}")


def is_one(start: bytes) -> bool:
    """Whether a file with this start may be a safetensors file."""
    return start[LENGTH : LENGTH + 1] == b"{"


def parse(content: bytes, *, name: str) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """The arrays in the bytes of a file, as views of them, and its texts; bfloat16 is float32.

    name: of the file, for messages. Raises: DataError.
    """
    try:
        found = header(content, len(content), dtypes=NUMBERS)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{name} is no sound safetensors file: {error}") from error
    arrays = {}
    for one, (shape, dtype) in found.sizes.items():
        count = math.prod(shape)
        row = np.frombuffer(content, dtype, count, found.starts[one]) if count else np.empty(0, dtype)
        row = from_bfloat16(row) if found.dtypes[one] == "BF16" else row
        arrays[one] = row.reshape(shape)
    return arrays, found.metadata


def write(path: Path, arrays: Mapping[str, np.ndarray], metadata: Mapping[str, str], *, is_own: bool = False) -> None:
    """Write float32 arrays and texts. is_own: as `files.atomic_write`. Raises: ResourceError, OptionError."""
    table: dict[str, object] = {"__metadata__": dict(metadata)}
    at = 0
    for name, array in arrays.items():
        table[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + 4 * array.size]}
        at += 4 * array.size
    text = json.dumps(table).encode()
    text += b" " * (-len(text) % LENGTH)  # as the format's own writer, so that numbers begin at multiples of 8
    files.need_space(path.parent, LENGTH + len(text) + at)
    with files.atomic_path(path, is_own=is_own) as aside, aside.open("wb") as file:
        file.write(len(text).to_bytes(LENGTH, "little") + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array, "<f4").data.cast("B") if array.size else b"")
