"""Attributes of CelebA's pictures, in the authors' list or as a table with commas."""

from __future__ import annotations

from dataclasses import replace

from gancli.data.annotations import celeba_attributes
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "CelebA's list of attributes"
EXAMPLE = "img_align_celeba/000001.jpg\nlist_attr_celeba.txt (or .csv)"
BECOMES = "images with 40 attributes of 0 and 1"
ORDER = 60


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Attributes of each picture; None without a list or pictures."""
    files = pictures.entries.named("list_attr_celeba.txt", "list_attr_celeba.csv")
    if not files or not pictures.pictures or "attributes" in pictures.settled:
        return None
    values, names, remarks = celeba_attributes.attributes_of(pictures.pictures, files)
    found = pictures if values is None else replace(pictures.with_columns(attributes=values), attributes=names)
    return found.with_remarks(*remarks).with_used(files)
