"""Array files that are a class each, named by it, as QuickDraw's `cat.npy`."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.data.array_files import axes, roles
from gancli.data.array_files.axes import Layout
from gancli.data.array_files.key_words import PARTS, meaning_of, words_of
from gancli.data.array_set import ArrayColumn, ArraySet
from gancli.data.labels.class_names import natural_key
from gancli.data.remarks import Remark, guessed, some

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
    classes = tuple(sorted(set(names.values()), key=natural_key))
    told: dict[Remark, None] = {}
    images: dict[str, list[ArrayColumn]] = {}
    labels: dict[str, list[int]] = {}
    for key in sorted(columns, key=natural_key):
        column, more = axes.arranged(columns[key], name=name, layout=layout)
        told |= dict.fromkeys(more)
        part = _part(key)
        images.setdefault(part, []).append(column)
        labels.setdefault(part, []).extend([classes.index(names[key])] * column.shape[0])
    parts = {part: {"image": roles.joined(found)} for part, found in images.items()}
    for part, values in labels.items():
        parts[part]["label"] = ArrayColumn(
            "the names of files", (len(values),), np.dtype(np.int64), partial(np.array, values, np.int64)
        )
    if "train" not in parts:
        return None
    text = f"each of {len(columns):,} files is read as a class, named by the file: {some(classes)}"
    return ArraySet(parts, classes, remarks=(*remarks, guessed(text, matters=False), *told))


def _part(key: str) -> str:
    """The part by the folders that hold a file; the file itself is a class, which may be called train."""
    words = words_of(os.path.dirname(key))  # noqa: PTH120
    return next((part for part in ("train", "validation", "test") if set(PARTS[part]) & set(words)), "train")
