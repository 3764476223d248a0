"""MNIST's own files and those of its many successors, in the idx format."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import partial

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.formats import byte_files
from gancli.data.formats.published import emnist, idx, idx_names
from gancli.data.formats.published.idx_names import IdxName
from gancli.data.labels import known_names
from gancli.data.remarks import Remark, changed, guessed, left_out, some

NAME = "MNIST's own files (idx)"
EXAMPLE = "train-images-idx3-ubyte.gz\ntrain-labels-idx1-ubyte.gz\nt10k-images-idx3-ubyte.gz\nt10k-labels-idx1-ubyte.gz"
BECOMES = (
    "images with labels, and t10k as the test split; EMNIST's images are turned upright, and PATH:letters "
    "chooses one of its sets"
)
SLOW = True
ORDER = 20
CHOICES = "a split of EMNIST"

PUBLISHED = {  # CRC-32 of a file of labels
    0xE0CB4AD2: "mnist",
    0x4AB9EFF9: "mnist",
    0x741A4657: "fashion_mnist",
    0x80142C1F: "fashion_mnist",
}
NAMES = {
    "mnist": known_names.DIGITS,
    "qmnist": known_names.DIGITS,
    "fashion_mnist": known_names.FASHION_MNIST,
    "kmnist": known_names.KMNIST,
    "notmnist": known_names.NOTMNIST,
}


def recognize(entries: SourceFiles, choice: str = "") -> DataSource | None:
    """The arrays of idx files in a folder, an archive, or beside the one that is given. Raises: DataError.

    choice: one of EMNIST's splits, where there are several.
    """
    if not any(idx_names.parse(file.name) for file in entries.others):
        return None
    files = byte_files.with_siblings(entries)
    named = [found for file in files if (found := idx_names.parse(file.name, file))]
    if entries.kind == "file":
        named = _of_one_set(named, idx_names.parse(entries.path.name))
    chosen, twins = idx_names.choose(named, choice, entries.path)
    parts, remarks = _parts(chosen, str(entries.path))
    is_emnist = any(one.is_emnist for one in chosen)
    if is_emnist:
        classes, first = emnist.classes_of(chosen[0].set, files)
        parts = {part: emnist.upright(columns, first) for part, columns in parts.items()}
        remarks.append(changed("the images are stored turned and mirrored: they are turned upright", matters=False))
    else:
        classes, more = _class_names(entries, chosen, parts)
        remarks += more
    splits = sorted({one.split for one in named if one.is_emnist and one.set != chosen[0].set})
    if splits:
        remarks.append(left_out(f"the other splits of EMNIST are not read: {some(splits)}", matters=False))
    remarks += _twin_remarks(twins) + byte_files.unread(entries, [one.file for one in named])
    return ArraySet(parts, classes, remarks=tuple(remarks)).as_source(entries.path, NAME)


def _of_one_set(named: Sequence[IdxName], given: IdxName) -> list[IdxName]:
    """The files of the set that the given one belongs to; of a test split only its own."""
    found = [one for one in named if one.set == given.set]
    return [one for one in found if one.part == given.part] if given.part not in ("train", "") else found


def _parts(chosen: Sequence[IdxName], name: str) -> tuple[dict[str, dict[str, ArrayColumn]], list[Remark]]:
    """The columns of each part, checked against each other, and remarks."""
    columns: dict[str, dict[str, ArrayColumn]] = {}
    remarks: list[Remark] = []
    for one in chosen:
        column = idx.column(one.file)
        if one.column == "label" and len(column.shape) == 2:
            remarks.append(left_out(f"{one.file.name}: the first column is used, the class", matters=False))
            column = ArrayColumn(column.name, column.shape[:1], column.dtype, partial(_first_column, column))
        columns.setdefault(one.part or "train", {})[one.column] = column
    for part, found in columns.items():
        if "image" not in found:
            raise DataError(f"{name}: {found['label'].name} has no images: expected a file of images beside it")
        images, labels = found["image"], found.get("label", found["image"])
        if images.shape[:1] != labels.shape[:1]:
            counts = f"{labels.shape[0]:,} labels for the {images.shape[0]:,} images of {images.name}"
            raise DataError(f"{name}: {labels.name} has {counts}")
        columns[part] = dict(sorted(found.items()))
    if "train" not in columns:
        part = min(columns, key=["validation", "test"].index)
        columns["train"] = columns.pop(part)
        remarks.append(guessed(f"there are only the {part} images: they are used as training images"))
    order = ("train", "validation", "test")
    return {part: columns[part] for part in order if part in columns}, remarks


def _first_column(column: ArrayColumn) -> np.ndarray:
    return column.read()[:, 0]


def _class_names(
    entries: SourceFiles, chosen: Sequence[IdxName], parts: dict[str, dict[str, ArrayColumn]]
) -> tuple[tuple[str, ...], list[Remark]]:
    """The names of the classes: by the content of the labels, else by the names of files and folders."""
    labels = parts["train"].get("label")
    if labels is None:
        return (), []
    if labels.dtype == np.uint8 and labels.shape in ((60_000,), (10_000,)):
        start = b"\0\0\x08\x01" + labels.shape[0].to_bytes(4, "big")
        known = PUBLISHED.get(zlib.crc32(labels.read(), zlib.crc32(start)))
        if known:
            return NAMES[known], []
    known = idx_names.known_set(entries.path, chosen[0])
    names = NAMES.get(known, ())
    if names == known_names.DIGITS or not names:  # which need no names, and there may be more
        return (), []
    return names, [guessed(f"the classes have the names of {known}'s, which a folder or file names", matters=False)]


def _twin_remarks(twins: Sequence[IdxName]) -> list[Remark]:
    """Remarks on files that hold the same as those in use, compressed or in a folder of the same name."""
    names = [one.file.name for one in twins]
    return [left_out(f"{len(names):,} further files of the same names: {some(names)}", matters=False)] if names else []
