"""Official splits in lists of names: train.txt, val.txt, test.txt, Flickr_8k.trainImages.txt."""

from __future__ import annotations

from collections.abc import Sequence

from gancli.core.errors import DataError
from gancli.data.annotations.folders import label_words
from gancli.data.annotations.folders.split_names import parse
from gancli.data.annotations.listings import coverage
from gancli.data.annotations.listings.picture_names import NONE, PictureNames
from gancli.data.containers.source_files import SourceFile
from gancli.data.formats import tables
from gancli.data.picture_set import TEST, TRAIN, PictureSet
from gancli.data.remarks import guessed, left_out, some
from gancli.data.request import Request

NAME = "lists of names for splits (train.txt, test.txt)"
EXAMPLE = "images/1.jpg\ntrain.txt, val.txt, test.txt with 1.jpg (also a class's number after a space)"
BECOMES = "images in splits; pictures that no list names are left out"
ORDER = 45


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Splits, and labels after the names, of all lists; None without lists that name pictures."""
    if "tests" in pictures.settled or not pictures.pictures:
        return None
    unread = [file for file in pictures.entries.texts if file.name not in pictures.used]
    files = [file for file in unread if parse(file.stem)]
    stems = {file.name.rpartition(".")[0] for file in pictures.pictures} if files else set()
    files = [file for file in files if file.name.rpartition(".")[0] not in stems]
    splits: dict[int, int] = {}
    labels: dict[int, str] = {}
    used, missing, twice = [], [], set()
    has_train = any(file.stem.lower() == "train" for file in files)
    try:
        for file in files:
            if has_train and file.base == "trainval.txt":
                continue
            lines = [line for line in tables.text_of(file).splitlines() if line.strip()]
            rows, numbers = _rows(lines, file, pictures)
            found = [row for row in rows if row != NONE]
            if not found:
                continue
            used.append(file)
            missing += [line.strip() for line, row in zip(lines, rows, strict=True) if row == NONE]
            split = parse(file.stem).split
            twice |= {row for row in found if splits.get(row, split) != split}
            splits |= {row: max(split, splits.get(row, TRAIN), key=_strictness) for row in found}
            labels |= dict(zip(rows, numbers, strict=True)) if numbers else {}
    except DataError as error:
        return pictures.with_remarks(left_out(f"the lists {some([one.name for one in files])} are not used: {error}"))
    return _with_splits(pictures, splits, labels, used, missing, twice) if used else None


def _strictness(split: int) -> int:
    """A picture in several lists is tested on, else validated on, and never trained on."""
    return {TRAIN: 0, TEST: 2}.get(split, 1)


def _rows(lines: Sequence[str], file: SourceFile, pictures: PictureSet) -> tuple[list[int], list[str]]:
    """The row of each line's picture, and the number behind each name if all have one."""
    names = PictureNames(pictures.pictures, file.name)
    rows = names.rows([line.strip() for line in lines])
    if any(row != NONE for row in rows):
        return rows, []
    words = [line.replace(",", " ").split() for line in lines]
    if not words or not all(len(one) == 2 and one[1].isdecimal() for one in words):
        return rows, []
    return names.rows([one[0] for one in words]), [one[1] for one in words]


def _with_splits(
    pictures: PictureSet,
    splits: dict[int, int],
    labels: dict[int, str],
    used: list[SourceFile],
    missing: list[str],
    twice: set[int],
) -> PictureSet:
    where = ", ".join(file.name for file in used)
    found = pictures.with_used(used)
    if missing:
        found = found.with_remarks(left_out(f"{len(missing):,} names in {where} have no picture: {some(missing)}"))
    if twice:
        names = some([pictures.pictures[row].name for row in sorted(twice)])
        found = found.with_remarks(guessed(f"{len(twice):,} pictures are in several lists, not trained on: {names}"))
    if TRAIN not in splits.values():
        text = f"pictures that {where} does not name are used for training"
        found = found.with_remarks(guessed(text))
        if len(splits) < len(pictures.pictures):
            return coverage.with_tests(found, splits)
        return found.with_remarks(left_out(f"{where} not used: it names all pictures, and none is for training"))
    lacking = [file for row, file in enumerate(pictures.pictures) if row not in splits]
    kept = [row for row in range(len(pictures.pictures)) if row in splits]
    found = coverage.with_tests(found, splits).without(lacking, f"not in {where}")
    if "labels" in found.settled or labels.keys() < splits.keys() or len(set(labels.values())) < 2:
        return found
    numbers, classes = label_words.number([labels[row] for row in kept])
    remark = guessed(f"labels are the numbers behind the names in {where}")
    return found.with_columns(labels=numbers).with_classes(classes).with_remarks(remark)
