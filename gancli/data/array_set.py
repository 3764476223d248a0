"""Arrays of images and labels by part, before they are read; and the Dataset that they become.

A recognizer of arrays builds an ArraySet from what headers say; `as_source` makes it a DataSource.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from gancli.core.backend import h5py, np
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.data_source import DataSource
from gancli.data.dataset import Dataset
from gancli.data.remarks import Remark
from gancli.data.request import Request

PARTS = ("train", "validation", "test")


class ArrayColumn(NamedTuple):
    """An array of a data set. name: in messages, as in its file; read: returns it, raising DataError for damage.

    stored: returns it as an array that stays on disk, with the same shape and type; None if it cannot. Images are
    (count, height, width[, channels]) of any numbers; labels (count,), (count, 1) or one-hot, of whole numbers;
    attributes (count, K) of 0 and 1 or -1; captions str (count,).
    """

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype
    read: Callable[[], np.ndarray]
    stored: Callable[[], h5py.Dataset] | None = None

    @classmethod
    def of(cls, name: str, values: np.ndarray) -> ArrayColumn:
        """An array that is in memory."""
        return cls(name, values.shape, values.dtype, lambda: values)


@dataclass(frozen=True)
class ArraySet:
    """Columns by part ("train", "validation", "test") and by name ("image", "label", "attributes", "caption").

    classes: names of the labels from 0 on, () if they have none; attributes: names. remarks: what was guessed and left
    out.
    """

    parts: Mapping[str, Mapping[str, ArrayColumn]]
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()

    def as_source(self, path: Path, layout: str) -> DataSource:
        """The arrays as a data source of this layout."""
        train = self.parts["train"]
        count, *shape = train["image"].shape
        counts = {part: self.parts[part]["image"].shape[0] if part in self.parts else 0 for part in PARTS}
        return DataSource(
            path,
            (layout,),
            counts | {"train": count},
            tuple(train),
            lambda request: self.load(path.stem, request, source=str(path)),
            self.classes,
            self.attributes,
            (*shape, 1) if len(shape) == 2 else tuple(shape),
            self.remarks,
        )

    def load(self, name: str, request: Request, *, source: str) -> Dataset:
        """Read the arrays, and convert the images to the requested range, size and color. Raises: DataError."""
        from gancli.data.array_files import stored_images
        from gancli.data.formats.arrays import to_dataset

        columns = [column for part in self.parts.values() for column in part.values()]
        claimed = sum(math.prod(column.shape) * column.dtype.itemsize for column in columns)
        if claimed > total_memory() // 2:
            if (found := stored_images.dataset(name, self, request, source=source)) is not None:
                return found
            raise DataError(f"{source} unpacks to {claimed / 1e9:,.1f} GB, more than half of the memory")
        return to_dataset(name, self, request, source=source)
