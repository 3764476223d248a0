"""Two domains of pictures for translation, in the folders of CycleGAN's data sets."""

from __future__ import annotations

from dataclasses import replace

from gancli.data.annotations import image_domains
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "two domains of pictures"
EXAMPLE = "trainA/0.jpg\ntrainB/0.jpg\ntestA/1.jpg (also A/train, B/train)"
BECOMES = "images with the classes A and B; testA and testB are the test split"
ORDER = 30


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures in a domain, with the domains as classes; None if folders do not name two."""
    domains = image_domains.domains_of(pictures.pictures)
    if domains is None or "labels" in pictures.settled:
        return None
    inside = {file.name for file in domains.pictures}
    found = pictures.select([row for row, file in enumerate(pictures.pictures) if file.name in inside])
    found = found.with_columns(labels=domains.labels, tests=domains.splits if domains.splits.any() else None)
    classes = image_domains.DOMAINS if domains.labels is not None else ()
    return replace(found, classes=classes).with_remarks(*domains.remarks)
