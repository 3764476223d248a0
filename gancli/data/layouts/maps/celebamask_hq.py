"""CelebAMask-HQ: faces of CelebA-HQ with one binary file for each part of a face."""

from __future__ import annotations

import functools
import io
import re
from dataclasses import replace
from pathlib import PurePosixPath

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.core.options import whole
from gancli.data.annotations import celeba_attributes, label_map_files
from gancli.data.annotations.label_map_folders import first_of
from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps import map_sets, published_classes
from gancli.data.layouts.maps.map_matching import MapMatches
from gancli.data.layouts.maps.published_classes import PARTS
from gancli.data.picture_set import TEST, TRAIN, VALIDATION, PictureSet
from gancli.data.remarks import changed
from gancli.data.request import Request

NAME = "CelebAMask-HQ"
EXAMPLE = (
    "CelebA-HQ-img/0.jpg\nCelebAMask-HQ-mask-anno/0/00000_hair.png (and 17 other parts)\n"
    "CelebA-HQ-to-CelebA-mapping.txt, CelebAMask-HQ-attribute-anno.txt"
)
BECOMES = (
    "images with label maps of 19 classes, merged from the parts; for models that need no maps, with 40 attributes"
)
ORDER, ALONE = 26, True
PART = re.compile(rf"(\d{{5}})_({'|'.join(PARTS)})")
FIRST_VALIDATION, FIRST_TEST = 162_771, 182_638  # numbers of CelebA's pictures, by its list_eval_partition.txt
ATTRIBUTES, MAPPING = "celebamask-hq-attribute-anno.txt", "celeba-hq-to-celeba-mapping.txt"
LARGEST = 202_599  # number of a picture in CelebA


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with merged maps, or with attributes if no maps are needed. Raises: DataError for parts of others."""
    endings = tuple(f"_{part}.png" for part in PARTS)
    if "map" in pictures.settled or not any(file.name.lower().endswith(endings) for file in pictures.pictures):
        return None
    parts: dict[int, dict[str, SourceFile]] = {}
    annotations, images = [], []
    for file in pictures.pictures:
        match = PART.fullmatch(file.stem)
        (annotations if match else images).append(file)
        if match:
            parts.setdefault(int(match[1]), {})[match[2]] = file
    if not annotations:
        return None
    faces = {file: int(file.stem) for file in images if file.stem.isdecimal()}
    pairs = {file.name: _merged(parts[face]) for file, face in faces.items() if face in parts}
    lacking = [file.name for file in images if file.name not in pairs]
    extra = [next(iter(parts[face].values())).name for face in sorted(parts.keys() - set(faces.values()))]
    problem = f"{first_of(lacking)}: no part of a face of that number in CelebAMask-HQ-mask-anno" if lacking else ""
    problem = problem or (f"{first_of(extra)}: a part of a face without a picture of that number" if extra else "")
    matches = MapMatches(pairs, annotations, problem, sources=frozenset(file.name for file in annotations))
    tables = map_sets.names_in(pictures.entries.texts, ATTRIBUTES, MAPPING)
    splits = _splits(tables.get(MAPPING))
    if request.alone:
        return map_sets.without_maps(pictures, matches)
    if request.needs_maps is False and not request.wants_maps and ATTRIBUTES in tables and images:
        found = map_sets.with_labels(pictures, request, matches, "pictures have attributes")
        return _with_attributes(found, tables[ATTRIBUTES], splits).with_used(tables.values())
    found = map_sets.with_maps(
        pictures,
        request,
        matches,
        split_of=(lambda file: splits.get(faces[file], TRAIN)) if splits else None,
        published=published_classes.face_parts(),
        can_resize=True,
    )
    if found.label_maps:
        text = "files of parts of a face are merged, later ones in the published order over earlier ones"
        found = found.with_remarks(changed(text, matters=False))
    return found.with_used(tables.values())


def _with_attributes(pictures: PictureSet, table: SourceFile, splits: dict[int, int]) -> PictureSet:
    values, names, remarks = celeba_attributes.attributes_of(pictures.pictures, [table])
    tests = [
        splits.get(int(stem), TRAIN) if (stem := PurePosixPath(file.name).stem).isdecimal() else TRAIN
        for file in pictures.pictures
    ]
    found = pictures.with_remarks(*remarks).with_columns(labels=None, captions=None)
    if splits and TRAIN in tests:
        found = found.with_columns(tests=np.array(tests, np.uint8))
    return found if values is None else replace(found.with_columns(attributes=values), attributes=names)


def _splits(table: SourceFile | None) -> dict[int, int]:
    """The split of each face, by the number that its picture has in CelebA."""
    found = {}
    for line in map_sets.lines_of(table):
        words = line.split()
        face, picture = (whole(word, LARGEST) for word in words[:2]) if len(words) > 1 else (None, None)
        if face is not None and picture is not None:
            found[face] = VALIDATION if FIRST_VALIDATION <= picture < FIRST_TEST else TRAIN
            found[face] = TEST if picture >= FIRST_TEST else found[face]
    return found


def _merged(parts: dict[str, SourceFile]) -> SourceFile:
    """The label map of one face as a file that is made when it is read."""
    first = next(iter(parts.values()))
    name = f"{first.name.rpartition('/')[0]}/{PurePosixPath(first.name).stem[:5]}.png"
    return SourceFile(name, functools.partial(_merge, parts))


def _merge(parts: dict[str, SourceFile]) -> bytes:
    """A PNG of class numbers. Raises: DataError for a part that cannot be read or differs in size."""
    found = None
    for number, part in enumerate(PARTS, start=1):
        if part in parts:
            decoded = label_map_files.decode(parts[part])
            values = decoded.colors if decoded.numbers is None else decoded.numbers
            found = np.zeros(values.shape, np.uint8) if found is None else found
            if found.shape != values.shape:
                size, other = (f"{shape[1]}x{shape[0]}" for shape in (values.shape, found.shape))
                raise DataError(f"{parts[part].name}: {size} pixels, and other parts of this face have {other}")
            found[values > 0] = number
    buffer = io.BytesIO()
    Image.fromarray(found).save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()
