"""Read a `.h5` file of images: columns, class names and remarks, checked; images stay on disk."""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from gancli.core import safe_hdf5
from gancli.core.backend import h5py, np
from gancli.core.errors import DataError
from gancli.data.annotations import label_maps
from gancli.data.array_files import axes
from gancli.data.dataset import Dataset
from gancli.data.formats.hdf5_storage import ContiguousDataset, SelectedRows
from gancli.data.labels.label_arrays import as_attributes, as_labels, to_class_indices
from gancli.data.remarks import Remark, changed, from_json, merged

MATLAB = "MATLAB_class"  # an attribute of arrays in MATLAB files
PIXEL_RANGES = "pixel_ranges"  # the attribute of a file whose images have been scaled to bytes


def has_own_keys(path: Path) -> bool:
    """Whether a file has `images` in the order of axes that gancli writes, and labels that belong to them, if any.

    Raises: DataError for what is not a readable HDF5 file.
    """
    with safe_hdf5.open_hdf5(path) as file:
        if PIXEL_RANGES in file.attrs or "images" not in file or "tests" in file or "maps" in file:
            return "images" in file
        images, labels = (file.get(key, getlink=True) for key in ("images", "labels"))
        if not isinstance(images, h5py.HardLink) or not isinstance(file["images"], h5py.Dataset):
            return True  # refused by name
        further = file["labels"].shape[1:] if isinstance(labels, h5py.HardLink) else ()
        is_float = isinstance(labels, h5py.HardLink) and file["labels"].dtype.kind == "f"
        is_plain = not is_float and MATLAB not in file["images"].attrs and axes.is_usual(file["images"].shape)
        return is_plain and further in ((), (1,))


def read(path: Path, *, whole: bool = False) -> Dataset:
    """The data set in the file without conversion. whole: test images are kept among the others, and a column `tests`
    says which they are.

    Raises: DataError.
    """
    with safe_hdf5.open_hdf5(path) as file:
        images = safe_hdf5.plain_dataset(file, "images", name=str(path))
        if images.ndim not in (3, 4) or 0 in images.shape:
            raise DataError(f"{path}: 'images' has shape {images.shape}; expected (count, height, width, channels)")
        tests = safe_hdf5.plain_dataset(file, "tests", name=str(path))[()] if "tests" in file else None
        labels, classes, remarks = _labels(file, len(images), None if whole else tests, path)
        names = _texts(file, "attributes", path)
        columns = labels | _columns(file, images.shape, names, path)
        palette, numbers = _palette(file, classes, path), _numbers(file, classes, path)
        if "maps" in file:
            columns["map"] = _maps(safe_hdf5.plain_dataset(file, "maps", name=str(path)), images.shape, classes, path)
        if "others" in file:
            columns["other"] = _others(safe_hdf5.plain_dataset(file, "others", name=str(path)), images.shape, path)
        pixel_ranges = _texts(file, PIXEL_RANGES, path)
        columns |= {"tests": tests} if whole and tests is not None and tests.any() else {}
    kept_open = safe_hdf5.safe_dataset(h5py.File(path, "r")["images"])  # for as long as the data set is in use
    stored = kept_open if kept_open.id.get_offset() is None else ContiguousDataset(kept_open, path)
    dataset = Dataset(
        path.stem,
        {"image": stored, **columns},
        classes=classes,
        source=str(path),
        remarks=remarks,
        attributes=names,
        palette=palette,
        numbers=numbers,
        pixel_ranges=pixel_ranges,
    )
    return dataset if tests is None or whole or not tests.any() else _split(dataset, tests, path)


def _labels(
    file: h5py.File, count: int, tests: np.ndarray | None, path: Path
) -> tuple[dict[str, np.ndarray], tuple[str, ...], tuple[Remark, ...]]:
    """The column `label` if there are labels, the classes, and the remarks of the file and on its labels."""
    classes, remarks = _texts(file, "classes", path), _remarks(file, path)
    if "labels" not in file:
        return {}, classes, remarks
    values = safe_hdf5.plain_dataset(file, "labels", name=str(path))[()]
    labels = as_labels(values, count, classes, name=f"{path}: labels")
    if "maps" in file:  # the classes are those of pixels
        return {"label": labels.astype(np.int32)}, classes, remarks
    indices, classes, more = _to_class_indices(labels, tests, classes, path)
    return {"label": indices}, classes, merged(remarks, more)


def _columns(file: h5py.File, shape: tuple[int, ...], names: tuple[str, ...], path: Path) -> dict[str, np.ndarray]:
    """Attributes, captions and sizes, if there are any. names: of the attributes."""
    columns: dict[str, np.ndarray] = {}
    if "attributes" in file:
        values = safe_hdf5.plain_dataset(file, "attributes", name=str(path))[()]
        columns["attributes"] = as_attributes(values, shape[0], names, name=str(path))
    if "captions" in file:
        columns["caption"] = _captions(
            safe_hdf5.plain_dataset(file, "captions", name=str(path), of="O"), shape[0], path
        )
    if "sizes" in file:
        sizes = safe_hdf5.plain_dataset(file, "sizes", name=str(path))[()]
        if sizes.shape != (shape[0], 2) or (sizes < 1).any() or (sizes > shape[1:3]).any():
            raise DataError(f"{path}: 'sizes' must be height and width of each image, within {shape[1:3]}")
        columns["size"] = sizes.astype(np.int32)
    return columns


def _to_class_indices(
    labels: np.ndarray, tests: np.ndarray | None, classes: tuple[str, ...], path: Path
) -> tuple[np.ndarray, tuple[str, ...], list[Remark]]:
    """Labels as class indices, the classes, and remarks, see label_arrays.to_class_indices."""
    are_tests = np.zeros(len(labels), bool) if tests is None or tests.shape != labels.shape else tests == 1
    splits = {"train": labels[~are_tests], "test": labels[are_tests]}
    indices, names, remarks = to_class_indices(
        {name: values for name, values in splits.items() if len(values)}, classes, name=str(path)
    )
    joined = np.empty(len(labels), np.int32)
    for name, rows in (("train", ~are_tests), ("test", are_tests)):
        joined[rows] = indices.get(name, np.zeros(0, np.int32))
    return joined, names, remarks


def _palette(file: h5py.File, classes: Sequence[str], path: Path) -> tuple[tuple[int, int, int], ...]:
    """The colors of the classes of label maps. Raises: DataError for an invalid palette."""
    if "maps" not in file:
        return ()
    palette = _json(file, "palette", path)
    is_colored = all(isinstance(color, list) and len(color) == 3 for color in palette) and len(palette) == len(classes)
    if palette and not (is_colored and all(type(part) is int and 0 <= part < 256 for one in palette for part in one)):
        raise DataError(f"{path}: the attribute 'palette' must be red, green, blue of each of {len(classes)} classes")
    return tuple(map(tuple, palette)) or label_maps.default_palette(len(classes))


def _numbers(file: h5py.File, classes: Sequence[str], path: Path) -> tuple[int, ...]:
    """The numbers of classes in label map files. Raises: DataError for invalid numbers."""
    numbers = _json(file, "numbers", path)
    if "maps" not in file or not numbers:
        return tuple(range(len(classes))) if "maps" in file else ()
    if len(set(map(str, numbers))) != len(classes) or not all(type(one) is int and 0 <= one < 65536 for one in numbers):
        raise DataError(f"{path}: the attribute 'numbers' must be one of 16 bits for each of {len(classes)} classes")
    return tuple(numbers)


def _maps(stored: h5py.Dataset, shape: tuple[int, ...], classes: Sequence[str], path: Path) -> np.ndarray:
    """Label maps uint8 (count, height, width). Raises: DataError for another shape, type or class."""
    if stored.shape != shape[:3] or stored.dtype != np.uint8:
        raise DataError(f"{path}: 'maps' has shape {stored.shape} of {stored.dtype}; expected {shape[:3]} of uint8")
    if not classes or len(set(classes)) < len(classes):
        raise DataError(f"{path} holds 'maps', and no attribute 'classes' with a name for each")
    maps = stored[()]
    unknown = np.unique(maps[(maps >= len(classes)) & (maps != label_maps.IGNORED)])
    if len(unknown):
        raise DataError(f"{path}: 'maps' holds label {unknown[0]}, which is none of the {len(classes)} classes")
    return maps


def _others(stored: h5py.Dataset, shape: tuple[int, ...], path: Path) -> np.ndarray:
    """The partners of images, uint8 (count, height, width, channels). Raises: DataError for another shape or type."""
    if stored.shape[:3] != shape[:3] or stored.shape[3:] != (shape[3:] or (1,)) or stored.dtype != np.uint8:
        raise DataError(f"{path}: 'others' has shape {stored.shape} of {stored.dtype}; expected images as 'images'")
    return stored[()]


def _captions(stored: h5py.Dataset, count: int, path: Path) -> np.ndarray:
    """Captions str (count, most). Raises: DataError for anything else."""
    texts = h5py.check_string_dtype(stored.dtype)
    if texts is None or stored.ndim != 2 or len(stored) != count or 0 in stored.shape:
        raise DataError(
            f"{path}: 'captions' has shape {stored.shape} of {stored.dtype}; expected texts ({count}, most)"
        )
    values = stored[()]
    rows = [
        [value.decode("utf-8", "replace") if isinstance(value, bytes) else value for value in row] for row in values
    ]
    if not all(row[0].strip() for row in rows):
        raise DataError(f"{path}: 'captions': an image has none in its first column")
    if any(after and not before for row in rows for before, after in itertools.pairwise(row)):
        raise DataError(f"{path}: 'captions': an empty caption precedes another of the same image")
    return np.array(rows, object)


def _split(whole: Dataset, tests: np.ndarray, path: Path) -> Dataset:
    """The training and test images, in memory if they fit. Raises: DataError."""
    if tests.shape != (len(whole),) or not np.isin(tests, (0, 1, 2)).all() or tests.all():
        raise DataError(
            f"{path}: 'tests' must be 0 for images to train on, 1 to test and 2 to validate, {len(whole)} numbers"
        )
    train, validation = np.flatnonzero(tests == 0), np.flatnonzero(tests == 2)
    rows = {"train": np.concatenate([train, validation]), "test": np.flatnonzero(tests == 1)}
    on_disk = {"image"} if whole.is_larger_than_memory() else set()
    parts = {
        kind: {
            name: SelectedRows(column, at) if name in on_disk else _rows_of(column, at)
            for name, column in whole.train.items()
        }
        for kind, at in rows.items()
        if len(at)
    }
    return replace(whole, **parts, validation=len(validation))


def _rows_of(column: np.ndarray | h5py.Dataset, rows: np.ndarray) -> np.ndarray:
    """Rows of a column in memory; consecutive ones are read alone."""
    first, last = int(rows[0]), int(rows[-1])
    is_range = last - first + 1 == len(rows) and bool((np.diff(rows) == 1).all())
    return column[first : last + 1] if is_range else column[:][rows]


def _texts(file: h5py.File, name: str, path: Path) -> tuple[str, ...]:
    texts = _json(file, name, path, of=" of texts")
    if not all(isinstance(text, str) for text in texts):
        raise DataError(f"{path}: the attribute '{name}' is not a JSON list of texts")
    return tuple(texts)


def _remarks(file: h5py.File, path: Path) -> tuple[Remark, ...]:
    """The remarks from when the file was written. Raises: DataError for invalid ones."""
    if "remarks" not in file.attrs:  # an older version, which wrote texts
        return tuple(changed(text) for text in _texts(file, "notes", path))
    try:
        return from_json(_json(file, "remarks", path))
    except ValueError as error:
        raise DataError(f"{path}: the attribute 'remarks': {error}") from error


def _json(file: h5py.File, name: str, path: Path, *, of: str = "") -> list:
    try:
        values = json.loads(file.attrs.get(name, "[]"))
        if not isinstance(values, list):
            raise ValueError("no list")
    except (OSError, TypeError, ValueError, RecursionError) as error:
        raise DataError(f"{path}: the attribute '{name}' is not a JSON list{of}") from error
    return values
