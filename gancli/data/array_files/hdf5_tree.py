"""The arrays of an HDF5 file in other people's keys, also inside groups, and of MATLAB files of version 7.3.

No link to another file is followed and no external storage is read; see gancli.core.safe_hdf5.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gancli.core import safe_hdf5
from gancli.core.backend import h5py, np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn

MOST_DEPTH, MOST_ARRAYS = 6, 2000
MATLAB_CLASS = "MATLAB_class"  # an attribute of arrays in files of version 7.3
MATLAB_NUMBERS = (
    "double",
    "single",
    "logical",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
)


def columns(path: Path) -> dict[str, ArrayColumn]:
    """The arrays of numbers and texts by their keys, such as `latents/classes`, not read yet.

    Those of MATLAB files have MATLAB's order of axes, which HDF5 reverses, and dots between structs and fields.
    Raises: DataError for damage, and more arrays than are read.
    """
    with safe_hdf5.open_hdf5(path) as file:
        return {key: _column(path, key, found) for key, found in _walk(file, path)}


@dataclass(frozen=True)
class _Found:
    """An array as its header describes it, or why it is not read."""

    shape: tuple[int, ...] = ()
    dtype: np.dtype | None = None
    is_matlab: bool = False
    fault: str = ""


def _walk(file: h5py.File, path: Path) -> Iterator[tuple[str, _Found]]:
    groups: list[tuple[str, h5py.Group]] = [("", file)]
    count = 0
    while groups:
        above, group = groups.pop()
        for name in group:
            count += 1
            if count > MOST_ARRAYS:
                raise DataError(f"{path} holds more than {MOST_ARRAYS:,} arrays; expected one of images")
            if isinstance(name, bytes):  # h5py returns a name of no encoding as it is, and cannot open it
                yield f"{above}{name!r}", _Found(fault=f"{path}: the name {name!r} is not in UTF-8")
                continue
            key = f"{above}{name}"
            is_hard = isinstance(group.get(name, getlink=True), h5py.HardLink)
            item = group[name] if is_hard else None
            if isinstance(item, h5py.Group) and not name.startswith("#") and key.count("/") < MOST_DEPTH:
                groups.append((f"{key}/", item))
            elif isinstance(item, h5py.Dataset) or not is_hard:
                found = _describe(group, name, path)
                if found is not None:
                    yield key, found


def _describe(group: h5py.Group, name: str, path: Path) -> _Found | None:
    """None for references, and for what MATLAB keeps beside numbers."""
    try:
        stored = safe_hdf5.plain_dataset(group, name, name=str(path), of="biufSO")
    except DataError as error:
        return _Found(fault=str(error))
    if stored.dtype.kind in "SO" and h5py.check_string_dtype(stored.dtype) is None:
        return None
    kind = stored.attrs.get(MATLAB_CLASS)
    if kind is None:
        return _Found(stored.shape, stored.dtype)
    text = kind.decode("ascii", "replace") if isinstance(kind, bytes) else str(kind)
    if text not in MATLAB_NUMBERS or "MATLAB_empty" in stored.attrs:
        return None
    return _Found(stored.shape, np.dtype(bool) if text == "logical" else stored.dtype, is_matlab=True)


def _column(path: Path, key: str, found: _Found) -> ArrayColumn:
    if found.fault:
        return ArrayColumn(key, (0,), np.dtype(object), partial(_refuse, found.fault))
    if found.is_matlab:
        read = partial(_read_matlab, path, key, found.dtype)
        return ArrayColumn(key.replace("/", "."), found.shape[::-1], found.dtype, read)
    dtype = np.dtype("S") if found.dtype.kind == "O" else found.dtype  # texts of any length
    return ArrayColumn(key, found.shape, dtype, partial(_read, path, key), partial(_open, path, key))


def _refuse(fault: str) -> np.ndarray:
    raise DataError(fault)


def _read(path: Path, key: str) -> np.ndarray:
    with safe_hdf5.open_hdf5(path) as file:
        group, _, name = key.rpartition("/")
        return safe_hdf5.plain_dataset(file[group or "/"], name, name=str(path), of="biufSO")[()]


def _read_matlab(path: Path, key: str, dtype: np.dtype) -> np.ndarray:
    return _read(path, key).astype(dtype, copy=False).T


def _open(path: Path, key: str) -> h5py.Dataset:
    """The array on disk, open for as long as it is in use."""
    return safe_hdf5.safe_dataset(h5py.File(path, "r")[key])
