"""Captions: a text file for each picture, one caption a line, beside it or in a folder of its own.

Pictures and texts belong together by the last part of their names, without the ending: `image_00001.jpg` and
`image_00001.txt`. So does the layout of Reed et al. 2016: `jpg/image_00001.jpg` and
`text_c10/class_00077/image_00001.txt`, where the texts' folders are the classes.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import PurePosixPath

import numpy as np

from gancli.data.pictures import Entries, Entry
from gancli.errors import DataError

LARGEST = 1_000_000  # bytes of one picture's captions
FEWEST_CLASSES, SHARE = 5, 5  # where no list names the test classes, a fifth of at least five


def stem(entry: Entry) -> str:
    """What joins a picture and its text."""
    return PurePosixPath(entry.name).stem


def texts_of(found: Entries) -> list[Entry] | None:
    """The text of each picture, in the pictures' order; None where no text belongs to any.

    Raises: DataError where some pictures have a text and others none.
    """
    by_stem = {stem(entry): entry for entry in found.texts}
    lacking = [entry.name for entry in found.pictures if stem(entry) not in by_stem]
    if len(lacking) == len(found.pictures):
        return None
    if lacking:
        more = f" and {len(lacking) - 1:,} more" if lacking[1:] else ""
        raise DataError(f"some pictures have captions, and there is no {PurePosixPath(lacking[0]).stem}.txt{more}")
    return [by_stem[stem(entry)] for entry in found.pictures]


def read(entries: Sequence[Entry]) -> np.ndarray:
    """The captions in text files, str (files, most), "" where a file has fewer. Raises: DataError for one without."""
    return table([_lines(entry) for entry in entries])


def _lines(entry: Entry) -> list[str]:
    content = entry.read()
    if len(content) > LARGEST:
        raise DataError(f"{entry.name}: {len(content) / 1e6:,.0f} MB are no captions of one picture")
    lines = [line.strip() for line in content.decode("utf-8-sig", "replace").splitlines() if line.strip()]
    if not lines:
        raise DataError(f"{entry.name} holds no caption")
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
        chosen = [classes.index(name) for name in named]
    else:
        chosen = np.random.default_rng(0).permutation(len(classes))[: len(classes) // SHARE]
    return np.isin(labels, chosen)
