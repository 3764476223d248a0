"""Captions: a text file for each picture, one caption a line, beside it or in a folder of its own.

Pictures and texts belong together by their names without the ending, `a/image_00001.jpg` and `a/image_00001.txt`; or,
where that is not so, by the last part alone, if no other has it. So does the layout of Reed et al. 2016:
`jpg/image_00001.jpg` and `text_c10/class_00077/image_00001.txt`, where the texts' folders are the classes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from gancli.data.pictures import Entries, Entry
from gancli.errors import DataError

LARGEST = 1_000_000  # bytes of one picture's captions
FEWEST_CLASSES, SHARE = 5, 5  # where no list names the test classes, a fifth of at least five


def stem(entry: Entry) -> str:
    """The last part of a name, without the ending."""
    return PurePosixPath(entry.name).stem


def _path(entry: Entry) -> PurePosixPath:
    """The name without the ending."""
    return PurePosixPath(entry.name).with_suffix("")


def texts_of(found: Entries) -> list[Entry] | None:
    """The text of each picture, in the pictures' order; None where no text belongs to any.

    Raises: DataError where some pictures have a text and others none, or a text could be that of several.
    """
    beside = {_path(entry): entry for entry in found.texts}
    by_stem = {stem(entry): entry for entry in found.texts}
    pictures, texts = (Counter(map(stem, entries)) for entries in (found.pictures, found.texts))
    told = [beside.get(_path(entry)) or by_stem.get(stem(entry)) for entry in found.pictures]
    for entry in found.pictures:
        if _path(entry) not in beside and texts[stem(entry)] and max(pictures[stem(entry)], texts[stem(entry)]) > 1:
            raise DataError(f"several files are called {stem(entry)}: which text is that of {entry.name} is not clear")
    lacking = [entry.name for entry, text in zip(found.pictures, told, strict=True) if text is None]
    if len(lacking) == len(found.pictures):
        return None
    if lacking:
        more = f" and {len(lacking) - 1:,} more" if lacking[1:] else ""
        raise DataError(f"some pictures have captions, and there is no {PurePosixPath(lacking[0]).stem}.txt{more}")
    return told


def read(entries: Sequence[Entry]) -> np.ndarray:
    """The captions in text files, str (files, most), "" where a file has fewer. Raises: DataError for one without."""
    return table([_lines(entry) for entry in entries])


def _lines(entry: Entry) -> list[str]:
    content = entry.read()
    if len(content) > LARGEST:
        raise DataError(f"{entry.name}: {len(content) / 1e6:,.0f} MB are no captions of one picture")
    text = content.decode("utf-8-sig", "replace")
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    if not lines or "\0" in text:
        raise DataError(f"{entry.name} holds no caption in UTF-8")
    return lines


def table(rows: Sequence[Sequence[str]]) -> np.ndarray:
    """Rows of captions as one array, str (rows, most), filled up with empty ones."""
    made = np.full((len(rows), max(map(len, rows))), "", object)
    for at, row in enumerate(rows):
        made[at, : len(row)] = row
    return made


def are_tests(found: Entries, labels: np.ndarray | None, classes: Sequence[str]) -> np.ndarray | None:
    """Which pictures are of test classes, bool (pictures,): those that a list names, else a fixed fifth of all.

    None of pictures without classes. Raises: DataError for a list of other classes.
    """
    if labels is None or len(classes) < FEWEST_CLASSES:
        return None
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
    return np.isin(labels, chosen)
