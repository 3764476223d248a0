"""Cityscapes: leftImg8bit with gtFine or gtCoarse."""

from __future__ import annotations

from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import label_map_files
from gancli.data.annotations.label_map_folders import first_of
from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps import map_sets, published_classes
from gancli.data.layouts.maps.map_matching import MapMatches
from gancli.data.picture_set import TEST, TRAIN, VALIDATION, PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "Cityscapes"
EXAMPLE = (
    "leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png\n"
    "gtFine/train/aachen/aachen_000000_000019_gtFine_labelIds.png (or labelTrainIds)"
)
BECOMES = "images with label maps of the benchmark's 19 classes; test is left out if its maps are empty, as published"
ORDER, ALONE = 22, True
IMAGE = "_leftImg8bit"
KINDS = ("_gtFine_labelIds", "_gtFine_labelTrainIds", "_gtCoarse_labelIds", "_gtCoarse_labelTrainIds")
SPLITS = {"train": TRAIN, "train_extra": TRAIN, "val": VALIDATION, "test": TEST}


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps. Raises: DataError for a picture for training without a map."""
    images = {_scene(file, IMAGE): file for file in pictures.pictures if IMAGE in file.name and _has(file, IMAGE)}
    if not images:
        return None
    annotations = [file for file in pictures.pictures if _is_annotation(file)]
    if "map" in pictures.settled or not annotations:
        return None
    by_kind = {kind: {_scene(file, kind): file for file in annotations if _has(file, kind)} for kind in KINDS}
    kind = max(KINDS, key=lambda kind: len(images.keys() & by_kind[kind].keys()))
    maps = by_kind[kind]
    remarks = []
    empty = _scenes_without_classes(images, maps, kind)
    if empty and not request.alone:
        text = f"{len(empty):,} test pictures left out: their label maps hold no class, as published"
        remarks.append(left_out(text))
    pairs = {file.name: maps[scene] for scene, file in images.items() if scene in maps and scene not in empty}
    lacking = [file for scene, file in images.items() if file.name not in pairs and scene not in empty]
    refused = [file.name for file in lacking if _split(file) == TRAIN] if pairs else [one.name for one in lacking]
    problem = f"{first_of(refused)}: no label map of that scene ({kind[1:]}.png)" if refused else ""
    extra = [file.name for scene, file in maps.items() if scene not in images]
    problem = problem or (f"{first_of(extra)}: a label map without a picture of that scene" if extra else "")
    found = map_sets.with_maps(
        _without_scenes(pictures, images, empty, request),
        request,
        MapMatches(pairs, annotations, problem, lacking),
        split_of=_split,
        published=published_classes.cityscapes(by_train_id="Train" in kind),
    )
    others = [file for file in pictures.entries.files if _is_annotation(file)]
    return found.with_remarks(*remarks).with_used(others)


def _without_scenes(
    pictures: PictureSet, images: dict[str, SourceFile], scenes: set[str], request: Request
) -> PictureSet:
    """Without the pictures of some scenes unless only pictures are wanted; their remark is made elsewhere."""
    if request.alone:
        return pictures
    gone = {images[scene].name for scene in scenes}
    return pictures.select([row for row, file in enumerate(pictures.pictures) if file.name not in gone])


def _scenes_without_classes(images: dict[str, SourceFile], maps: dict[str, SourceFile], kind: str) -> set[str]:
    """The test scenes, if the first map of them holds no class: the published ones do not."""
    tests = [scene for scene, file in images.items() if scene in maps and _split(file) == TEST]
    if not tests:
        return set()
    classes = {line.number for line in published_classes.cityscapes(by_train_id="Train" in kind).lines if line.is_class}
    try:
        numbers = label_map_files.decode(maps[tests[0]]).numbers
    except DataError:  # a bad map is named once all are read
        return set()
    return set() if numbers is None or classes & set(np.unique(numbers).tolist()) else set(tests)


def _scene(file: SourceFile, ending: str) -> str:
    """City, sequence and frame: aachen_000000_000019."""
    return file.stem.removesuffix(ending)


def _has(file: SourceFile, ending: str) -> bool:
    return file.stem.endswith(ending)


def _is_annotation(file: SourceFile) -> bool:
    return any(part in ("gtFine", "gtCoarse") for part in PurePosixPath(file.name).parts) or "_gt" in file.name


def _split(file: SourceFile) -> int:
    parts = file.parts
    return next((SPLITS[part] for part in parts[::-1] if part in SPLITS), TRAIN)
