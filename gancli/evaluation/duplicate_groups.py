"""Groups of near-duplicate images in a data set: their names, a picture of them, and the data without them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data import Dataset, inspection
from gancli.data.formats import export
from gancli.evaluation import near_duplicates
from gancli.imaging import images

MAX_ROWS, MAX_COLUMNS = 20, 8  # groups in a picture, and images of each


@dataclass(frozen=True)
class DuplicateGroups:
    """Near-duplicates among the training images of a data set.

    groups: rows of the images of each group, int (images,). names: file name of each image of the data set, empty
    where images do not come from files.
    """

    dataset: Dataset
    groups: tuple[np.ndarray, ...]
    names: tuple[str, ...]

    @property
    def duplicates(self) -> int:
        """Number of images to remove so that one of each group is left."""
        return sum(len(rows) - 1 for rows in self.groups)

    def named(self) -> list[list[str | int]]:
        """File names of the images of each group, or their rows where there are no names."""
        return [[self.names[row] if self.names else int(row) for row in rows] for rows in self.groups]

    def distinct_rows(self) -> np.ndarray:
        """Rows of all images, of each group only the first, int64 (images,)."""
        removed = np.concatenate([rows[1:] for rows in self.groups] or [[]]).astype(int)
        return np.setdiff1d(np.arange(len(self.dataset)), removed)

    def png(self) -> bytes:
        """A picture of the first groups, one in a row."""
        groups = self.groups[:MAX_ROWS]
        width = max((min(len(rows), MAX_COLUMNS) for rows in groups), default=2)
        blank = np.full(self.dataset.shape, 255, np.uint8)
        cells = []
        for rows in groups:
            cells += [*self.dataset.take(rows[:width]), *[blank] * (width - min(width, len(rows)))]
        cells = cells or [blank] * width
        return images.png(images.grid(np.stack(cells), shape=(len(cells) // width, width)))

    def write_distinct(self, out: Path) -> int:
        """Write the data set without the duplicates to an HDF5 file; returns the number of images."""
        rows = self.distinct_rows()
        export.write_rows(self.dataset, rows, out)
        return len(rows)


def find(
    dataset: Dataset, source: str, *, bits: int, note: Callable[[str], None] = lambda text: None
) -> DuplicateGroups:
    """Find the near-duplicates of a data set, by the binary code of an autoencoder.

    source: name or path that the data set was loaded from. bits: maximum Hamming distance between two codes of 128
    bits. Raises: DataError for data that are not images.
    """
    if "image" not in dataset.train:
        raise DataError(f"'{dataset.name}' holds no images")
    groups = near_duplicates.find(dataset, bits=bits, note=note)
    return DuplicateGroups(dataset, tuple(groups), tuple(inspection.file_names(source)))
