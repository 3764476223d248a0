"""Write data sets to HDF5 files: pictures of a folder or zip file, or selected rows of a data set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data.catalog import opening
from gancli.data.dataset import Dataset
from gancli.data.formats import hdf5, hdf5_reading, packing
from gancli.data.images import sound_pictures
from gancli.data.images.bad_files import BadFilesError
from gancli.data.remarks import Remark
from gancli.data.request import Request

PLURAL = {"label": "labels", "caption": "captions", "size": "sizes", "map": "maps", "other": "others"}
FACTS = ("classes", "attributes", "palette", "numbers", "pixel_ranges")


def pack_pictures(
    path: Path,
    out: Path,
    *,
    only: Sequence[str] = (),
    image_size: int | None,
    color: str,
    pixel_range: str,
    skip_bad: bool = False,
    note: Callable[[Sequence[Remark]], None] = lambda remarks: None,
) -> Dataset:
    """Decode the pictures of a folder or zip file into one HDF5 file; returns that file's data set.

    only: the names of files and folders in the folder that are read alone, () for all.
    image_size: side of the images, None for that of the pictures if they are square and of one size, else 64.
    skip_bad: whether bad pictures are left out. note: receives the remarks before anything is written.
    Raises: DataError if a picture is bad, or there are none.
    """
    request = Request(image_size, color, pixel_range=pixel_range, skip_bad=skip_bad)
    found = opening.recognize(path, request, only=only)
    if found.pictures is None:
        raise DataError(f"{path}: expected a folder or archive of pictures")
    if found.pictures.bad and not skip_bad:
        raise BadFilesError.all_of(str(path), found.pictures.bad)
    sound_pictures.packed(found.pictures, request, lambda chosen: packing.pack(chosen, out, request, tell=note))
    return hdf5_reading.read(out)


def write_rows(dataset: Dataset, rows: Iterable[int], out: Path) -> None:
    """Write some training images of a data set, with all of their columns, to an HDF5 file."""
    rows = np.asarray(rows, dtype=int)
    columns = {PLURAL.get(name, name): values[:][rows] for name, values in dataset.train.items() if name != "image"}
    images = (dataset.train["image"][int(row)] for row in track(rows, "writing images", total=len(rows)))
    facts = {name: getattr(dataset, name) for name in FACTS}
    hdf5.write(
        out,
        images,
        (len(rows), *dataset.shape),
        columns=columns,
        description=hdf5.Description(remarks=dataset.remarks, **facts),
    )
