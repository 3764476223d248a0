"""Where the values of a data set are from: a source that can be read again, or the memory of a program."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np
from gancli.data.request import Request

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset

MEMORY = "memory:"  # begins the source of data that are in no file
OPTIONS = ("image_size", "crop", "color", "pixel_range", "skip_bad")  # of a Request that a run records, too
ATTRIBUTE = "_origin"  # of a Dataset; no field, so that dataclasses.replace leaves it out


class Origin(NamedTuple):
    """The name or path that a data set was read from, how, and the columns as they were then."""

    source: str
    request: Request
    columns: tuple[tuple[str, object], ...]


def source_of(name: str) -> str:
    """The source of data of this name that are in no file."""
    return MEMORY + name


def is_in_memory(source: str) -> bool:
    """Whether a source means data that a program had in memory, so that they cannot be read again."""
    return source.startswith(MEMORY)


def remembered(dataset: Dataset, source: str, request: Request) -> Dataset:
    """The data set, which knows where it is from as long as it is not changed: its arrays become read-only."""
    for _, values in _columns(dataset):
        if isinstance(values, np.ndarray):
            values.flags.writeable = False
    object.__setattr__(dataset, ATTRIBUTE, Origin(source, request, _columns(dataset)))
    return dataset


def origin_of(dataset: Dataset) -> Origin | None:
    """Where a data set was read from; None if it was made in memory, or changed."""
    origin: Origin | None = getattr(dataset, ATTRIBUTE, None)
    if origin is None:
        return None
    now = _columns(dataset)
    are_same = [name for name, _ in now] == [name for name, _ in origin.columns] and all(
        one is other for (_, one), (_, other) in zip(now, origin.columns, strict=True)
    )
    are_kept = not any(isinstance(values, np.ndarray) and values.flags.writeable for _, values in now)
    return origin if are_same and are_kept else None


def options_of(dataset: Dataset) -> dict[str, object]:
    """The options that a run records to find a data set again: `data`, and how it was read, where that is not usual."""
    origin, usual = origin_of(dataset), Request()
    if origin is None:
        return {"data": source_of(dataset.name)}
    chosen = {name: getattr(origin.request, name) for name in OPTIONS}
    return {"data": origin.source} | {name: one for name, one in chosen.items() if one != getattr(usual, name)}


def _columns(dataset: Dataset) -> tuple[tuple[str, object], ...]:
    return tuple(
        (f"{split}/{name}", values)
        for split, columns in (("train", dataset.train), ("test", dataset.test))
        for name, values in columns.items()
    )
