"""Reading HDF5 files safely: a damaged or hostile file is refused with a message and does no harm."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from pathlib import Path

from gancli.core import files
from gancli.core.backend import h5py, np
from gancli.core.errors import DataError

HDF5_FAULTS = (OSError, RuntimeError, KeyError, ValueError, OverflowError)  # raised by h5py for damage in a file
MAX_CLAIM, MAX_EXPANSION = 100_000_000, 200  # bytes a data set may claim; above, how many times what the file stores


@contextlib.contextmanager
def open_hdf5(source: Path | object, *, name: str = "") -> Iterator[h5py.File]:
    """Open an HDF5 file (a path, or a file object) for reading.

    name: in messages. Raises: DataError if it is not an HDF5 file, or if damage is found while it is open.
    """
    name = name or str(source)
    if isinstance(source, Path):
        files.need_regular(source)
    try:
        with h5py.File(source, "r") as file:
            yield file
    except HDF5_FAULTS as error:
        raise DataError(f"{name} is not a readable HDF5 file: {error}") from error


def safe_dataset(dataset: h5py.Dataset) -> h5py.Dataset:
    """The same data set, but reading a damaged part raises DataError with the name of the file."""
    return _safe_class()(dataset.id)


@functools.cache
def _safe_class() -> type[h5py.Dataset]:
    class SafeDataset(h5py.Dataset):
        def __getitem__(self, *where: object, **named: object) -> np.ndarray:
            try:
                return super().__getitem__(*where, **named)
            except (OSError, RuntimeError) as error:
                raise DataError(f"{self.file.filename}: '{self.name.lstrip('/')}' is damaged: {error}") from error

    return SafeDataset


def plain_dataset(file: h5py.File, key: str, *, name: str, of: str = "biuf") -> h5py.Dataset:
    """The data set `key`, if all of it is stored in `file` and its shape is plausible for the bytes stored.

    Links, external storage and virtual data sets would read other files on the disk; a data set that claims far more
    than it stores would fill the memory. of: numpy's kinds of dtypes accepted, "O" for texts.

    Raises: DataError for each of these, and if `key` is absent or not an array of numbers.
    """
    link = file.get(key, getlink=True)
    if link is None:
        raise DataError(f"{name} has no '{key}'; it holds {', '.join(sorted(map(str, file))) or 'nothing'}")
    if not isinstance(link, h5py.HardLink):
        raise DataError(f"{name}: '{key}' is a link to another place, which is not followed")
    dataset = file[key]
    if not isinstance(dataset, h5py.Dataset):
        raise DataError(f"{name}: '{key}' is a group, not an array")
    if dataset.external or dataset.is_virtual:
        raise DataError(f"{name}: '{key}' takes its values from another file, which is not followed")
    if dataset.shape is None or dataset.dtype.kind not in of:
        raise DataError(f"{name}: '{key}' holds {dataset.dtype}, not {'texts' if of == 'O' else 'numbers'}")
    claimed, stored = int(np.prod(dataset.shape, dtype=float)) * dataset.dtype.itemsize, dataset.id.get_storage_size()
    if claimed > MAX_CLAIM and claimed > MAX_EXPANSION * stored:
        raise DataError(f"{name}: '{key}' claims {claimed / 1e6:,.0f} MB but stores {stored / 1e6:,.3f} MB")
    return safe_dataset(dataset)
