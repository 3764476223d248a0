"""Low-resolution copies beside originals, in the folders of super-resolution sets; copies are left out."""

from __future__ import annotations

from gancli.data.annotations.folders import low_resolution
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import guessed
from gancli.data.request import Request

NAME = "originals and low-resolution copies"
EXAMPLE = (
    "DIV2K_train_HR/0001.png with DIV2K_train_LR_bicubic/X2/0001x2.png\n"
    "Set5/HR/baby.png with Set5/LR_bicubic/X4/babyx4.png\n"
    "image_SRF_4/img_001_SRF_4_HR.png with img_001_SRF_4_LR.png"
)
BECOMES = "the originals, each once; `eval-psnr --inputs given` enlarges the copies"
ORDER, ALONE = 10, True


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """The originals alone; None if names do not tell copies."""
    found = low_resolution.split(pictures.pictures)
    if found is None:
        return _without_classes(pictures)
    kept = pictures.without(found.low, "low-resolution copies of others, or results of methods")
    return kept.without(found.repeated, "the same originals again, cropped for another scale")


def _without_classes(pictures: PictureSet) -> PictureSet | None:
    """Copies alone, whose folders X2, X3 and X4 are no classes."""
    if not low_resolution.are_copies(pictures.pictures):
        return None
    text = "no labels: all pictures are low-resolution copies (X2/0001x2.png), and their originals are not here"
    return pictures.with_columns(labels=None).with_remarks(guessed(text, column="label"))
