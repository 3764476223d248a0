"""Reading weights in the safetensors format; a damaged or hostile file is refused in one sentence.

The format (README of github.com/huggingface/safetensors): 8 bytes, the length of the header, little-endian; the header,
a JSON object that gives dtype, shape and data_offsets for each name, and texts under __metadata__; then the arrays, row
by row, without gaps. gancli reads it itself: what is in the header is checked against the file's size before memory is
taken, no package is needed to open a published model, and a header of another dtype is an error, not a surprise.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from gancli.core import files
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import CheckpointError, value_text
from gancli.core.options import no_twins
from gancli.runs.checkpoints import PIECE, OpenCheckpoint, Position

if TYPE_CHECKING:
    from gancli.runs.checkpoints import Size

LENGTH = 8  # bytes that give the length of the header
LONGEST_HEADER = 4_000_000  # bytes; a network of 1,000 arrays has 0.1 MB
MOST_AXES, LONGEST_AXIS = 32, 2**48
DTYPES = {"F32": "<f4"}  # the only one that gancli writes
COPIES = 3  # a model that is built for weights also has moments of optimizers and a moving average


@dataclass(frozen=True)
class OpenTensors(OpenCheckpoint):
    """A file of weights, open for reading, its header and checksum verified. Arrays are read when they are accessed."""

    _starts: Mapping[str, int]

    def __getitem__(self, name: str) -> np.ndarray:
        """One array. Raises: CheckpointError if it cannot be read, or a number in it is not finite."""
        shape, dtype = self.sizes[name]
        self._file.seek(self._starts[name])
        content = self._file.read(math.prod(shape) * dtype.itemsize)
        if len(content) != math.prod(shape) * dtype.itemsize:
            raise CheckpointError(f"{self.name} was truncated while it was read: download it again")
        array = np.frombuffer(content, dtype).reshape(shape)
        if not np.isfinite(array).all():
            raise CheckpointError(f"{self.name}: '{value_text(name)}' contains numbers that are not finite")
        return array

    def bytes_each(self) -> list[int]:
        """The sizes in bytes of the arrays of a model built for these weights."""
        return super().bytes_each() * COPIES


@contextlib.contextmanager
def open_tensors(path: Path, *, sha256: str, position: Position) -> Iterator[OpenTensors]:
    """A file of weights, open for reading. sha256: of the file, in hexadecimal. position: of the training.

    Links are followed, as the cache of a hub consists of them. Raises: CheckpointError if the file is missing, damaged,
    too large for this machine, or no safetensors file of float32 arrays.
    """
    try:
        file = files.open_regular(path)
    except OSError as error:
        raise CheckpointError(f"cannot read the weights {path}: {error.strerror}") from error
    with file:
        try:
            sizes, starts = _read_header(file)
            _need_checksum(file, sha256)
        except (OSError, ValueError, RecursionError) as error:
            raise CheckpointError(f"{path} does not hold weights that gancli wrote: {error}") from error
        yield OpenTensors(str(path), position, sizes, file, starts)


def _read_header(file: IO[bytes]) -> tuple[dict[str, Size], dict[str, int]]:
    """Shape and dtype of each array, and where it starts in the file. Raises: ValueError, RecursionError."""
    size = os.fstat(file.fileno()).st_size
    start = file.read(LENGTH)
    length = int.from_bytes(start, "little")
    if len(start) < LENGTH or not 2 <= length <= min(LONGEST_HEADER, size - LENGTH):
        raise ValueError(f"its header would have {length:,} bytes, in a file of {size:,}")
    table = json.loads(file.read(length).decode("utf-8"), object_pairs_hook=no_twins, parse_constant=_refuse)
    if not isinstance(table, dict):
        raise ValueError("its header is not a JSON object")
    texts = table.pop("__metadata__", {})
    if not isinstance(texts, dict) or not all(isinstance(text, str) for text in texts.values()):
        raise ValueError("its __metadata__ are not texts")
    places = sorted((*_offsets(name, one), name) for name, one in table.items())
    at = 0
    for begin, end, name in places:
        if begin != at:
            raise ValueError(f"'{value_text(name)}' begins at byte {begin:,} of the data, not at {at:,}")
        at = end
    first = LENGTH + length
    if at != size - first:
        raise ValueError(f"its arrays take {at:,} bytes, and the file holds {size - first:,} of them")
    if COPIES * at > total_memory():
        raise ValueError(f"its arrays of {at / 1e9:,.1f} GB do not fit into the memory of this machine")
    sizes = {name: (tuple(table[name]["shape"]), np.dtype(DTYPES[table[name]["dtype"]])) for _, _, name in places}
    return sizes, {name: first + begin for begin, _, name in places}


def _offsets(name: str, entry: Any) -> tuple[int, int]:
    """Begin and end of an array, as an entry of a header gives them. Raises: ValueError if it is not valid."""
    what = f"'{value_text(name)}'"
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise ValueError(f"{what} lacks dtype, shape or data_offsets, or has more")
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise ValueError(f"{what} has the dtype {value_text(dtype)}, not {' or '.join(DTYPES)}")
    if not _are_integers(shape, below=LONGEST_AXIS) or len(shape) > MOST_AXES:
        raise ValueError(f"{what} has the shape {value_text(shape)}")
    if not _are_integers(offsets, below=2**63) or len(offsets) != 2:
        raise ValueError(f"{what} has the offsets {value_text(offsets)}")
    needed = math.prod(shape) * np.dtype(DTYPES[dtype]).itemsize
    if offsets[1] - offsets[0] != needed:
        raise ValueError(f"{what} has {offsets[1] - offsets[0]:,} bytes, and its shape takes {needed:,}")
    return offsets[0], offsets[1]


def _are_integers(value: object, *, below: int) -> bool:
    """Whether a value is a list of whole numbers from 0 on."""
    return isinstance(value, list) and all(type(one) is int and 0 <= one < below for one in value)


def _refuse(constant: str) -> None:
    raise ValueError(f"its header contains {constant}")


def _need_checksum(file: IO[bytes], expected: str) -> None:
    """Raise ValueError unless the file, read in pieces, has this SHA-256."""
    file.seek(0)
    if digest(file) != expected:
        raise ValueError("its checksum is not the one in config.json, so one of them is damaged: download both again")


def digest(file: IO[bytes]) -> str:
    """SHA-256 of a file from here on, in hexadecimal."""
    sha = hashlib.sha256()
    while piece := file.read(PIECE):
        sha.update(piece)
    return sha.hexdigest()
