"""Pairs of images decoded into one HDF5 file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data.annotations import image_domains, label_maps
from gancli.data.annotations.image_domains import ImagePairs
from gancli.data.formats import hdf5
from gancli.data.formats.packing import DECODING, PackInputs
from gancli.data.images.image_survey import ImageSurvey
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import Remark, changed, some
from gancli.data.request import Request


def pack_pairs(pictures: PictureSet, out: Path, request: Request) -> None:
    """Decode pairs of images into one HDF5 file. Raises: DataError for an image without a partner."""
    mapped = pictures.label_maps
    pairs = _pairs_of(pictures)
    inputs = PackInputs.of(pictures, request, [*pairs.first, *(pairs.other or [])])
    if mapped and request.color == "gray":
        raise DataError(f"{pictures.entries.path}: label maps are shown in colors: leave --color gray out")
    is_double = not mapped and pairs.other is None
    side = _side(inputs, is_double=is_double)
    columns = {"tests": pairs.splits} if pairs.splits.any() else {}
    classes, remarks = None, ()
    if mapped:
        inputs = replace(inputs, color="rgb", request=replace(request, needs_maps=True))
        classes, remarks = inputs.classes()
        columns["maps"] = inputs.square_maps(classes, side)
        columns["others"] = label_maps.colored(columns["maps"], classes.palette)
    elif pairs.other is not None:
        columns["others"] = np.stack([inputs.decode(file, side)[0] for file in track(pairs.other, DECODING)])
        remarks = _difference_remarks(pairs, inputs.survey)
    else:
        columns["others"] = np.stack([inputs.decode(file, side, columns=2)[1] for file in track(pairs.first, DECODING)])
    images = (inputs.decode(file, side, columns=2 if is_double else 1)[0] for file in track(pairs.first, DECODING))
    sizes = () if is_double else inputs.size_remarks(side)
    remarks = (*sizes, *inputs.survey.remarks(), *pictures.remarks, *pairs.remarks, *remarks)
    shape = (len(pairs.first), side, side, inputs.channels)
    hdf5.write(out, images, shape, columns=columns, description=inputs.describe(remarks, classes))


def _pairs_of(pictures: PictureSet) -> ImagePairs:
    """Pictures and their partners, by a layout that names them, label maps, domains, or side by side."""
    if pictures.label_maps or pictures.partners:
        return ImagePairs(pictures.pictures, pictures.partners, pictures.splits, [])
    return image_domains.pairs_of(pictures)


def _side(inputs: PackInputs, *, is_double: bool) -> int:
    """The side of each image. Raises: DataError for double images that are not twice as wide as high."""
    request, sizes = inputs.request, inputs.survey.sizes
    if is_double and any(width != 2 * height for width, height in sizes):
        raise DataError(
            f"{inputs.where}: no pairs: no trainA and trainB, no label maps, no pictures twice as wide as high"
        )
    height = sizes.most_common(1)[0][0][1]
    return request.image_size or request.crop or request.side(height if is_double else inputs.survey.natural_side())


def _difference_remarks(pairs: ImagePairs, survey: ImageSurvey) -> tuple[Remark, ...]:
    """Remarks on pairs of different shapes, each cropped to its own center, which may not show the same; and on pairs
    with different EXIF orientations."""
    shapes, turns = [], []
    for first, other in zip(pairs.first, pairs.other or (), strict=True):
        (width, height), (wide, high) = survey.by_name[first.name], survey.by_name[other.name]
        if abs(width * high - wide * height) > max(width, height, wide, high):  # more than a pixel of one side
            shapes.append(f"{first.name} {width}x{height} with {other.name} {wide}x{high}")
        if survey.turns.get(first.name) != survey.turns.get(other.name):
            turns.append(first.name)
    texts = {
        f"{len(shapes):,} pairs of different shapes, each picture cropped to its own center square": shapes,
        f"{len(turns):,} pairs in which EXIF rotates only one picture": turns,
    }
    return tuple(changed(f"{text}: {some(names)}") for text, names in texts.items() if names)
