"""CIFAR-10 and CIFAR-100 in the python version: pickles, read without Python's own unpickler. Krizhevsky 2009."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import byte_files
from gancli.data.formats.published import cifar_files, inert_pickle
from gancli.data.formats.published.cifar_files import SHAPE, CifarFiles
from gancli.data.formats.published.inert_pickle import PickledArray
from gancli.data.labels import known_names
from gancli.data.remarks import guessed

NAME = "the python version of CIFAR-10 and CIFAR-100"
EXAMPLE = "cifar-10-batches-py/data_batch_1\ncifar-10-batches-py/test_batch\ncifar-10-batches-py/batches.meta"
BECOMES = (
    "color images with labels and the names of classes; of CIFAR-100 the 100 fine labels, with PATH:coarse "
    "the 20 coarse ones"
)
SLOW = True
ORDER = 21
CHOICES = "coarse or fine labels of CIFAR-100"
MOST = 500_000_000  # bytes of a pickle


class Batch(NamedTuple):
    """A batch of CIFAR: its labels, the number of images, and how its rows of pixels are found again.

    place: where they begin in the file, None if they are kept. in_columns: whether they are stored in columns.
    """

    labels: np.ndarray
    count: int
    in_columns: bool
    place: int | None
    pixels: PickledArray | None

    def rows(self, file: SourceFile) -> np.ndarray:
        """The rows of pixels, uint8 (count, 3072). Raises: DataError."""
        if self.pixels is not None:
            return self.pixels.values()
        values = np.empty(self.count * 3072, np.uint8)
        with byte_files.opened(file) as stream:
            stream.seek(self.place)
            byte_files.read_into(stream, values, file.name)
        return values.reshape((-1, 3072), order="F" if self.in_columns else "C")


def recognize(entries: SourceFiles, choice: str = "") -> DataSource | None:
    """The batches of a folder or archive, or the one that is given. Raises: DataError.

    choice: "coarse" for CIFAR-100's 20 coarse labels.
    """
    found = cifar_files.find(entries, ending="")
    if found is None:
        return None
    kind = cifar_files.kind_of_labels(found, choice, entries.path)
    batches = {part: [(file, _batch(file, kind)) for file in files] for part, files in found.parts.items()}
    parts = {part: _columns(rows) for part, rows in batches.items()}
    names, remarks = _class_names(found, kind)
    used = [*found.names, *(file for files in found.parts.values() for file in files)]
    remarks = (*remarks, *cifar_files.label_remarks(kind), *found.remarks, *byte_files.unread(entries, used))
    return ArraySet(parts, names, remarks=remarks).as_source(entries.path, NAME)


def _batch(file: SourceFile, kind: str) -> Batch:
    """The labels and the pixels of a batch; without the pixels if they can be read from the disk again."""
    content = byte_files.read_all(file, MOST)
    values = inert_pickle.load(content, name=file.name)
    pixels = values.get("data") if isinstance(values, dict) else None
    labels = values.get(kind) if isinstance(values, dict) else None
    if not isinstance(pixels, PickledArray) or pixels.dtype != np.uint8 or pixels.shape[1:] != (3072,):
        raise DataError(f"{file.name} holds no rows of 3,072 bytes named data: it is no batch of CIFAR")
    if not isinstance(labels, list) or not all(type(label) is int and 0 <= label < 100 for label in labels):
        raise DataError(f"{file.name} holds no list of labels from 0 to 99 named {kind}")
    if len(labels) != pixels.shape[0]:
        raise DataError(f"{file.name} has {len(labels):,} labels for {pixels.shape[0]:,} images")
    place = inert_pickle.place_of(pixels, content) if file.path is not None else None
    return Batch(np.array(labels, np.int64), len(labels), pixels.in_columns, place, pixels if place is None else None)


def _columns(batches: Sequence[tuple[SourceFile, Batch]]) -> dict[str, ArrayColumn]:
    labels = np.concatenate([batch.labels for _, batch in batches])
    first = batches[0][0].name
    name = first if len(batches) == 1 else f"{first} and {len(batches) - 1} more"
    images = ArrayColumn(name, (len(labels), *SHAPE), np.dtype(np.uint8), partial(_read, batches))
    return {"image": images, "label": ArrayColumn.of(f"{name}: labels", labels)}


def _read(batches: Sequence[tuple[SourceFile, Batch]]) -> np.ndarray:
    """Pixels from planes of red, green and blue, uint8 (count, 32, 32, 3)."""
    images, at = np.empty((sum(batch.count for _, batch in batches), *SHAPE), np.uint8), 0
    for file, batch in batches:
        planes = batch.rows(file).reshape(-1, 3, 32, 32)
        for channel in range(3):
            images[at : at + batch.count, ..., channel] = planes[:, channel]
        at += batch.count
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
