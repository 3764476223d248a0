"""Inspection of a folder or zip file, as `gancli data check` prints it: what training would read, every image decoded,
and every bad one named."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import label_map_survey
from gancli.data.formats import archive, folder, folder_contents
from gancli.data.formats.folder_contents import FolderContents
from gancli.data.formats.source_files import SourceFiles
from gancli.data.images import image_survey, value_ranges
from gancli.data.images.image_survey import ImageSurvey
from gancli.data.remarks import Remark


class Inspection(NamedTuple):
    """The findings on a folder or zip file. classes: of images, or of pixels if there are label maps; shares: of each
    class among the labeled pixels, float64 (classes,), or None without label maps."""

    contents: FolderContents
    survey: ImageSurvey
    classes: tuple[str, ...]
    shares: np.ndarray | None
    remarks: tuple[Remark, ...]


def entries_of(path: Path) -> SourceFiles:
    """The files of a folder or zip file. Raises: DataError for anything else."""
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        raise DataError(f"{path} does not exist; expected {folder.ACCEPTS} or {archive.ACCEPTS}")
    for source in (folder, archive):
        if source.accepts(path):
            return source.list_files(path)
    raise DataError(f"{path}: expected {folder.ACCEPTS} or {archive.ACCEPTS}")


def inspect(path: Path, *, pixel_range: str = value_ranges.AUTO) -> Inspection:
    """Decode every image of a folder or zip file. pixel_range: see gancli.data.images.value_ranges.

    Raises: DataError for any other path, or for malformed lists of classes.
    """
    found = entries_of(path)
    contents = folder_contents.read(found)
    survey = image_survey.survey(contents.pictures, decode=True, pixel_range=pixel_range)
    remarks = (*survey.remarks(), *contents.remarks)
    if not contents.label_maps:
        return Inspection(contents, survey, contents.classes, None, remarks)
    maps = label_map_survey.survey(found, contents.label_maps, survey)
    survey.bad += maps.bad
    names = maps.classes.names if maps.classes else ()
    return Inspection(contents, survey, names, maps.shares, (*remarks, *maps.remarks))
