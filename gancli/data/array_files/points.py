"""Points in the arrays of a file: `points` (count, dimensions), with labels and names of classes, if there are any."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from gancli.core.errors import DataError
from gancli.data.array_files import label_columns
from gancli.data.array_set import ArrayColumn
from gancli.data.data_source import DataSource
from gancli.data.dataset import Dataset

KEYS = {"points", "labels", "class_names"}


def as_source(columns: Mapping[str, ArrayColumn], path: Path, layout: str) -> DataSource | None:
    """The points as a data source; None if the arrays are others than KEYS."""
    if "points" not in columns or not columns.keys() <= KEYS:
        return None
    points = columns["points"]
    counts = {"train": points.shape[0] if points.shape else 0, "validation": 0, "test": 0}
    names = ("point", "label") if "labels" in columns else ("point",)
    return DataSource(path, (layout,), counts, names, lambda request: _load(columns, path), shape=points.shape[1:])


def _load(columns: Mapping[str, ArrayColumn], path: Path) -> Dataset:
    """Read and check the points. Raises: DataError."""
    from gancli.data.in_memory import building

    labels = columns["labels"].read() if "labels" in columns else None
    classes = label_columns.decoded(columns["class_names"]) if "class_names" in columns else None
    try:
        dataset = building.from_points(columns["points"].read(), labels, classes=classes, name=path.stem)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    return replace(dataset, source=str(path))
