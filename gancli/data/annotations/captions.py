"""Captions: a text file for each image, one caption per line, beside it or in another folder.

Images and texts are matched by their names without suffix, `a/image_00001.jpg` and `a/image_00001.txt`; otherwise by
the stem alone, if it is unique. So is the layout of Reed et al. 2016: `jpg/image_00001.jpg` and
`text_c10/class_00077/image_00001.txt`, where the texts' folders are the classes.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import folder_layout
from gancli.data.containers.source_files import SourceFile
from gancli.data.images.bad_files import BadFile, listed
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import Remark, guessed, left_out, some
from gancli.data.texts import encodings
from gancli.data.texts.encodings import Text

LARGEST = 1_000_000  # bytes of one image's captions
NUMBER = re.compile(r"[-+]?[0-9.]+([eE][-+]?[0-9]+)?")
FEWEST_CLASSES, SHARE = 5, 5  # without a list of test classes, a fifth of at least five classes


def _stem(file: SourceFile) -> str:
    return file.stem


def _path(file: SourceFile) -> PurePosixPath:
    return PurePosixPath(file.name).with_suffix("")


class Captions(NamedTuple):
    """The captions of images, str (images, most), "" if an image has fewer.

    labels, classes: if the texts lie in folders of classes, the class of each, int32 (images,), else None and ().
    """

    captions: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...]


def captions_of(pictures: PictureSet, *, skip_bad: bool = False) -> tuple[Captions | None, PictureSet]:
    """The captions of images, None if there are none, or not for all images; and the images with remarks.

    skip_bad: whether images whose text cannot be read are left out; otherwise the captions of all are.
    """
    try:
        texts, unused = _match_texts(pictures.pictures, pictures.unused_texts())
        rows, bad, remarks = _read_all(texts)
        if texts and all(NUMBER.fullmatch(word) for row in rows for line in row for word in line.split()) and any(rows):
            raise DataError("the texts of pictures hold only numbers, as bounding boxes do")
    except DataError as error:
        return None, pictures.with_remarks(left_out(f"captions left out: {error}", column="caption"))
    found = replace(pictures.with_remarks(*remarks), bad=(*pictures.bad, *bad)) if remarks or bad else pictures
    if bad and not skip_bad:
        text = f"captions left out: {len(bad):,} of {len(texts):,} texts are bad: {listed(bad)}"
        return None, found.with_remarks(left_out(text, column="caption"))
    if bad:
        sound = [row for row, lines in enumerate(rows) if lines]
        text = f"{len(bad):,} of {len(texts):,} pictures left out, their texts are bad (--skip-bad): {listed(bad)}"
        found = found.select(sound).with_remarks(left_out(text))
        texts, rows = ([group[row] for row in sound] for group in (texts, rows))
    unused = [name for name in unused if name not in pictures.used]
    if unused:
        text = f"{len(unused):,} texts without a picture: {some(unused)}"
        found = found.with_remarks(left_out(text, matters=False))
    return (Captions(_pad_rows(rows), *folder_layout.classes_of(texts)) if texts else None), found


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


def _read_all(texts: Sequence[SourceFile]) -> tuple[list[list[str]], list[BadFile], list[Remark]]:
    """The captions of each text, none if it is bad; the bad ones with the reasons; remarks on encodings."""
    rows, bad, decoded = [], [], []
    for file in texts:
        try:
            text = _decode(file)
            decoded.append((file.name, text))
            rows.append([line.strip() for line in text.text.splitlines() if line.strip()])
            if not rows[-1]:
                bad.append((file.name, "holds no caption"))
        except (DataError, ValueError) as error:
            rows.append([])
            bad.append((file.name, str(error).removeprefix(f"{file.name}: ")))
    return rows, bad, encodings.remarks_on(decoded)


def _decode(file: SourceFile) -> Text:
    """A text. Raises: ValueError or DataError with the reason for what is no text, or too large."""
    if (file.size or 0) > LARGEST or len(content := file.read()) > LARGEST:
        raise ValueError(f"more than {LARGEST / 1e6:,.0f} MB are no captions of one picture")
    return encodings.decode(content)


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
