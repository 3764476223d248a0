"""Tiny ImageNet: classes as folders of train, and a list of the classes of val."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from gancli.core.errors import DataError
from gancli.data.annotations.folders import label_words
from gancli.data.formats import tables
from gancli.data.picture_set import TRAIN, VALIDATION, PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "Tiny ImageNet's folders"
EXAMPLE = "train/n01443537/images/n01443537_0.JPEG\nval/images/val_0.JPEG\nval/val_annotations.txt"
BECOMES = "images with a class for each folder of train; val is for validation, test has no labels"
ORDER = 41
TRAINED = re.compile(r"(?:.*/)?train/([^/]+)/(?:images/)?[^/]+")


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Labels and splits; None without the list of val, or without such folders."""
    files = pictures.entries.named("val_annotations.txt")
    if not files or {"labels", "tests"} & pictures.settled:
        return None
    place = str(PurePosixPath(files[0].name).parent)
    labels = {file.name: match[1] for file in pictures.pictures if (match := TRAINED.fullmatch(file.name))}
    trained = set(labels)
    if len(set(labels.values())) < 2:
        return None
    found = pictures.with_used(files)
    try:
        lines = [words for words in tables.read_words(files[0]) if len(words) >= 2]
    except DataError as error:
        return found.with_remarks(left_out(f"{files[0].name} is not used: {error}"))
    listed = {f"{place}/images/{words[0]}": words[1] for words in lines}
    known = set(labels.values())
    labels |= {file.name: listed[file.name] for file in pictures.pictures if listed.get(file.name) in known}
    lost = [file for file in pictures.pictures if file.name not in labels]
    found = found.without(lost, "without a class in folders or lists")
    numbers, classes = label_words.number([labels[file.name] for file in found.pictures])
    tests = numbers.astype("uint8")
    tests[:] = [TRAIN if file.name in trained else VALIDATION for file in found.pictures]
    return found.with_columns(labels=numbers, tests=tests if tests.any() else None).with_classes(classes)
