"""Labels of images from a dataset.json, as StyleGAN's dataset_tool.py writes it: names and classes, or null."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.remarks import Remark, guessed, left_out, some


class LabelTable(NamedTuple):
    """The name of a dataset.json, and the label of each file by its name inside the data set."""

    name: str
    labels: dict[str, object]


def read_tables(files: Sequence[SourceFile]) -> tuple[LabelTable | None, list[Remark]]:
    """The labels of all dataset.json files; None if there are none, or only files of another kind."""
    labels, malformed = {}, []
    for file in files:
        try:
            content = json.loads(file.read())["labels"]
            rows = dict(content or [])
        except (OSError, ValueError, TypeError, KeyError, RecursionError, DataError):
            malformed.append(file.name)
            continue
        labels |= {
            str(PurePosixPath(file.name).parent / str(name).replace("\\", "/")): label for name, label in rows.items()
        }
    text = f"{some(malformed)}: no labels as StyleGAN's dataset_tool.py writes them, not used"
    known = [file.name for file in files if file.name not in malformed]
    return (LabelTable(known[0], labels) if known else None), ([left_out(text)] if malformed else [])


def classes_of(table: LabelTable, pictures: Sequence[SourceFile]) -> tuple[np.ndarray | None, tuple[str, ...], Remark]:
    """The class of each image, int32 (images,), and the classes: the numbers that occur. None and () if they do not."""
    lacking = [file.name for file in pictures if file.name not in table.labels]
    if not table.labels:
        text = f"no labels: {table.name} has none, and the folders beside it are not taken for classes"
        return None, (), guessed(text, matters=False, column="label")
    if lacking:
        count = f"{len(lacking):,} of {len(pictures):,} pictures"
        text = f"labels left out: {table.name} has none for {count}: {some(lacking)}"
        return None, (), left_out(text, column="label")
    values = [table.labels[file.name] for file in pictures]
    if all(isinstance(value, list) and _is_one_hot(value) for value in values):
        values = [value.index(1) for value in values]
    if not all(type(value) is int and value >= 0 for value in values) or len(set(values)) < 2:
        text = f"labels left out: those of {table.name} are not the numbers of two classes or more"
        return None, (), left_out(text, column="label")
    classes, labels = np.unique(values, return_inverse=True)
    remark = guessed(f"labels are those of {table.name}, not of folders", matters=False)
    return labels.astype(np.int32), tuple(map(str, classes.tolist())), remark


def _is_one_hot(value: list) -> bool:
    return value.count(1) == 1 and value.count(0) == len(value) - 1
