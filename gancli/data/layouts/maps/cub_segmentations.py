"""Segmentations of CUB-200-2011 beside its pictures of birds."""

from __future__ import annotations

import functools
import io
import re
from dataclasses import replace
from pathlib import PurePosixPath

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.data.annotations import label_map_files
from gancli.data.annotations.label_map_folders import first_of
from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps import map_sets, published_classes
from gancli.data.layouts.maps.map_matching import MapMatches
from gancli.data.picture_set import TEST, TRAIN, PictureSet
from gancli.data.remarks import changed
from gancli.data.request import Request

NAME = "segmentations of CUB-200-2011"
EXAMPLE = (
    "CUB_200_2011/images/001.Black_footed_Albatross/Black_Footed_Albatross_0001_796111.jpg\n"
    "segmentations/001.Black_footed_Albatross/Black_Footed_Albatross_0001_796111.png"
)
BECOMES = "images of birds without the segmentations; for models of label maps, with maps of bird and background"
ORDER, ALONE = 27, True
CLASS = re.compile(r"\d{3}\.\w.*")  # 001.Black_footed_Albatross
HALF = 128  # gray levels from here on are the bird


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures without the maps, or with them if they are wanted. Raises: DataError for maps of other pictures."""
    if "map" in pictures.settled or not any("segmentations" in name for name in pictures.entries.folders):
        return None
    places = [PurePosixPath(file.name) for file in pictures.pictures]
    maps = {
        _bird(place): file
        for place, file in zip(places, pictures.pictures, strict=True)
        if len(place.parts) > 2 and place.parts[-3] == "segmentations" and CLASS.fullmatch(place.parts[-2])
    }
    if not maps or len(maps) == len(places):
        return None
    inside = {file.name for file in maps.values()}
    pairs, lacking = {}, []
    for place, file in zip(places, pictures.pictures, strict=True):
        key = _bird(place)
        if file.name not in inside and key in maps:
            pairs[file.name] = _halved(maps[key])
        elif file.name not in inside:
            lacking.append(file)
    have = {_bird(PurePosixPath(name)) for name in pairs}
    extra = [file.name for key, file in maps.items() if key not in have]
    problem = f"{first_of(extra)}: a segmentation without a picture of that name" if extra else ""
    matches = MapMatches(pairs, list(maps.values()), problem, lacking)
    if request.alone or not request.wants_maps:
        return map_sets.with_labels(pictures, request, matches, "pictures have classes")
    splits = _splits(pictures)
    found = map_sets.with_maps(
        pictures,
        request,
        matches,
        split_of=(lambda file: splits.get("/".join(PurePosixPath(file.name).parts[-2:]))) if splits else None,
    )
    if not found.label_maps:
        return found
    text = "segmentations of CUB are gray: levels from 128 on are the bird"
    found = found.with_remarks(changed(text, matters=False))
    return replace(found, label_maps=replace(found.label_maps, class_list=published_classes.birds()))


def _bird(place: PurePosixPath) -> tuple[str, ...]:
    """The class and the name of a picture, which its segmentation shares."""
    return (*place.parts[-2:-1], place.stem)


def _splits(pictures: PictureSet) -> dict[str, int]:
    """The split of each picture, by its name below images, as images.txt and train_test_split.txt give it."""
    lists = map_sets.names_in(pictures.entries.texts, "images.txt", "train_test_split.txt")
    rows = {name: [line.split() for line in map_sets.lines_of(file)] for name, file in lists.items()}
    names = {row[0]: row[1] for row in rows.get("images.txt", []) if len(row) == 2}
    tests = {row[0]: row[1] for row in rows.get("train_test_split.txt", []) if len(row) == 2}
    return {name: TRAIN if tests[key] == "1" else TEST for key, name in names.items() if key in tests}


def _halved(file: SourceFile) -> SourceFile:
    """A segmentation of two values, made when it is read."""
    return SourceFile(file.name, functools.partial(_halve, file))


def _halve(file: SourceFile) -> bytes:
    """A PNG of 0 and 255. Raises: DataError for a file in colors."""
    grays = label_map_files.decode(file).grays
    if grays is None:
        raise DataError(f"{file.name}: a segmentation in colors; expected gray levels")
    buffer = io.BytesIO()
    Image.fromarray(np.where(grays < HALF, 0, 255).astype(np.uint8)).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
