"""Weights in the files of PyTorch (.pth, .pt), read without PyTorch; nothing in them is executed or imported.

Both forms are read, the zip since version 1.6 (torch_zip) and the one before (torch_legacy). Arrays are views of the
file's bytes, so that memory is bounded by its size; only bfloat16, bool and foreign byte orders are converted.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gancli.core import files
from gancli.core.backend import np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError, value_text
from gancli.data.formats.published import torch_legacy, torch_zip
from gancli.data.formats.published.inert_values import Fault
from gancli.data.formats.published.torch_values import SAVE_WEIGHTS, Content, Kind, PickledTensor, Storage

MOST_REPEATED = 64_000_000  # bytes of tensors that repeat or share numbers, beyond those of the file
TAR = slice(257, 262)  # where a tar file says that it is one: PyTorch's form before version 0.2


@dataclass(frozen=True)
class StateDict:
    """Tensors by name, as arrays that cannot be written to; bfloat16 is float32.

    key: under which the file holds them, empty if nothing is around them; left_out: other names beside or around them.
    """

    tensors: dict[str, np.ndarray]
    key: str = ""
    left_out: tuple[str, ...] = ()


def read(path: Path, *, key: str = "") -> StateDict:
    """The state dict in a PyTorch file. key: as `parse`.

    Raises: DataError for a file that cannot be read, is damaged, or holds anything but tensors and plain values.
    """
    try:
        content = files.read_regular(path, most=total_memory() // 2)
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from error
    return parse(content, name=os.fspath(path), key=key)


def is_one(start: bytes) -> bool:
    """Whether a file with this start is to be read as a PyTorch file, or refused as one."""
    return start.startswith((torch_zip.MAGIC, torch_legacy.START)) or start[TAR] == b"ustar"


def parse(content: bytes, *, name: str, key: str = "") -> StateDict:
    """The state dict in the bytes of a PyTorch file. name: of the file, for messages.

    key: which one to take of a checkpoint that holds several. If not given, the tensors at the top, else the only
    nested state dict, else the one named "state_dict". Raises: DataError.
    """
    if content.startswith(torch_zip.MAGIC):
        value, find, order = torch_zip.load(content, name=name)
    elif content.startswith(torch_legacy.START):
        value, find, order = torch_legacy.load(content, name=name)
    elif content[TAR] == b"ustar":
        raise DataError(f"{name} is in the form before PyTorch 0.2: load and save it with a PyTorch of today")
    else:
        raise DataError(f"{name} is not a PyTorch file: expected one that {SAVE_WEIGHTS} wrote")
    chosen, key, left_out = _choose(value, key, name)
    try:
        arrays = _Arrays(find, order, MOST_REPEATED + 2 * len(content))
        return StateDict({one: arrays.of(tensor) for one, tensor in chosen.items()}, key, left_out)
    except Fault as fault:
        raise DataError(f"{name} is damaged: {fault}") from fault


def _choose(value: object, key: str, name: str) -> tuple[Mapping[str, PickledTensor], str, tuple[str, ...]]:
    """The tensors that are meant, the key of their dict, and the names of what is left out. Raises: DataError."""
    if type(value) is not dict:
        raise DataError(f"{name} holds a single value, not a dict of tensors: save it with {SAVE_WEIGHTS}")
    top = _tensors(value)
    if top and not key:
        return top, "", tuple(one for one in value if one not in top)
    nested = {one: found for one, inner in value.items() if type(inner) is dict and (found := _tensors(inner))}
    if not nested:
        held = ", ".join(value_text(one) for one in list(value)[:5]) or "nothing"
        raise DataError(f"{name} holds {held}, no tensors by name: save them with {SAVE_WEIGHTS}")
    chosen = key or (next(iter(nested)) if len(nested) == 1 else "state_dict")
    if chosen not in nested:
        held = ", ".join(value_text(one) for one in list(nested)[:5])
        raise DataError(f"{name} holds several sets of tensors ({held}): save the wanted one alone")
    return nested[chosen], chosen, tuple(one for one in value if one != chosen)


def _tensors(table: Mapping[str, object]) -> dict[str, PickledTensor]:
    return {name: value for name, value in table.items() if type(value) is PickledTensor}


class _Arrays:
    """Makes arrays of tensors. most: bytes that all of them may take if each were copied."""

    def __init__(self, find: Content, order: str, most: int) -> None:
        self._find, self._order, self._left = find, order, most
        self._rows: dict[tuple[str, str], np.ndarray] = {}

    def of(self, tensor: PickledTensor) -> np.ndarray:
        """The array of a tensor. Raises: Fault."""
        self._left -= tensor.size
        if self._left < 0:
            raise Fault("its tensors repeat its numbers to many times its size")
        row = self._row(tensor.storage, tensor.kind)
        if 0 in tensor.shape:
            found = np.empty(tensor.shape, row.dtype)
        else:
            pairs = zip(tensor.shape, tensor.strides, strict=True)
            strides = [(stride if side > 1 else 1) * row.itemsize for side, stride in pairs]
            found = np.ndarray(tensor.shape, row.dtype, row, tensor.offset * row.itemsize, strides)
        found.flags.writeable = False
        return found

    def _row(self, storage: Storage, kind: Kind) -> np.ndarray:
        """The numbers of a storage, converted once."""
        if (storage.key, kind.name) not in self._rows:
            self._rows[storage.key, kind.name] = _numbers(self._find(storage), kind, self._order)
        return self._rows[storage.key, kind.name]


def _numbers(content: memoryview, kind: Kind, order: str) -> np.ndarray:
    """Numbers in a row, in this machine's byte order."""
    whole = content[: len(content) // kind.size * kind.size]
    if kind.code == "bf16":
        return from_bfloat16(np.frombuffer(whole, f"{order}u2"))
    if kind.code == "b1":
        return np.frombuffer(whole, np.uint8) != 0
    found = np.frombuffer(whole, np.dtype(f"{order}{kind.code}"))
    return found.astype(found.dtype.newbyteorder("="), copy=False)


def from_bfloat16(bits: np.ndarray) -> np.ndarray:
    """The float32 numbers whose upper halves are these uint16: bfloat16 is float32 without its last 16 bits."""
    return (bits.astype(np.uint32) << 16).view(np.float32)
