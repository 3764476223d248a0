"""CIFAR-10 and CIFAR-100 in the python version: pickles, read without Python's own unpickler. Krizhevsky 2009."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.containers.source_files import SourceFile, SourceFiles, unread_remarks
from gancli.data.data_source import DataSource
from gancli.data.formats.published import byte_files, cifar_files, inert_pickle
from gancli.data.formats.published.cifar_files import SHAPE, CifarFiles
from gancli.data.formats.published.inert_pickle import PickledArray
from gancli.data.labels import known_names
from gancli.data.remarks import guessed

NAME = "the python version of CIFAR-10 and CIFAR-100"
EXAMPLE = "cifar-10-batches-py/data_batch_1\ncifar-10-batches-py/test_batch\ncifar-10-batches-py/batches.meta"
BECOMES = "color images with labels and the names of classes; of CIFAR-100 the fine labels"
ORDER = 21
CHOICES = "coarse or fine labels of CIFAR-100"
MOST = 500_000_000  # bytes of a pickle
Batch = Mapping[str, object]


def recognize(entries: SourceFiles, choice: str = "") -> DataSource | None:
    """The batches of a folder or archive, or the one that is given. Raises: DataError.

    choice: "coarse" for CIFAR-100's 20 coarse labels.
    """
    found = cifar_files.find(entries, ending="")
    if found is None:
        return None
    kind = cifar_files.kind_of_labels(found, choice, entries.path)
    batches = {part: [(file, _batch(file, kind)) for file in files] for part, files in found.parts.items()}
    parts = {part: _columns(rows, kind) for part, rows in batches.items()}
    names, remarks = _class_names(found, kind)
    used = [*found.names, *(file for files in found.parts.values() for file in files)]
    unread = [] if entries.kind == "file" else cifar_files.others(entries, used)
    remarks = (*remarks, *cifar_files.label_remarks(kind), *found.remarks, *unread_remarks(unread))
    return ArraySet(parts, names, remarks=remarks).as_source(entries.path, NAME)


def _batch(file: SourceFile, kind: str) -> Batch:
    """The labels and the pixels of a batch; without the pixels if they can be read from the disk again."""
    values = inert_pickle.load(byte_files.read_all(file, MOST), name=file.name)
    pixels = values.get("data") if isinstance(values, dict) else None
    labels = values.get(kind) if isinstance(values, dict) else None
    if not isinstance(pixels, PickledArray) or pixels.dtype != np.uint8 or pixels.shape[1:] != (3072,):
        raise DataError(f"{file.name} holds no rows of 3,072 bytes named data: it is no batch of CIFAR")
    if not isinstance(labels, list) or not all(type(label) is int and 0 <= label < 100 for label in labels):
        raise DataError(f"{file.name} holds no list of labels from 0 to 99 named {kind}")
    if len(labels) != pixels.shape[0]:
        raise DataError(f"{file.name} has {len(labels):,} labels for {pixels.shape[0]:,} images")
    return {"labels": labels, "pixels": pixels if file.path is None else None}


def _columns(rows: Sequence[tuple[SourceFile, Batch]], kind: str) -> dict[str, ArrayColumn]:
    labels = np.array([label for _, batch in rows for label in batch["labels"]], np.int64)
    name = rows[0][0].name if len(rows) == 1 else f"{rows[0][0].name} and {len(rows) - 1} more"
    images = ArrayColumn(name, (len(labels), *SHAPE), np.dtype(np.uint8), partial(_read, rows, kind, len(labels)))
    return {"image": images, "label": ArrayColumn.of(f"{name}: {kind}", labels)}


def _read(rows: Sequence[tuple[SourceFile, Batch]], kind: str, count: int) -> np.ndarray:
    """Pixels from planes of red, green and blue, uint8 (count, 32, 32, 3)."""
    images, at = np.empty((count, *SHAPE), np.uint8), 0
    for file, batch in rows:
        pixels = batch["pixels"] or inert_pickle.load(byte_files.read_all(file, MOST), name=file.name)["data"]
        values = pixels.values()
        if at + len(values) > count:
            raise DataError(f"{file.name} was changed while it was read")
        images[at : at + len(values)] = values.reshape(-1, 3, 32, 32).transpose(0, 2, 3, 1)
        at += len(values)
    return images


def _class_names(found: CifarFiles, kind: str) -> tuple[tuple[str, ...], list]:
    """The names in `batches.meta` or `meta`; without this file those of CIFAR-10, or none."""
    key = {"labels": "label_names", "fine_labels": "fine_label_names", "coarse_labels": "coarse_label_names"}[kind]
    for file in found.names:
        values = inert_pickle.load(byte_files.read_all(file, MOST), name=file.name)
        names = values.get(key) if isinstance(values, dict) else None
        if not isinstance(names, list) or not names or not all(isinstance(name, str | bytes) for name in names):
            raise DataError(f"{file.name} holds no list of texts named {key}")
        return tuple(name if isinstance(name, str) else name.decode("utf-8", "replace") for name in names), []
    if kind != "labels":
        return (), []
    text = "there is no batches.meta: the classes have the names of CIFAR-10's"
    return known_names.CIFAR10, [guessed(text, matters=False)]
