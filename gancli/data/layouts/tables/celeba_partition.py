"""CelebA's official split, in the authors' list or as a table with commas."""

from __future__ import annotations

from gancli.core.errors import DataError
from gancli.data.annotations.listings import coverage
from gancli.data.annotations.listings.picture_names import NONE, PictureNames
from gancli.data.formats import tables
from gancli.data.picture_set import TEST, TRAIN, VALIDATION, PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "CelebA's official split"
EXAMPLE = "img_align_celeba/000001.jpg\nlist_eval_partition.txt (or .csv) with 000001.jpg and 0, 1 or 2"
BECOMES = "images in three splits: 0 is for training, 1 for validation, 2 for testing"
ORDER = 45
SPLITS = {"0": TRAIN, "1": VALIDATION, "2": TEST}


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """The split of each picture; None without a list or pictures."""
    files = pictures.entries.named("list_eval_partition.txt", "list_eval_partition.csv")
    if not files or not pictures.pictures or "tests" in pictures.settled:
        return None
    file, *more = files
    found = pictures.with_used(files)
    if more:
        found = found.with_remarks(left_out(f"further lists of splits beside {file.name}: {more[0].name}"))
    try:
        lines = tables.read_words(file)
        lines = lines[1:] if file.suffix == ".csv" else lines
        wrong = [words for words in lines if len(words) != 2 or words[1].strip('"') not in SPLITS]
        if wrong or not lines:
            text = " ".join(wrong[0])[:40] if wrong else "nothing"
            raise DataError(f"{file.name} holds '{text}'; expected lines of a name and 0, 1 or 2")
        rows = PictureNames(pictures.pictures, file.name).rows([words[0].strip('"') for words in lines])
        splits = {row: SPLITS[words[1].strip('"')] for row, words in zip(rows, lines, strict=True) if row != NONE}
        found, values = coverage.covered(found, splits, file.name)
    except DataError as error:
        return found.with_remarks(left_out(f"the official split is not used: {error}"))
    return coverage.with_tests(found, dict(enumerate(values)))
