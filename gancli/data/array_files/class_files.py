"""Array files that are a class each, named by it, as QuickDraw's `cat.npy`."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.data.array_files import axes, roles
from gancli.data.array_files.axes import Layout
from gancli.data.array_files.key_words import PARTS, meaning_of, words_of
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.labels.class_names import natural_key
from gancli.data.remarks import Remark, guessed, some

NUMBERED = re.compile(r"(train|test)_?(\d{1,3})")  # keys of mnist_all.mat
PREFIX = "full_numpy_bitmap_"  # of QuickDraw's files


def array_set(
    columns: Mapping[str, ArrayColumn], *, name: str, layout: Layout | None, remarks: Sequence[Remark]
) -> ArraySet | None:
    """The data set of arrays by file, each the images of a class; None if most keys mean something else.

    columns: by the name of the file, with folders, without its suffix. Raises: DataError for shapes of no images.
    """
    unclear = [key for key in columns if not meaning_of(key).column]
    if len(columns) < 2 or len(unclear) * 2 <= len(columns) or any(len(one.shape) < 2 for one in columns.values()):
        return None
    names = {key: PurePosixPath(key).name.removeprefix(PREFIX) for key in columns}
    found = _joined(columns, names, {key: _part(key) for key in columns}, name=name, layout=layout)
    text = f"each of {len(columns):,} files is read as a class, named by the file: {some(found.classes)}"
    remarks = (*remarks, guessed(text, matters=False), *found.remarks)
    return replace(found, remarks=remarks) if "train" in found.parts else None


def numbered(
    columns: Mapping[str, ArrayColumn], *, name: str, layout: Layout | None, remarks: Sequence[Remark]
) -> ArraySet | None:
    """The data set of arrays train0, …, test9, each the images of a class; None for other keys. Raises: DataError."""
    found = {key: match for key in columns if (match := NUMBERED.fullmatch(key.lower()))}
    chosen = {key: columns[key] for key in found if len(columns[key].shape) > 1}
    parts = {key: found[key][1] for key in chosen}
    if len(chosen) < 2 or "train" not in parts.values():
        return None
    arrays = _joined(chosen, {key: found[key][2] for key in chosen}, parts, name=name, layout=layout)
    text = f"each of {some(list(chosen))} is read as a class, named by its number"
    return replace(arrays, remarks=(*remarks, guessed(text, matters=False), *arrays.remarks))


def _joined(
    columns: Mapping[str, ArrayColumn],
    names: Mapping[str, str],
    parts: Mapping[str, str],
    *,
    name: str,
    layout: Layout | None,
) -> ArraySet:
    """The images of each part, one class after the other. names, parts: the class and the part of each array."""
    classes = tuple(sorted(set(names.values()), key=natural_key))
    told: dict[Remark, None] = {}
    images: dict[str, list[ArrayColumn]] = {}
    labels: dict[str, list[int]] = {}
    for key in sorted(columns, key=natural_key):
        column, more = axes.arranged(columns[key], name=name, layout=layout)
        told |= dict.fromkeys(more)
        images.setdefault(parts[key], []).append(column)
        labels.setdefault(parts[key], []).extend([classes.index(names[key])] * column.shape[0])
    found = {part: {"image": roles.joined(several)} for part, several in images.items()}
    for part, values in labels.items():
        found[part]["label"] = ArrayColumn(
            "the names of files", (len(values),), np.dtype(np.int64), partial(np.array, values, np.int64)
        )
    return ArraySet(found, classes, remarks=tuple(told))


def _part(key: str) -> str:
    """The part by the folders that hold a file; the file itself is a class, which may be called train."""
    words = words_of(os.path.dirname(key))  # noqa: PTH120
    found = {PARTS[word] for word in words if word in PARTS}
    return next((part for part in ("train", "validation", "test") if part in found), "train")
