"""Pictures and label maps in paired folders or under paired names."""

from __future__ import annotations

from pathlib import PurePosixPath

from gancli.data.annotations import folder_classes, folder_layout
from gancli.data.layouts.maps import map_matching, map_sets
from gancli.data.picture_set import PictureSet
from gancli.data.request import Request

NAME = "pictures and label maps in paired folders"
EXAMPLE = (
    "train/0001.png with trainannot/0001.png (or train_labels, train_masks)\n"
    "images/a.jpg with labels/a.png (or masks, annotations)\n"
    "images_prepped_train/a.jpg with annotations_prepped_train/a.png\n"
    "a.jpg with a_mask.png (or _L, _P, _seg, _label, _segmentation, _gt), beside it or in such a folder"
)
BECOMES = "images with label maps; a classes.txt, class_dict.csv or codes.txt names the classes"
ORDER, ALONE = 29, True
OF_OTHERS = ("labels", "label", "annotations", "annotation")  # folders for boxes and texts too


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with their maps; maps are no pictures. Raises: DataError if they do not match and maps are needed."""
    if "map" in pictures.settled:
        return None
    entries = pictures.entries
    filled = {str(above) for name in {file.name.rpartition("/")[0] for file in entries.files} for above in _all(name)}
    empty = [name for name in entries.folders if name not in filled]
    if not request.wants_maps:
        empty = [name for name in empty if PurePosixPath(name).name.lower() not in OF_OTHERS]
    matches = map_matching.find(pictures.pictures, empty)
    if matches is None:
        return None
    if request.can_leave_maps and not request.alone and _are_classes(map_sets.without_maps(pictures, matches)):
        return map_sets.with_labels(pictures, request, matches, "the folders are classes")
    return map_sets.with_maps(pictures, request, matches)


def _are_classes(pictures: PictureSet) -> bool:
    """Whether the folders of pictures are classes by their names, as benign and malignant are."""
    names = folder_layout.read_layout(pictures).classes
    return bool(names) and not any(map(folder_classes.names_no_class, names))


def _all(folder: str) -> tuple[PurePosixPath, ...]:
    return PurePosixPath(folder), *PurePosixPath(folder).parents
