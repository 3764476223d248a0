"""CamVid in the forms in which it goes round: SegNet's, the authors' own, Kaggle's and fastai's."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from gancli.data.annotations.label_map_folders import stem_of
from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps import map_matching, map_sets, published_classes
from gancli.data.layouts.maps.map_matching import MapMatches
from gancli.data.picture_set import TRAIN, VALIDATION, PictureSet
from gancli.data.request import Request

NAME = "CamVid"
EXAMPLE = (
    "train/0001TP_006690.png with trainannot/0001TP_006690.png (SegNet)\n"
    "701_StillsRaw_full/0001TP_006690.png with LabeledApproved_full/0001TP_006690_L.png, label_colors.txt\n"
    "train/0001TP_006690.png with train_labels/0001TP_006690_L.png, class_dict.csv (Kaggle)\n"
    "images/0001TP_006690.png with labels/0001TP_006690_P.png, codes.txt, valid.txt (fastai)"
)
BECOMES = (
    "images with label maps of 11 classes (SegNet's, where 11 is no label) or 31 (the others, where Void is no label)"
)
ORDER, ALONE = 25, True
STEM = re.compile(r"(0001TP_\d{6}|0006R0_f\d{5}|0016E5_\d{5}|Seq05VD_f\d{5})(_[LP])?")  # the four sequences
LABELED = "labeledapproved_full"


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps. Raises: DataError for those that do not match."""
    files = pictures.pictures
    if "map" in pictures.settled or not files or not all(STEM.fullmatch(stem_of(file)) for file in files):
        return None
    maps = [file for file in files if LABELED in file.name.lower()]
    matches = _original(files, maps) if maps else map_matching.find(files)
    if matches is None:
        return None
    valid = map_sets.names_in(pictures.entries.texts, "valid.txt")
    names = {PurePosixPath(line).stem for line in map_sets.lines_of(valid.get("valid.txt"))}
    is_segnet = all(PurePosixPath(file.name).parent.name.endswith("annot") for file in matches.pairs.values())
    if not is_segnet and not all(stem_of(file)[-2:] in ("_L", "_P") for file in matches.pairs.values()):
        return None  # frames of CamVid in classes of others
    found = map_sets.with_maps(
        pictures,
        request,
        matches,
        split_of=(lambda file: _listed(file, names)) if names else None,
        published=published_classes.camvid_11() if is_segnet else published_classes.camvid_32(),
    )
    return found.with_used(valid.values())


def _listed(file: SourceFile, names: set[str]) -> int:
    return VALIDATION if stem_of(file) in names else TRAIN


def _original(files: list[SourceFile], maps: list[SourceFile]) -> MapMatches:
    inside = {file.name for file in maps}
    images = [file for file in files if file.name not in inside]
    return map_matching.match_files(images, maps, ("", "_l"))
