"""The CMP facade database: photographs and label maps of the same name in one folder."""

from __future__ import annotations

import re

from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps import map_matching, map_sets, published_classes
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "a photograph and a palette PNG of one name"
EXAMPLE = "base/cmp_b0001.jpg\nbase/cmp_b0001.png\nbase/cmp_b0001.xml"
BECOMES = "images with label maps; those of the CMP facades have 12 classes"
ORDER, ALONE = 28, True
FACADE = re.compile(r"cmp_[bx]\d{4}")
PALETTE, COLOR_TYPE = 3, 25  # of a PNG: the value of palette images, and where it stands
PHOTOS = (".jpg", ".jpeg")
LOOKED_AT = 8  # PNG files whose headers are read


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps. Raises: DataError for those that do not match."""
    maps = [file for file in pictures.pictures if file.name.lower().endswith(".png")]
    images = [file for file in pictures.pictures if file.name.lower().endswith(PHOTOS)]
    if "map" in pictures.settled or not maps or len(maps) + len(images) < len(pictures.pictures):
        return None
    stems = {_place(file) for file in images}
    shared = [file for file in maps if _place(file) in stems]
    first = shared[:LOOKED_AT]
    if 2 * len(shared) <= len(maps) or 2 * sum(map(_has_palette, first)) <= len(first):
        return None
    is_published = all(FACADE.fullmatch(file.stem) for file in maps)
    matches = map_matching.match_files(images, maps, ("", ""))
    return map_sets.with_maps(
        pictures, request, matches, published=published_classes.facades() if is_published else None
    )


def _place(file: SourceFile) -> str:
    return file.name.rpartition(".")[0]


def _has_palette(file: SourceFile) -> bool:
    with file.open() as stream:
        return stream.read(COLOR_TYPE + 1)[COLOR_TYPE:] == bytes([PALETTE])
