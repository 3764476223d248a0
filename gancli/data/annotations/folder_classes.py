"""Remarks on classes that are named by folders: strange names, names that differ by case alone, empty folders."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.data.annotations.folders.split_names import WORDS, split_of
from gancli.data.containers.source_files import SourceFiles, may_be_picture
from gancli.data.labels.class_names import folded
from gancli.data.remarks import Remark, guessed, left_out, some

_USES = (
    "images image imgs img masks mask labels label annotations annotation jpegimages pngimages segmentationclass "
    "segmentationobject groundtruth ground_truth gt hr lr photos pictures thumbnails thumbs"
)
NO_CLASSES = frozenset(_USES.split())  # folded names of folders that say what images are for rather than their class
UNLABELED = frozenset(("unknown", "unlabeled", "unlabelled", "unclassified", "unsup", "public", "private"))


def remarks_on_classes(labels: np.ndarray, classes: tuple[str, ...], is_train: np.ndarray) -> Iterator[Remark]:
    """Remarks on strange classes. labels: int (images,); is_train: bool (images,)."""
    unseen = sorted(set(range(len(classes))) - set(labels[is_train].tolist()))
    if unseen:
        yield left_out(f"classes without pictures to train on: {some([classes[at] for at in unseen])}")
    counts = Counter(map(folded, classes))
    twins = [name for name in classes if counts[folded(name)] > 1]
    if twins:
        yield guessed(f"{some(twins)}: taken for different classes, though their names differ only by case")
    if any(name.casefold() in NO_CLASSES for name in classes) or all(map(_names_use, classes)):
        yield guessed(f"the folders {some(classes)} are taken for classes, though their names do not look like classes")


def remarks_on_inner_folders(labels: np.ndarray, classes: tuple[str, ...], below: Sequence[str]) -> Iterator[Remark]:
    """A remark if every class holds the same folders, which may be the classes instead: photo/cat and sketch/cat.

    below: the folder inside that of the class in which each image lies, "" for none.
    """
    held: list[set[str]] = [set() for _ in classes]
    for name, label in zip(below, labels.tolist(), strict=True):
        held[label].add(name)
    inner = held[0] if held else set()
    if len(inner) > 1 and "" not in inner and all(one == inner for one in held):
        text = f"classes are the folders {some(classes)}, though each holds the same folders: {some(sorted(inner))}"
        yield guessed(text)


def remarks_on_empty_folders(empty: Sequence[tuple[str, ...]], entries: SourceFiles) -> Iterator[Remark]:
    """Remarks on folders without images beside those of classes; folders of other kinds of files matter less."""
    others = [file.name for file in (*entries.others, *entries.texts)]
    filled, likely = _all_folders(others), _all_folders(filter(may_be_picture, others))
    for matters in (True, False):  # an empty folder, or one with images of another format, may be a class
        names = ["/".join(place) for place in empty if matters == (place not in filled or place in likely)]
        if names:
            yield left_out(f"folders without pictures, no classes: {some(names)}", matters=matters)


def _all_folders(names: Iterable[str]) -> set[tuple[str, ...]]:
    return {folder.parts for name in names for folder in PurePosixPath(name).parents}


def names_no_class(name: str) -> bool:
    """Whether a folder of images to test on says by its name that they have no class: images, unknown, test."""
    return name.casefold() in NO_CLASSES or name.casefold() in UNLABELED or split_of(name) is not None


def _names_use(name: str) -> bool:
    """Whether a folder is called A or B, as domains are, or its name contains a split: train2017, DIV2K_valid_HR."""
    words = re.split(r"[\W\d_]+", name.lower())
    return name in ("A", "B") or any(word in WORDS or (word[:-1] in WORDS and word[-1] in "ab") for word in words)
