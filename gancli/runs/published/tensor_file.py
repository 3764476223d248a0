"""The weights of a published model: a safetensors file of float32 arrays, its checksum verified.

How the format is read, and what is refused: gancli.data.formats.published.safetensors_file.
"""

from __future__ import annotations

import contextlib
import hashlib
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from gancli.core import files
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import CheckpointError, value_text
from gancli.data.formats.published import safetensors_file
from gancli.data.formats.published.safetensors_file import Header
from gancli.runs.checkpoints import PIECE, OpenCheckpoint, Position

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
            header = _read_header(file)
            _need_checksum(file, sha256)
        except (OSError, ValueError, RecursionError) as error:
            raise CheckpointError(f"{path} does not hold weights that gancli wrote: {error}") from error
        yield OpenTensors(str(path), position, header.sizes, file, header.starts)


def _read_header(file: IO[bytes]) -> Header:
    """The header of a file whose arrays fit into memory. Raises: ValueError, RecursionError."""
    size = os.fstat(file.fileno()).st_size
    start = file.read(safetensors_file.LENGTH)
    start += file.read(safetensors_file.header_length(start, size))
    header = safetensors_file.header(start, size)
    needed = sum(math.prod(shape) * dtype.itemsize for shape, dtype in header.sizes.values())
    if COPIES * needed > total_memory():
        raise ValueError(f"its arrays of {needed / 1e9:,.1f} GB do not fit into the memory of this machine")
    return header


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
