"""Classes and the official split of CUB-200-2011, in its lists of numbers."""

from __future__ import annotations

from pathlib import PurePosixPath

from gancli.core.errors import DataError
from gancli.data.annotations.folders import label_words
from gancli.data.annotations.listings import coverage
from gancli.data.annotations.listings.picture_names import NONE, PictureNames
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import tables
from gancli.data.picture_set import TEST, TRAIN, PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "CUB-200-2011's lists"
EXAMPLE = (
    "images/001.Black_footed_Albatross/Black_Footed_Albatross_0001_796111.jpg\n"
    "images.txt, train_test_split.txt, image_class_labels.txt, classes.txt"
)
BECOMES = "images with the classes of classes.txt, and the official test split"
ORDER = 45
IMAGES, SPLIT, LABELS, CLASSES = "images.txt", "train_test_split.txt", "image_class_labels.txt", "classes.txt"


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Labels and splits by the numbers of pictures; None without the two lists of pictures and splits."""
    lists = _lists(pictures)
    if lists is None or not pictures.pictures or "tests" in pictures.settled:
        return None
    if pictures.entries.named("testclasses.txt"):  # whole classes are kept for testing
        return pictures.with_remarks(left_out(f"{lists[SPLIT].name} is not used: testclasses.txt says what is tested"))
    used = pictures.with_used(lists.values())
    try:
        return _read(used, lists)
    except DataError as error:
        return used.with_remarks(left_out(f"CUB's lists are not used: {error}"))


def _lists(pictures: PictureSet) -> dict[str, SourceFile] | None:
    """The lists beside one images.txt by their names; None without two of them."""
    for file in pictures.entries.named(IMAGES):
        place = PurePosixPath(file.name).parent
        found = {one.base: one for one in pictures.entries.texts if PurePosixPath(one.name).parent == place}
        if SPLIT in found:
            return {name: found[name] for name in (IMAGES, SPLIT, LABELS, CLASSES) if name in found}
    return None


def _read(pictures: PictureSet, lists: dict[str, SourceFile]) -> PictureSet:
    names = _pairs(lists[IMAGES])
    flags = _pairs(lists[SPLIT])
    if flags.keys() != names.keys() or not set(flags.values()) <= {"0", "1"}:
        raise DataError(f"{lists[SPLIT].name} says 0 or 1 of other numbers than {lists[IMAGES].name}")
    rows = dict(zip(names, PictureNames(pictures.pictures, lists[IMAGES].name).rows(list(names.values())), strict=True))
    by_row = {row: number for number, row in rows.items() if row != NONE}
    splits = {row: TRAIN if flags[number] == "1" else TEST for row, number in by_row.items()}
    found, values = coverage.covered(pictures, splits, lists[IMAGES].name)
    found = coverage.with_tests(found, dict(enumerate(values)))
    if "labels" in found.settled or LABELS not in lists or CLASSES not in lists:
        return found
    numbers, classes = _pairs(lists[LABELS]), _pairs(lists[CLASSES])
    if not (numbers.keys() >= set(by_row.values()) and classes.keys() >= set(numbers.values())):
        raise DataError(f"{lists[LABELS].name} lacks the class of a picture, or {lists[CLASSES].name} its name")
    labels, known = label_words.number([classes[numbers[by_row[row]]] for row in sorted(by_row)])
    return found.with_columns(labels=labels).with_classes(known)


def _pairs(file: SourceFile) -> dict[str, str]:
    """The number and the word of each line. Raises: DataError for other lines."""
    lines = [line.split(maxsplit=1) for line in tables.text_of(file).splitlines() if line.strip()]
    found = {words[0]: words[-1].strip() for words in lines if len(words) == 2}
    if len(found) != len(lines) or not lines:
        raise DataError(f"{file.name}: expected lines of a number, each once, and one more word")
    return found
