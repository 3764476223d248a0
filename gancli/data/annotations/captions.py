"""Captions: a text file for each image, one caption per line, beside it or in another folder.

Images and texts are matched by their names without suffix, `a/image_00001.jpg` and `a/image_00001.txt`; otherwise by
the stem alone, if it is unique. So is the layout of Reed et al. 2016: `jpg/image_00001.jpg` and
`text_c10/class_00077/image_00001.txt`, where the texts' folders are the classes.
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
from gancli.data.containers.source_files import SourceFile
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import Remark, guessed, left_out, some

LARGEST = 1_000_000  # bytes of one image's captions
NUMBER = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?")
FEWEST_CLASSES, SHARE = 5, 5  # without a list of test classes, a fifth of at least five classes


def _stem(file: SourceFile) -> str:
    return PurePosixPath(file.name).stem


def _path(file: SourceFile) -> PurePosixPath:
    return PurePosixPath(file.name).with_suffix("")


class Captions(NamedTuple):
    """The captions of images, str (images, most), "" if an image has fewer.

    labels, classes: if the texts lie in folders of classes, the class of each, int32 (images,), else None and ().
    """

    captions: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...]


def captions_of(pictures: PictureSet) -> tuple[Captions | None, list[Remark]]:
    """The captions of images, and remarks; None if there are none, or not for all images."""
    try:
        texts, unused = _match_texts(pictures.pictures, pictures.unused_texts())
        rows = [_lines(file) for file in texts]
        if texts and all(NUMBER.fullmatch(word) for row in rows for line in row for word in line.split()):
            raise DataError("the texts of pictures hold only numbers, as bounding boxes do")
        empty = [file.name for file, row in zip(texts, rows, strict=True) if not row]
        if empty:
            raise DataError(f"{empty[0]} holds no caption in UTF-8")
    except DataError as error:
        return None, [left_out(f"captions left out: {error}", column="caption")]
    unused = [name for name in unused if name not in pictures.used]
    remarks = [left_out(f"{len(unused):,} texts without a picture: {some(unused)}", matters=False)] if unused else []
    return (Captions(_pad_rows(rows), *folder_layout.classes_of(texts)) if texts else None), remarks


def _match_texts(files: Sequence[SourceFile], found: Sequence[SourceFile]) -> tuple[list[SourceFile], list[str]]:
    """The text of each image, in the images' order, none if no text belongs to any; and the names of other texts.

    Raises: DataError if some images have a text and others have none, or if a text is ambiguous.
    """
    if not found:
        return [], []
    by_path = {_path(file): file for file in found}
    by_stem = {_stem(file): file for file in found}
    pictures, texts = (Counter(map(_stem, group)) for group in (files, found))
    matches = [by_path.get(_path(file)) or by_stem.get(_stem(file)) for file in files]
    for file in files:
        stem = _stem(file)
        if _path(file) not in by_path and texts[stem] and max(pictures[stem], texts[stem]) > 1:
            raise DataError(f"several files are called {stem}: it is not clear which text belongs to {file.name}")
    lacking = [f"{_stem(file)}.txt" for file, text in zip(files, matches, strict=True) if text is None]
    if len(lacking) == len(files):
        return [], [file.name for file in found]
    if lacking:
        count = f"{len(lacking):,} of {len(matches):,} pictures have none"
        raise DataError(f"{count}, there is no {some(lacking, 1)}")
    used = {file.name for file in matches}
    return matches, [file.name for file in found if file.name not in used]


def _lines(file: SourceFile) -> list[str]:
    """The captions of a text, none if it is empty. Raises: DataError for what is not text in UTF-8."""
    content = file.read()
    if len(content) > LARGEST:
        raise DataError(f"{file.name}: {len(content) / 1e6:,.0f} MB are no captions of one picture")
    text = content.decode("utf-8-sig", "replace")
    if "\0" in text:
        raise DataError(f"{file.name} holds no caption in UTF-8")
    return [line.strip() for line in text.splitlines() if line.strip()]


def _pad_rows(rows: Sequence[Sequence[str]]) -> np.ndarray:
    """Rows of captions as one array, str (rows, most), padded with empty ones."""
    padded = np.full((len(rows), max(map(len, rows))), "", object)
    for at, row in enumerate(rows):
        padded[at, : len(row)] = row
    return padded


def choose_tests(pictures: PictureSet) -> tuple[np.ndarray | None, list[Remark]]:
    """Which images belong to test classes, bool (images,), and remarks.

    Test classes are those that a list names, else a fixed fifth of all. None for images without classes.
    Raises: DataError for a list of other classes.
    """
    labels, classes = pictures.columns.get("labels"), pictures.classes
    if labels is None or len(classes) < FEWEST_CLASSES:
        return None, []
    remarks = []
    if lists := pictures.entries.named("testclasses.txt"):
        file = lists[0]
        names = file.read().decode("utf-8-sig", "replace").split()
        unknown = sorted(set(names) - set(classes))
        if unknown:
            raise DataError(f"{file.name} names '{unknown[0]}', which is none of the {len(classes)} classes")
        if not 0 < len(set(names)) < len(classes):
            raise DataError(
                f"{file.name} names {len(set(names))} of the {len(classes)} classes: expected some, not all"
            )
        chosen = [classes.index(name) for name in names]
    else:
        chosen = np.random.default_rng(0).permutation(len(classes))[: len(classes) // SHARE]
        names = some([classes[at] for at in sorted(chosen)])
        remarks.append(guessed(f"{len(chosen)} of {len(classes)} classes are kept for testing captions: {names}"))
    return np.isin(labels, chosen), remarks
