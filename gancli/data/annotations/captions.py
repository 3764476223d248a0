"""Captions: a text file for each picture, one caption a line, beside it or in a folder of its own.

Pictures and texts belong together by their names without the ending, `a/image_00001.jpg` and `a/image_00001.txt`; or,
where that is not so, by the last part alone, if no other has it. So does the layout of Reed et al. 2016:
`jpg/image_00001.jpg` and `text_c10/class_00077/image_00001.txt`, where the texts' folders are the classes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import folder_layout
from gancli.data.formats.pictures import Entries, Entry
from gancli.data.remarks import Remark, guessed, left_out, some

LARGEST = 1_000_000  # bytes of one picture's captions
NUMBER = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?")
FEWEST_CLASSES, SHARE = 5, 5  # where no list names the test classes, a fifth of at least five


def stem(entry: Entry) -> str:
    """The last part of a name, without the ending."""
    return PurePosixPath(entry.name).stem


def _path(entry: Entry) -> PurePosixPath:
    """The name without the ending."""
    return PurePosixPath(entry.name).with_suffix("")


class Written(NamedTuple):
    """The captions of pictures, str (pictures, most), "" where a picture has fewer; and if their texts lie in folders
    of classes, the class of each, int32 (pictures,), and the classes, else None and ()."""

    captions: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...]


def of_pictures(found: Entries) -> tuple[Written | None, list[Remark]]:
    """The captions of pictures, and what is to be said; None where there are none, or not of all pictures."""
    try:
        texts, unused = _texts_of(found)
        rows = [_lines(entry) for entry in texts]
        if texts and all(NUMBER.fullmatch(word) for row in rows for line in row for word in line.split()):
            raise DataError("the texts of pictures hold numbers alone, as boxes do")
        empty = [entry.name for entry, row in zip(texts, rows, strict=True) if not row]
        if empty:
            raise DataError(f"{empty[0]} holds no caption in UTF-8")
    except DataError as error:
        return None, [left_out(f"captions left out: {error}", column="caption")]
    told = [left_out(f"{len(unused):,} texts of no picture: {some(unused)}", matters=False)] if unused else []
    return (Written(table(rows), *folder_layout.classes_of(texts)) if texts else None), told


def _texts_of(found: Entries) -> tuple[list[Entry], list[str]]:
    """The text of each picture, in the pictures' order, none where no text belongs to any; and the names of others.

    Raises: DataError where some pictures have a text and others none, or a text could be that of several.
    """
    if not found.texts:
        return [], []
    beside = {_path(entry): entry for entry in found.texts}
    by_stem = {stem(entry): entry for entry in found.texts}
    pictures, texts = (Counter(map(stem, entries)) for entries in (found.pictures, found.texts))
    told = [beside.get(_path(entry)) or by_stem.get(stem(entry)) for entry in found.pictures]
    for entry in found.pictures:
        if _path(entry) not in beside and texts[stem(entry)] and max(pictures[stem(entry)], texts[stem(entry)]) > 1:
            raise DataError(f"several files are called {stem(entry)}: which text is that of {entry.name} is not clear")
    lacking = [f"{stem(entry)}.txt" for entry, text in zip(found.pictures, told, strict=True) if text is None]
    if len(lacking) == len(found.pictures):
        return [], [entry.name for entry in found.texts]
    if lacking:
        count = f"{len(lacking):,} of {len(told):,} pictures have none"
        raise DataError(f"{count}, there is no {some(lacking, 1)}")
    used = {entry.name for entry in told}
    return told, [entry.name for entry in found.texts if entry.name not in used]


def _lines(entry: Entry) -> list[str]:
    """The captions of a text, none where it is empty. Raises: DataError for what is no text in UTF-8."""
    content = entry.read()
    if len(content) > LARGEST:
        raise DataError(f"{entry.name}: {len(content) / 1e6:,.0f} MB are no captions of one picture")
    text = content.decode("utf-8-sig", "replace")
    if "\0" in text:
        raise DataError(f"{entry.name} holds no caption in UTF-8")
    return [line.strip() for line in text.splitlines() if line.strip()]


def table(rows: Sequence[Sequence[str]]) -> np.ndarray:
    """Rows of captions as one array, str (rows, most), filled up with empty ones."""
    made = np.full((len(rows), max(map(len, rows))), "", object)
    for at, row in enumerate(rows):
        made[at, : len(row)] = row
    return made


def are_tests(
    found: Entries, labels: np.ndarray | None, classes: Sequence[str]
) -> tuple[np.ndarray | None, list[Remark]]:
    """Which pictures are of test classes, bool (pictures,): those that a list names, else a fixed fifth of all; and
    what is to be said.

    None of pictures without classes. Raises: DataError for a list of other classes.
    """
    if labels is None or len(classes) < FEWEST_CLASSES:
        return None, []
    told = []
    if found.tests:
        named = found.tests[0].read().decode("utf-8-sig", "replace").split()
        strangers = sorted(set(named) - set(classes))
        if strangers:
            raise DataError(
                f"{found.tests[0].name} names '{strangers[0]}', which is none of the {len(classes)} classes"
            )
        if not 0 < len(set(named)) < len(classes):
            raise DataError(
                f"{found.tests[0].name} names {len(set(named))} of the {len(classes)} classes: some are needed"
            )
        chosen = [classes.index(name) for name in named]
    else:
        chosen = np.random.default_rng(0).permutation(len(classes))[: len(classes) // SHARE]
        names = some([classes[at] for at in sorted(chosen)])
        told.append(guessed(f"{len(chosen)} of {len(classes)} classes are kept for testing captions: {names}"))
    return np.isin(labels, chosen), told
