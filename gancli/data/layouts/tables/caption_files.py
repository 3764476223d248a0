"""A text file of captions for each picture, and the classes that are kept for testing captions."""

from __future__ import annotations

from dataclasses import replace

from gancli.core.errors import DataError
from gancli.data.annotations import captions
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "a text file of captions for each picture"
EXAMPLE = "jpg/image_00001.jpg\ntext_c10/class_00077/image_00001.txt\ntestclasses.txt"
BECOMES = "images with captions; the folders of the texts are classes, and those in testclasses.txt are for testing"
ORDER = 70


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Captions of each picture, classes by the texts' folders, and test classes."""
    if "captions" in pictures.settled:
        return None
    lists = pictures.entries.named("testclasses.txt")
    texts, found = captions.captions_of(pictures, skip_bad=request.skip_bad)
    has_splits = bool(found.splits.any())
    if texts is not None:
        found = found.with_columns(captions=texts.captions)
        if "labels" not in found.columns and texts.classes:
            found = replace(found.with_columns(labels=texts.labels), classes=texts.classes)
            found = replace(found, remarks=tuple(remark for remark in found.remarks if remark.column != "label"))
        found = found if has_splits else _choose_tests(found)
    if lists and (has_splits or "captions" not in found.columns):
        why = "there are no captions" if "captions" not in found.columns else "folders say what is for testing"
        found = found.with_remarks(left_out(f"{lists[0].name} is not used: {why}"))
    return found if found is not pictures else None


def _choose_tests(pictures: PictureSet) -> PictureSet:
    try:
        tests, remarks = captions.choose_tests(pictures)
    except DataError as error:
        return pictures.with_columns(captions=None).with_remarks(
            left_out(f"captions left out: {error}", column="caption")
        )
    found = pictures if tests is None else pictures.with_columns(tests=tests.astype("uint8"))
    return found.with_remarks(*remarks)
