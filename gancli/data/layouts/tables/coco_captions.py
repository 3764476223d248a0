"""Captions of COCO's json files, captions_train2014.json and the like."""

from __future__ import annotations

import json

from gancli.core.errors import DataError
from gancli.data.annotations.listings import caption_lists, coverage
from gancli.data.annotations.listings.picture_names import NONE, PictureNames
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import tables
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import left_out, some
from gancli.data.request import Request

NAME = "COCO's captions (json)"
EXAMPLE = "train2014/COCO_train2014_000000000009.jpg\nval2014/…\nannotations/captions_train2014.json"
BECOMES = "images with captions; train, val and test are splits"
ORDER = 62
OTHERS = ("instances_", "person_keypoints_", "stuff_", "panoptic_")


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Captions of all files of captions; a remark on outlines of objects, which are not used."""
    files = [file for file in pictures.entries.others if file.suffix == ".json"]
    captions = [file for file in files if "captions" in file.base]
    outlines = [file for file in files if file.base.startswith(OTHERS)]
    if not pictures.pictures or not (captions or outlines):
        return None
    found = pictures
    if outlines:
        text = f"{some([file.name for file in outlines])}: boxes and outlines of objects are not used"
        found = found.with_used(outlines).with_remarks(left_out(text, matters=False))
    if "captions" in pictures.settled or not captions:
        return found if outlines else None
    found = coverage.with_folder_splits(found)
    texts, used, remarks = {}, [], []
    for file in captions:
        try:
            texts |= _read(file, found)
            used.append(file)
        except DataError as error:
            remarks.append(left_out(f"{file.name} is not used: {error}", column="caption"))
    found = found.with_remarks(*remarks).with_used(used)
    where = ", ".join(file.name for file in used)
    return caption_lists.with_captions(found, texts, where) if texts else found


def _read(file: SourceFile, pictures: PictureSet) -> dict[int, list[str]]:
    """The captions by the row of their picture. Raises: DataError for a file of another form."""
    try:
        content = json.loads(tables.text_of(file))
        names = {row["id"]: row["file_name"] for row in content["images"]}
        pairs = [(names[row["image_id"]], row["caption"]) for row in content["annotations"]]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise DataError(
            f"expected COCO's images with id and file_name, and annotations with caption ({error!r})"
        ) from error
    if not all(isinstance(name, str) and isinstance(text, str) for name, text in pairs):
        raise DataError("expected a text for each name of a file and each caption")
    rows = PictureNames(pictures.pictures, file.name).rows([name for name, _ in pairs])
    return caption_lists.gather(
        ((row, text) for row, (_, text) in zip(rows, pairs, strict=True) if row != NONE), file.name
    )
