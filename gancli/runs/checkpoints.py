"""Checkpoints: one HDF5 file each, built in memory, checksummed, written to a temporary file, flushed and renamed.

The first 512 bytes (HDF5's user block) are text: the format, and the SHA-256 of all that follows, which is checked
before anything is read. The rest holds numbers only: one array per variable, under the variable's name.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypeAlias

from gancli.core import files, safe_hdf5
from gancli.core.backend import h5py, np
from gancli.core.errors import CheckpointError, DataError, DivergedError

if TYPE_CHECKING:
    from gancli.models.base import Stage

    Size: TypeAlias = tuple[tuple[int, ...], np.dtype]  # shape and type of an array

USER_BLOCK = 512
MAGIC = "gancli checkpoint"
FORMAT = 1
RUN = "run"  # the attribute that names the run
PIECE = 1 << 20  # bytes read at a time
SINCE_RECORD = "since_record"  # the attribute with the sums of scalars, as JSON


@dataclass(frozen=True)
class Position:
    """How far a training is.

    Attributes: `done`, steps done in each stage, in order; `batches` drawn in all stages; `sums` of each metric,
    float64, over the `summed` steps since the last record.
    """

    done: tuple[int, ...] = ()
    batches: int = 0
    sums: Mapping[str, float] = field(default_factory=dict)
    summed: int = 0

    @property
    def step(self) -> int:
        """Steps done in all stages."""
        return sum(self.done)

    def left(self, stages: Sequence[Stage]) -> list[int]:
        """Steps left in each of these stages; 0 in one that is skipped (`is_asked` false)."""
        done = [*self.done, *[0] * len(stages)]
        return [
            max(0, stage.steps - steps) if stage.is_asked else 0 for stage, steps in zip(stages, done, strict=False)
        ]

    def advanced(self, stage: int, steps: int, batches: int) -> Position:
        """The position after `steps` more steps of a stage, which took `batches` batches; without the sums."""
        done = [*self.done, *[0] * (stage + 1 - len(self.done))]
        done[stage] += steps
        return Position(tuple(done), self.batches + batches)


def write(
    path: Path, arrays: Mapping[str, np.ndarray], position: Position, *, run: str = "", within: Path | None = None
) -> None:
    """Write a checkpoint. run: the identifier of its run, if it has one. within: the folder of the run.

    Raises: DivergedError before writing if a number is not finite, ResourceError.
    """
    for name, array in arrays.items():
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise DivergedError(f"{name} is no longer finite at step {position.step}; it is not saved")
    facts = {"step": position.step, "done": np.array(position.done, np.int64), "batches": position.batches, RUN: run}
    facts[SINCE_RECORD] = json.dumps({"steps": position.summed, "sums": dict(position.sums)})
    body = _to_hdf5(arrays, facts)
    files.need_space(path.parent, body.getbuffer().nbytes)
    body.seek(USER_BLOCK)
    head = _head(body)
    body.seek(0)
    body.write(head)
    files.atomic_write(path, body.getbuffer(), within=within, is_own=True)


def _to_hdf5(arrays: Mapping[str, np.ndarray], facts: Mapping[str, object]) -> io.BytesIO:
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", userblock_size=USER_BLOCK) as file:
        for name, array in arrays.items():
            file.create_dataset(name, data=array)
        file.attrs.update(facts)
    return buffer


def _head(body: IO[bytes]) -> bytes:
    """The user block for the rest of this file, which is read to its end in pieces."""
    sha = hashlib.sha256()
    while piece := body.read(PIECE):
        sha.update(piece)
    return f"{MAGIC} {FORMAT}\nsha256 {sha.hexdigest()}\n".encode("ascii").ljust(USER_BLOCK, b"\n")


@dataclass(frozen=True)
class OpenCheckpoint:
    """A checkpoint open for reading, its checksum verified. Arrays are read when they are accessed by name.

    Attributes: `name` of its file; `position`; `sizes`, shape and dtype of each array by name.
    """

    name: str
    position: Position
    sizes: Mapping[str, Size]
    _file: h5py.File

    def __getitem__(self, name: str) -> np.ndarray:
        """One array. Raises: CheckpointError if it cannot be read."""
        with _as_checkpoint_error(self.name):
            return safe_hdf5.plain_dataset(self._file, name, name=self.name)[()]

    def bytes_each(self) -> list[int]:
        """The size of each array in bytes."""
        return [math.prod(shape) * dtype.itemsize for shape, dtype in self.sizes.values()]

    def arrays(self) -> dict[str, np.ndarray]:
        """All arrays by name. Raises: CheckpointError if one cannot be read."""
        return {name: self[name] for name in self.sizes}


@contextlib.contextmanager
def open_checkpoint(path: Path, *, run: str = "") -> Iterator[OpenCheckpoint]:
    """A checkpoint, open for reading. run: the identifier of its run; empty if unknown.

    Raises: CheckpointError if it is missing, damaged, of a newer format, of another run, or inconsistent.
    """
    with contextlib.ExitStack() as stack:
        content = stack.enter_context(_verified(path))
        with _as_checkpoint_error(str(path)):
            file = stack.enter_context(h5py.File(content, "r"))
            names: list[str] = []
            file.visititems(lambda name, item: names.append(name) if isinstance(item, h5py.Dataset) else None)
            stored = {name: safe_hdf5.plain_dataset(file, name, name=path.name) for name in names}
            sizes = {name: _size(dataset) for name, dataset in stored.items()}
            checkpoint = OpenCheckpoint(path.name, _position(file.attrs), sizes, file)
            own_run = str(file.attrs.get(RUN, ""))
        if run and own_run and own_run != run:
            raise CheckpointError(f"{path} is a checkpoint of another run")
        yield checkpoint


@contextlib.contextmanager
def _as_checkpoint_error(name: str) -> Iterator[None]:
    """Raise CheckpointError for the errors that libraries raise for damaged and foreign files."""
    try:
        yield
    except (DataError, OSError, RuntimeError, KeyError, OverflowError, TypeError, ValueError) as error:
        raise CheckpointError(f"{name} is not a checkpoint that gancli wrote: {error}") from error


def read(path: Path, *, run: str = "") -> tuple[dict[str, np.ndarray], Position]:
    """The arrays and the position in a checkpoint. run, Raises: as `open_checkpoint`."""
    with open_checkpoint(path, run=run) as checkpoint:
        return checkpoint.arrays(), checkpoint.position


def _position(facts: Mapping[str, object]) -> Position:
    """The position in a file. Raises: KeyError, TypeError, ValueError, OverflowError if there is none."""
    if "done" in facts:
        done = tuple(int(steps) for steps in np.asarray(facts["done"]).reshape(-1).tolist())
    else:  # older versions, with two stages at most
        step, in_stage = int(facts["step"]), int(facts["stage_step"])
        done = (step - in_stage, in_stage) if int(facts["stage"]) else (step,)
    if min(done, default=0) < 0:
        raise ValueError(f"{done} steps done")
    sums, summed = _since_record(str(facts.get(SINCE_RECORD, "{}")))
    if summed > sum(done):
        raise ValueError(f"{summed} steps since the last record, of {sum(done)}")
    return Position(done, int(facts["batches"]), sums, summed)


def _since_record(text: str) -> tuple[dict[str, float], int]:
    """The sums since the last record and the number of their steps. Raises: ValueError if they are damaged."""
    record = {"sums": {}, "steps": 0} | json.loads(text)  # older files have none
    sums, steps = record["sums"], record["steps"]
    is_consistent = isinstance(sums, dict) and type(steps) is int and steps >= 0 and bool(steps) == bool(sums)
    if not is_consistent or not all(type(value) is float and math.isfinite(value) for value in sums.values()):
        raise ValueError(f"{SINCE_RECORD} is damaged")
    return sums, steps


@contextlib.contextmanager
def _verified(path: Path) -> Iterator[IO[bytes]]:
    """The open file, after its checksum was verified. Raises: CheckpointError."""
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(files.open_regular(path))
            start = file.read(USER_BLOCK)
            head = start.decode("ascii", "replace").split()
            if head[:2] != MAGIC.split():
                raise CheckpointError(f"{path} is not a gancli checkpoint")
            if head[2:3] != [str(FORMAT)] and head[2:3] and head[2].isdecimal():
                raise CheckpointError(f"{path} has format {head[2]}, this gancli reads {FORMAT}: use a newer gancli")
            if start != _head(file):
                raise CheckpointError(f"{path} is damaged: its checksum is wrong")
        except OSError as error:
            raise CheckpointError(f"cannot read the checkpoint {path}: {error.strerror}") from error
        yield file


def assign(arrays: Mapping[str, np.ndarray] | OpenCheckpoint, variables: Mapping[str, object], *, name: str) -> None:
    """Assign the arrays of a checkpoint to the variables: all of them, or none if names, shapes or dtypes differ.

    arrays: by name. name: of the file, for the message. Raises: CheckpointError.
    """
    wanted = {
        key: (tuple(variable.shape), np.dtype(variable.dtype.as_numpy_dtype)) for key, variable in variables.items()
    }
    sizes = arrays.sizes if isinstance(arrays, OpenCheckpoint) else {key: _size(array) for key, array in arrays.items()}
    if wanted != sizes:
        different = sorted(key for key in wanted.keys() | sizes.keys() if wanted.get(key) != sizes.get(key))
        raise CheckpointError(
            f"{name} does not fit the model: {len(different)} variables differ, the first is {different[0]} "
            f"(file: {sizes.get(different[0], 'absent')}, model: {wanted.get(different[0], 'absent')})"
        )
    for key, variable in variables.items():
        variable.assign(arrays[key])


def _size(array: np.ndarray | h5py.Dataset) -> Size:
    return array.shape, array.dtype


def digest(arrays: Mapping[str, np.ndarray]) -> str:
    """SHA-256 of names, dtypes, shapes and bits: equal digests mean equal states."""
    sha = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        sha.update(f"{name} {array.dtype} {array.shape}\n".encode())
        sha.update(array.tobytes())
    return sha.hexdigest()
