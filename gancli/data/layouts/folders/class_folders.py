"""Folders as classes, below or above folders that name splits."""

from __future__ import annotations

from dataclasses import replace

from gancli.data.annotations import folder_layout
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "pictures in folders of classes"
EXAMPLE = "train/cat/1.jpg\ntrain/dog/2.jpg\ntest/cat/3.jpg"
BECOMES = "images with a class for each folder; train, val and test are splits and no classes"
ORDER = 50


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Splits and classes by folders, as far as nothing else has said them."""
    if {"labels", "tests"} <= pictures.settled:
        return None
    layout = folder_layout.read_layout(
        pictures, by_class="labels" not in pictures.settled, by_split="tests" not in pictures.settled
    )
    inside = {file.name for file in layout.pictures}
    found = pictures.select([row for row, file in enumerate(pictures.pictures) if file.name in inside])
    if "labels" not in found.settled and layout.labels is not None:
        found = replace(found.with_columns(labels=layout.labels), classes=layout.classes)
    if "tests" not in found.settled and layout.splits.any():
        found = found.with_columns(tests=layout.splits)
    return found.with_remarks(*layout.remarks)
