"""What the keys of arrays and the names of their files say: the part of a data set, and the kind of column.

Keys in use: x_train, trainX, train_images (MedMNIST), X and y (SVHN), data and target (scikit-learn), imgs (dSprites),
fea and gnd (faces and digits in MATLAB files), arr_0 (what numpy.savez names first), `dataset.train.images` (EMNIST).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from gancli.data.annotations.folders.split_names import WORDS
from gancli.data.picture_set import PARTS as NAMES_OF_PARTS

PARTS = {word: NAMES_OF_PARTS[split] for word, split in WORDS.items()}  # of each word that says a part
PARTS |= {"tr": "train", "trainset": "train", "te": "test", "testset": "test", "t10k": "test", "extra": "extra"}
IMAGES = (  # the likelier ones first
    "images",
    "image",
    "imgs",
    "img",
    "x",
    "faces",
    "face",
    "samples",
    "sample",
    "photos",
    "digits",
    "pixels",
    "data",
    "fea",
    "features",
    "arr_0",
)
LABELS = (
    "labels",
    "label",
    "y",
    "lbls",
    "fine",
    "targets",
    "target",
    "gnd",
    "classes",
    "class",
    "digit",
    "arr_1",
)
NAMES = ("classnames", "labelnames", "targetnames", "finelabelnames", "classes", "names")
BATCH = re.compile(r"\d+$")
GLUED = re.compile(r"(train|test|val|tr|te)(x|y|data|images?|labels?)|(x|y|data|images?|labels?)(train|test|val|tr|te)")


class Meaning(NamedTuple):
    """What a key means. part: "" if it says none. column: "image", "label" or "". rank: lower is likelier; batch: the
    key without a number at its end."""

    part: str
    column: str
    rank: int
    batch: str


def meaning_of(key: str) -> Meaning:
    """What a key means, such as `train_images`; before a slash or a dot are groups, folders and files that hold it.

    The key itself comes before what holds it, which decides the column only for keys that say a part (`images/train`)
    and for the files of `arr_0`.
    """
    *above, own = re.split(r"[/.]", key)
    levels = [words_of(own), *(words_of(text) for text in reversed(above))]
    part = next((found for words in levels if (found := _part(words))), "")
    column, rank = "", 0
    is_part = all(_part([word]) or word.isdigit() for word in levels[0])
    for words in levels if is_part else levels[:1]:
        column, rank = _column(words)
        if column:
            break
    if own.lower() in ("arr_0", "arr_1"):  # a file's name says more than this
        named = next((pair for words in levels[1:] if (pair := _column(words))[0] == "label"), None)
        column, rank = named or (("image", len(IMAGES)) if own.lower() == "arr_0" else ("label", len(LABELS)))
    if not column and len(levels[0]) == 1 and _part(levels[0]):  # train, valid, test
        column, rank = "image", len(IMAGES)
    return Meaning(part, column, rank, BATCH.sub("#", f"{'/'.join(above)}") + "/" + own)


def words_of(text: str) -> list[str]:
    """The words of a name in lower case: trainX and train-x are train and x."""
    spaced = re.sub(r"([a-z])([A-Z])", r"\1 \2", text)
    words = re.findall(r"[a-z0-9]+", spaced.lower())
    return [part for word in words for part in (_unglued(word) or [word])]


def part_of(name: str) -> str:
    """The part of a data set that a name says, "" if none."""
    return _part(words_of(name))


def _unglued(word: str) -> list[str]:
    found = GLUED.fullmatch(word)
    return [part for part in found.groups() if part] if found else []


def _part(words: list[str]) -> str:
    return next((PARTS[word] for word in reversed(words) if word in PARTS), "")


def _column(words: list[str]) -> tuple[str, int]:
    """The kind of column and its rank: labels of images are labels."""
    for column, known in (("label", LABELS), ("image", IMAGES)):
        found = [known.index(word) for word in words if word in known]
        if found:
            return column, min(found)
    return "", 0


def are_names(key: str) -> bool:
    """Whether a key names the classes, such as class_names."""
    return "".join(words_of(re.split(r"[/.]", key)[-1])) in NAMES
