"""Pictures that a table or list says something about, and what becomes of the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import folder_layout
from gancli.data.picture_set import TRAIN, PictureSet
from gancli.data.remarks import some

Value = TypeVar("Value")
FEW = 10  # a tenth of the pictures to train on may lack a value, and are left out


def with_folder_splits(pictures: PictureSet) -> PictureSet:
    """The pictures with the splits that folders name, if nothing else has said them."""
    if "tests" in pictures.settled:
        return pictures
    layout = folder_layout.read_layout(pictures, by_class=False)
    inside = {file.name for file in layout.pictures}
    found = pictures.select([row for row, file in enumerate(pictures.pictures) if file.name in inside])
    found = found.with_remarks(*layout.remarks)
    return found.with_columns(tests=layout.splits) if layout.splits.any() else found


def with_tests(pictures: PictureSet, splits: Mapping[int, int]) -> PictureSet:
    """With the split of these rows, and that of the others as it was."""
    if not splits:
        return pictures
    values = pictures.splits.copy()
    values[list(splits)] = list(splits.values())
    return pictures.with_columns(tests=values) if values.any() or "tests" in pictures.columns else pictures


def covered(
    pictures: PictureSet, values: Mapping[int, Value], where: str, *, is_all: bool = False
) -> tuple[PictureSet, list[Value]]:
    """The pictures that have a value, and the values in their order.

    Pictures to test on without one are left out, and so are some to train on. is_all: any number of them, as the table
    says that it names all. Raises: DataError if too many lack one.
    """
    lacking = [row for row in range(len(pictures.pictures)) if row not in values]
    trained = np.flatnonzero(pictures.splits == TRAIN).tolist()
    lost = [row for row in lacking if pictures.splits[row] == TRAIN]
    if len(lost) == len(trained) or (len(lost) > max(1, len(trained) // FEW) and not is_all):
        names = some([pictures.pictures[row].name for row in lost])
        raise DataError(f"{where} has none for {len(lost):,} of {len(trained):,} pictures: {names}")
    kept = [row for row in range(len(pictures.pictures)) if row in values]
    found = pictures.without([pictures.pictures[row] for row in lacking], f"not in {where}")
    return found, [values[row] for row in kept]
