"""Pascal VOC: JPEGImages with SegmentationClass, as VOCdevkit, labelme and CVAT write it."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.data.annotations.label_map_folders import first_of
from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps import map_sets, published_classes
from gancli.data.layouts.maps.map_matching import MapMatches
from gancli.data.picture_set import TEST, TRAIN, VALIDATION, PictureSet
from gancli.data.remarks import guessed
from gancli.data.request import Request

NAME = "Pascal VOC"
EXAMPLE = (
    "VOCdevkit/VOC2012/JPEGImages/2007_000032.jpg\nVOCdevkit/VOC2012/SegmentationClass/2007_000032.png\n"
    "VOCdevkit/VOC2012/ImageSets/Segmentation/train.txt, val.txt, Main/cat_train.txt"
)
BECOMES = (
    "images with label maps of 21 classes; for models that need no maps, all images with 20 attributes (ImageSets/Main)"
)
ORDER, ALONE = 21, True
MAPS = ("segmentationclass", "segmentationclasspng", "segmentationclassraw", "segmentationclassaug")
DRAWINGS = ("segmentationobject", "segmentationobjectpng", "segmentationclassvisualization")
STEM = re.compile(r"\d{4}_\d{6}|\d{6}")  # 2007_000032 in VOC2012, 000032 in VOC2007
LISTS = {"train": TRAIN, "val": VALIDATION, "test": TEST}


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps, or with attributes if no maps are needed. Raises: DataError for maps of others."""
    if "map" in pictures.settled or not any("jpegimages" in name.lower() for name in pictures.entries.folders):
        return None
    by_kind: dict[str, list[SourceFile]] = {"jpegimages": [], "maps": [], "drawings": []}
    for file in pictures.pictures:
        parts = [part.lower() for part in file.parts]
        kinds = {"jpegimages": ("jpegimages",), "maps": MAPS, "drawings": DRAWINGS}
        for kind, names in kinds.items():
            if any(name in parts for name in names):
                by_kind[kind].append(file)
    if not by_kind["jpegimages"] or not (by_kind["maps"] or by_kind["drawings"]):
        return None
    matches = _match(by_kind["jpegimages"], by_kind["maps"], by_kind["drawings"])
    main = _lists(pictures, "main")
    if not request.wants_maps and request.needs_maps is False and main and not request.alone:
        return _with_attributes(map_sets.with_labels(pictures, request, matches, "all pictures are used"), main)
    splits = _lists(pictures, "segmentation")
    is_published = all(STEM.fullmatch(file.stem) for file in by_kind["maps"])
    found = map_sets.with_maps(
        pictures,
        request,
        matches,
        split_of=(lambda file: splits.get(file.stem)) if splits else None,
        published=published_classes.voc() if is_published else None,
    )
    return found.with_used(file for file in pictures.entries.files if "imagesets" in file.name.lower())


def _match(images: list[SourceFile], maps: list[SourceFile], drawings: list[SourceFile]) -> MapMatches:
    """Maps of pictures, year by year; SegmentationClass counts before its copies."""

    def year(file: SourceFile) -> tuple[str, ...]:
        parts = PurePosixPath(file.name).parts
        at = [part.lower() in ("jpegimages", *MAPS) for part in parts].index(True)
        return (*parts[:at], *parts[at + 1 : -1], file.stem)

    by_place: dict[tuple[str, ...], SourceFile] = {}
    for file in sorted(maps, key=lambda file: (len(file.name), file.name)):
        by_place.setdefault(year(file), file)
    pairs = {file.name: by_place[year(file)] for file in images if year(file) in by_place}
    have = {year(file) for file in images}
    extra = [file.name for place, file in by_place.items() if place not in have]
    lacking = [file for file in images if file.name not in pairs]
    problem = f"{first_of(extra)}: a label map without a picture of that name" if extra else ""
    if not pairs and not problem:
        problem = f"{first_of([file.name for file in images])}: no label map of that name in SegmentationClass"
    return MapMatches(pairs, [*maps, *drawings], problem, lacking)


def _lists(pictures: PictureSet, folder: str) -> dict[str, int]:
    """The split of each name in a folder of ImageSets; the first list that has a name wins."""
    splits: dict[str, int] = {}
    for name, split in LISTS.items():
        for file in pictures.entries.texts:
            if file.name.lower().endswith(f"imagesets/{folder}/{name}.txt"):
                for line in map_sets.lines_of(file):
                    splits.setdefault(PurePosixPath(line.split()[0]).name, split)
    return splits


def _with_attributes(pictures: PictureSet, splits: dict[str, int]) -> PictureSet:
    """All pictures, with the splits of ImageSets/Main, and the classes in them as attributes if lists name them."""
    stems = [file.stem for file in pictures.pictures]
    rows = [row for row, stem in enumerate(stems) if stem in splits]
    if len(rows) < len(stems):
        gone = [file for file, stem in zip(pictures.pictures, stems, strict=True) if stem not in splits]
        pictures = pictures.without(gone, "in no list of ImageSets/Main")
        stems = [stems[row] for row in rows]
    names = [line.name for line in published_classes.voc().lines[1:]]
    values = {name: _presence(pictures, name) for name in names}
    found = pictures.with_columns(
        tests=np.array([splits[stem] for stem in stems], np.uint8), labels=None, captions=None
    )
    if stems and all(stem in values[name] for name in names for stem in stems):
        columns = np.array([[values[name][stem] >= 0 for name in names] for stem in stems], np.uint8)
        found = replace(found.with_columns(attributes=columns), attributes=tuple(names))
        found = found.with_remarks(guessed("objects that ImageSets/Main calls difficult are present", matters=False))
    return found.with_used(file for file in pictures.entries.files if "imagesets" in file.name.lower())


def _presence(pictures: PictureSet, name: str) -> dict[str, int]:
    """Whether each picture shows a class: 1, -1, or 0 for a difficult one."""
    found = {}
    for part in LISTS:
        for file in pictures.entries.texts:
            if file.name.lower().endswith(f"imagesets/main/{name}_{part}.txt"):
                words = [line.split() for line in map_sets.lines_of(file)]
                found |= {row[0]: int(row[1]) for row in words if len(row) == 2 and row[1] in ("-1", "0", "1")}
    return found
