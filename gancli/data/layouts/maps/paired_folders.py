"""Pictures and label maps in paired folders: SegNet's of CamVid, images and labels, and that of Pascal VOC."""

from __future__ import annotations

from dataclasses import replace

from gancli.core.errors import DataError
from gancli.data.annotations import label_map_folders
from gancli.data.picture_set import LabelMapFiles, PictureSet
from gancli.data.remarks import left_out
from gancli.data.request import Request

NAME = "pictures and label maps in paired folders"
EXAMPLE = "train/0001.png with trainannot/0001.png\nimages/a.jpg with labels/a.png (or masks, annotations)"
BECOMES = "images with label maps; a classes.txt names the classes"
ORDER, ALONE = 20, True


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps; maps are no pictures. Raises: DataError if they do not match and maps are needed."""
    if "map" in pictures.settled:
        return None
    try:
        pairs = label_map_folders.pair(pictures)
    except DataError as error:
        if request.needs_maps:
            raise
        images = label_map_folders.without_maps(pictures)
        rows = [row for row, file in enumerate(pictures.pictures) if file in images]
        remark = left_out(f"label maps left out: {error}", column="map")
        return replace(pictures.select(rows).with_remarks(remark), settled=pictures.settled | {"map"})
    if pairs is None:
        return None
    found = replace(
        pictures,
        pictures=pairs.pictures,
        columns={"tests": pairs.splits},
        label_maps=LabelMapFiles(pairs.maps),
        settled=pictures.settled | {"map", "tests", "labels", "captions", "attributes"},
    )
    return found.with_remarks(*pairs.remarks).with_used(pairs.maps)
