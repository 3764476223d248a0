"""Labels and the official split of Oxford's 102 flowers, in MATLAB's files."""

from __future__ import annotations

import re

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.folders import label_words
from gancli.data.annotations.listings import coverage
from gancli.data.array_files import matlab
from gancli.data.containers.source_files import SourceFile
from gancli.data.picture_set import TEST, TRAIN, VALIDATION, PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "Oxford flowers' labels (mat)"
EXAMPLE = "jpg/image_00001.jpg\nimagelabels.mat\nsetid.mat"
BECOMES = "images with the classes 1 to 102; setid.mat gives the official splits"
ORDER = 45
SETS = {"trnid": TRAIN, "valid": VALIDATION, "tstid": TEST}
NUMBERED = re.compile(r"image_(\d{1,7})")


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Labels and splits by the numbers in names; None without a list, or without pictures of such names."""
    labels, sets = (pictures.entries.named(name) for name in ("imagelabels.mat", "setid.mat"))
    if not (labels or sets):
        return None
    numbers = {row: int(match[1]) for row, match in enumerate(map(_numbered, pictures.pictures)) if match}
    if not numbers:
        return None
    found = pictures.with_used([*labels, *sets])
    try:
        if labels and "labels" not in found.settled:
            found = _with_labels(found, labels[0], numbers)
    except DataError as error:
        found = found.with_columns(labels=None).with_remarks(left_out(f"labels left out: {error}", column="label"))
    if sets and "tests" not in found.settled:
        try:
            found = _with_splits(found, sets[0])
        except DataError as error:
            found = found.with_remarks(left_out(f"the official split is not used: {error}"))
    return found


def _numbered(file: SourceFile) -> re.Match | None:
    return NUMBERED.fullmatch(file.stem)


def _with_labels(pictures: PictureSet, file: SourceFile, numbers: dict[int, int]) -> PictureSet:
    values = matlab.vectors(file, "labels")["labels"]
    known = {row: int(values[number - 1]) for row, number in numbers.items() if 0 < number <= len(values)}
    found, labels = coverage.covered(pictures, known, file.name)
    if len(set(labels)) < 2:
        raise DataError(f"{file.name} has one class alone for these pictures; classes need two or more")
    columns, classes = label_words.number([str(label) for label in labels])
    return found.with_columns(labels=columns).with_classes(classes)


def _with_splits(pictures: PictureSet, file: SourceFile) -> PictureSet:
    if pictures.entries.named("testclasses.txt"):
        raise DataError("testclasses.txt says what is tested")
    sets = matlab.vectors(file, *SETS)
    by_number = {number: SETS[name] for name in SETS for number in np.unique(sets[name]).tolist()}
    numbers = [match and int(match[1]) for match in map(_numbered, pictures.pictures)]
    splits = {row: by_number[number] for row, number in enumerate(numbers) if number in by_number}
    found, values = coverage.covered(pictures, splits, file.name)
    return coverage.with_tests(found, dict(enumerate(values)))
