"""EMNIST's idx files: the names of its classes, and its images upright. Cohen et al. 2017, arXiv:1702.05373."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile
from gancli.data.labels import known_names

MOST_CLASSES = 1000


def classes_of(name: str, files: Sequence[SourceFile]) -> tuple[tuple[str, ...], int]:
    """The names of the classes of a set such as "emnist-letters", and the label of the first.

    They come from its file of labels and code points if there is one. Raises: DataError for one that is damaged.
    """
    wanted = f"{name}-mapping.txt"
    mapping = next((file for file in files if file.base == wanted), None)
    if mapping is None:
        split = name.removeprefix("emnist").strip("-_.")
        return known_names.EMNIST.get(split, ()), int(split == "letters")
    try:
        rows = [[int(part) for part in line.split()] for line in mapping.read().decode("ascii").splitlines() if line]
        table = {row[0]: chr(row[1]) for row in rows}
        first = min(table)
        if first not in (0, 1) or len(table) > MOST_CLASSES:
            raise ValueError("labels from 0 or 1 on are expected")
        return tuple(table[first + at] for at in range(len(table))), first
    except (ValueError, IndexError, KeyError, OverflowError) as error:
        raise DataError(f"{mapping.name}: expected lines of a label and a code point, such as 1 65") from error


def upright(columns: Mapping[str, ArrayColumn], first: int) -> dict[str, ArrayColumn]:
    """The columns of a part with its images turned upright, and its labels from 0 on. first: the lowest label."""
    images = columns["image"]
    count, *sides = images.shape
    found = dict(columns)
    found["image"] = images._replace(shape=(count, *sides[1::-1], *sides[2:]), read=partial(_turned, images))
    if "label" in columns and first:
        labels = columns["label"]
        found["label"] = labels._replace(dtype=np.dtype(np.int64), read=lambda: labels.read().astype(np.int64) - first)
    return found


def _turned(images: ArrayColumn) -> np.ndarray:
    """Rows and columns exchanged, which mirrors and turns by 90 degrees in one."""
    values = images.read()
    return np.ascontiguousarray(values.swapaxes(1, 2)) if values.ndim > 2 else values
