"""Classes as the first word of each file's name, where nothing else gives labels."""

from __future__ import annotations

from dataclasses import replace

from gancli.data.annotations.folders import label_words
from gancli.data.picture_set import TRAIN, PictureSet
from gancli.data.remarks import guessed, some
from gancli.data.request import Request

NAME = "labels in the names of files"
EXAMPLE = "train/cat.0.jpg\ntrain/dog.0.jpg\ntest1/1.jpg"
BECOMES = "images with the words before the numbers as classes, if there are no other labels"
ORDER = 80


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Labels from names, if all training pictures have one and no other labels, maps or captions are known."""
    if pictures.columns.keys() & {"labels", "attributes", "captions"} or "labels" in pictures.settled:
        return None
    trained = pictures.splits == TRAIN
    first = next((file.name for file, is_trained in zip(pictures.pictures, trained, strict=True) if is_trained), "")
    if label_words.word_of(first) is None:
        return None
    words = [label_words.word_of(file.name) for file in pictures.pictures]
    if not label_words.are_classes([word for word, is_trained in zip(words, trained, strict=True) if is_trained]):
        return None
    known = {word for word, is_trained in zip(words, trained, strict=True) if is_trained}
    unknown = [file for file, word in zip(pictures.pictures, words, strict=True) if word not in known]
    found = pictures.without(unknown, "for testing, without a label in their names")
    labels, classes = label_words.number([word for word in words if word in known])
    remark = guessed(f"labels are the words that names of files begin with: {some(classes)}")
    kept = tuple(remark for remark in found.remarks if remark.column != "label")
    return replace(found.with_columns(labels=labels), classes=classes, remarks=(*kept, remark))
