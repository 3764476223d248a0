"""Files of labels beside a file of images: `kmnist-train-labels.npz` beside `kmnist-train-imgs.npz`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from gancli.data.array_set import ArrayColumn
from gancli.data.containers.source_files import SourceFile, image_file
from gancli.data.remarks import Remark, guessed

PAIRS = (  # words in the names of files of images, and of labels
    ("imgs", "labels"),
    ("images", "labels"),
    ("image", "label"),
    ("data", "labels"),
    ("data", "targets"),
    ("x", "y"),
    ("X", "y"),
    ("X", "Y"),
)


def with_labels(
    file: SourceFile,
    columns: Mapping[str, ArrayColumn],
    read: Callable[[SourceFile], Mapping[str, ArrayColumn]],
) -> tuple[dict[str, ArrayColumn], tuple[Remark, ...]]:
    """The arrays of a file, with labels from the file beside it if it holds one array alone; and remarks.

    read: the reader of the other file. Raises: DataError if that file is damaged.
    """
    if len(columns) != 1 or file.path is None:
        return dict(columns), ()
    for name in _names(file.path.name):
        path = file.path.with_name(name)
        if path.is_file():
            found = read(image_file(path))
            if len(found) == 1:
                (labels,) = found.values()
                remark = guessed(f"the labels are those of {name} beside it", matters=False)
                return {**columns, "labels": labels}, (remark,)
    return dict(columns), ()


def _names(name: str) -> Iterator[str]:
    """What the file of labels may be called."""
    for word, other in PAIRS:
        yield from (
            name[: found.start()] + other + name[found.end() :]
            for found in re.finditer(rf"(?<![A-Za-z]){word}(?![A-Za-z])", name)
        )
