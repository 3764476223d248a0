"""A whole look at a folder or zip file of pictures, as `gancli data check` prints it: what training would read, each
picture decoded, and every bad one named.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data import contents, value_ranges
from gancli.data.annotations import label_maps
from gancli.data.contents import Contents
from gancli.data.formats import archive, folder, pictures
from gancli.data.formats.pictures import Entries, Survey
from gancli.data.remarks import Remark


class Checked(NamedTuple):
    """What is there, what each picture is, the classes' names, those of pixels where there are label maps with the
    share of each among the labelled ones, float64 (classes,), else None, and all that is to be said."""

    there: Contents
    looked: Survey
    classes: tuple[str, ...]
    shares: np.ndarray | None
    remarks: tuple[Remark, ...]


def entries_of(path: Path) -> Entries:
    """The files of a folder or zip file. Raises: DataError for what is neither."""
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"{path} does not exist; expected {folder.ACCEPTS} or {archive.ACCEPTS}")
    for source in (folder, archive):
        if source.accepts(path):
            return source.entries(path)
    raise DataError(f"{path}: expected {folder.ACCEPTS} or {archive.ACCEPTS}")


def inspect(path: Path, *, pixel_range: str = value_ranges.AUTO) -> Checked:
    """Decode every picture of a folder or zip file. pixel_range: see gancli.data.ranges.

    Raises: DataError for what is neither, or for lists of classes.
    """
    found = entries_of(path)
    there = contents.look(found)
    looked = pictures.survey(there.pictures, whole=True, pixel_range=pixel_range)
    remarks = (*looked.remarks(), *there.remarks)
    if not there.labelled:
        return Checked(there, looked, there.classes, None, remarks)
    look = label_maps.look(found, there.labelled, looked)
    looked.bad += look.bad
    names = look.classes.names if look.classes else ()
    return Checked(there, looked, names, look.shares, (*remarks, *look.remarks))
