"""Labels in a dataset.json beside numbered folders, as StyleGAN's dataset_tool.py writes them."""

from __future__ import annotations

from dataclasses import replace

from gancli.data.annotations import stylegan_labels
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "dataset.json of StyleGAN"
EXAMPLE = "00000/img00000000.png\ndataset.json"
BECOMES = "images with the labels of dataset.json; the numbered folders are no classes"
ORDER = 40


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Labels of a dataset.json, or none if it says so; None if there is no such file."""
    files = pictures.entries.named("dataset.json")
    if not files or "labels" in pictures.settled:
        return None
    table, remarks = stylegan_labels.read_tables(files)
    found = pictures.with_remarks(*remarks).with_used(files)
    if table is None:
        return found
    labels, classes, remark = stylegan_labels.classes_of(table, pictures.pictures)
    return replace(found.with_columns(labels=labels), classes=classes).with_remarks(remark)
