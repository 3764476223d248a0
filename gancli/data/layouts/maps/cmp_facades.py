"""The CMP facade database: photographs and label maps of the same name in one folder."""

from __future__ import annotations

import re

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.images import image_decoding
from gancli.data.layouts.maps import map_matching, map_sets, published_classes
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "a photograph and a palette or gray PNG of one name"
EXAMPLE = "base/cmp_b0001.jpg\nbase/cmp_b0001.png\nbase/cmp_b0001.xml"
BECOMES = "images with label maps; those of the CMP facades have 12 classes"
ORDER, ALONE = 28, True
FACADE = re.compile(r"cmp_[bx]\d{4}")
GRAY, PALETTE, COLOR_TYPE = 0, 3, 25  # of a PNG: the values of gray and palette images, and where they stand
PHOTOS = (".jpg", ".jpeg")
LOOKED_AT = 8  # PNG files that are read
LEAST_PAIRS = 3  # fewer may be two pictures that happen to have one name
FEW_VALUES = 16  # of a gray label map


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps. Raises: DataError for those that do not match."""
    maps = [file for file in pictures.pictures if file.name.lower().endswith(".png")]
    images = [file for file in pictures.pictures if file.name.lower().endswith(PHOTOS)]
    if "map" in pictures.settled or not maps or len(maps) + len(images) < len(pictures.pictures):
        return None
    stems = {_place(file) for file in images}
    shared = [file for file in maps if _place(file) in stems]
    first = shared[:LOOKED_AT]
    if len(shared) < LEAST_PAIRS or 2 * len(shared) <= len(maps) or 2 * sum(map(_may_be_map, first)) <= len(first):
        return None
    is_published = all(FACADE.fullmatch(file.stem) for file in maps)
    matches = map_matching.match_files(images, maps, ("", ""))
    return map_sets.with_maps(
        pictures, request, matches, published=published_classes.facades() if is_published else None
    )


def _place(file: SourceFile) -> str:
    return file.name.rpartition(".")[0]


def _may_be_map(file: SourceFile) -> bool:
    """Whether a PNG has a palette, or is gray with few values."""
    with file.open() as stream:
        kind = stream.read(COLOR_TYPE + 1)[COLOR_TYPE:]
    if kind != bytes([GRAY]):
        return kind == bytes([PALETTE])
    try:
        with image_decoding.open_image(file) as picture:
            return len(np.unique(np.asarray(picture))) <= FEW_VALUES
    except (DataError, OSError, ValueError):  # reading it will name it
        return False
