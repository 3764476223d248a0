"""Two image domains, A and B, unpaired or in pairs, for image-to-image translation.

Unpaired, the layout of CycleGAN's data sets: folders `trainA` and `trainB`, and optionally `testA` and `testB` (and
`valA`, `valB`). In pairs: such folders with the same names in both, or `A/train` and `B/train`; images that hold both
domains side by side, as pix2pix's data sets do, in `train`, `val`, `test` or one folder; or images and their label
maps.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations.folder_layout import read_layout
from gancli.data.annotations.folders.split_names import WORDS
from gancli.data.annotations.label_map_folders import first_of
from gancli.data.containers.source_files import SourceFile
from gancli.data.picture_set import TRAIN, PictureSet
from gancli.data.remarks import Remark, left_out, some

DOMAINS = ("A", "B")
MAY_BE = re.compile("[AB]/")  # in the name of a file in a domain

Place: TypeAlias = tuple[int, int, PurePosixPath]  # domain, split, and name below their folders without suffix


class ImageDomains(NamedTuple):
    """Images in a domain. labels: the domain of each, 0 for A and 1 for B, int32 (images,), or None if a domain has
    none to train on; splits: uint8 (images,)."""

    pictures: list[SourceFile]
    labels: np.ndarray | None
    splits: np.ndarray
    remarks: list[Remark]


class ImagePairs(NamedTuple):
    """The images of the first domain, and those of the other in the same order, or None if each image holds both side
    by side. splits: uint8 (pairs,)."""

    first: list[SourceFile]
    other: list[SourceFile] | None
    splits: np.ndarray
    remarks: list[Remark]


def domains_of(files: Sequence[SourceFile]) -> ImageDomains | None:
    """The domains of images by their folders; None if folders do not name two. Images in neither are left out."""
    places = _places(files)
    domains = {place[0] for place in places if place}
    if not domains or (len(domains) < 2 and None in places):  # a folder called trainA among others
        return None
    remarks = _outside(files, places)
    inside = [file for file, place in zip(files, places, strict=True) if place]
    labels, splits = (np.array([place[which] for place in places if place]) for which in (0, 1))
    empty = [name for number, name in enumerate(DOMAINS) if not ((labels == number) & (splits == TRAIN)).any()]
    if empty:
        text = f"the domain {empty[0]} has no pictures to train on: expected some in train{empty[0]}"
        remarks.append(left_out(text, column="label"))
    if not (splits == TRAIN).any():
        splits = np.zeros_like(splits)
    return ImageDomains(inside, None if empty else labels.astype(np.int32), splits.astype(np.uint8), remarks)


def pairs_of(entries: PictureSet) -> ImagePairs:
    """Images in pairs. Raises: DataError for an image without a partner."""
    places = _places(entries.pictures)
    if not any(places):
        layout = read_layout(entries, by_class=False)
        return ImagePairs(layout.pictures, None, layout.splits, list(layout.remarks))
    sides: list[dict[tuple, SourceFile]] = [{}, {}]
    inside = [(place, file) for place, file in zip(places, entries.pictures, strict=True) if place]
    for (domain, *key), file in inside:
        twin = sides[domain].setdefault(tuple(key), file)
        if twin is not file:
            raise DataError(f"{twin.name} and {file.name}: it is not clear which one belongs to the pair")
    alone = [file.name for mine, others in (sides, sides[::-1]) for key, file in mine.items() if key not in others]
    if alone:
        raise DataError(f"{first_of(alone)}: no picture of that name in the other domain; pairs are needed")
    first, other = ([side[key] for key in sides[0]] for side in sides)
    splits = np.array([split for split, _ in sides[0]], np.uint8)
    return ImagePairs(first, other, splits, _outside(entries.pictures, places))


def _places(files: Sequence[SourceFile]) -> list[Place | None]:
    """Domain, split and name of each image by its folders; None for images in neither domain.

    `A` and `B` are domains only if both are at one depth and hold no further folders except splits, and if nothing but
    images lies beside them.
    """
    if not any(MAY_BE.search(file.name) for file in files):
        return [None] * len(files)
    paths = [PurePosixPath(file.name).with_suffix("") for file in files]
    depths = {at for path in paths for at, folder in enumerate(path.parts[:-1]) if folder in DOMAINS}
    inside = {at: [path for path in paths if len(path.parts) > at + 1] for at in depths}
    depths = {at for at in depths if all(_is_plain(path, at) for path in inside[at])}
    depths = {at for at in depths if {path.parts[at] for path in inside[at]} == set(DOMAINS)}
    return [_place(path, depths) for path in paths]


def _is_plain(path: PurePosixPath, at: int) -> bool:
    """Whether a path has a domain's folder at this depth, and below it at most a folder that names a split."""
    between = path.parts[at + 1 : -1]
    return len(path.parts) > at + 1 and path.parts[at] in DOMAINS and between[1:] == () and set(between) <= WORDS.keys()


def _place(path: PurePosixPath, depths: set[int]) -> Place | None:
    known = {f"{name}{side}": (number, split) for name, split in WORDS.items() for number, side in enumerate(DOMAINS)}
    for at, folder in enumerate(path.parts[:-1]):
        if folder in known:
            return (*known[folder], PurePosixPath(*path.parts[at + 1 :]))
        if at in depths:
            split = path.parts[at + 1] if at + 2 < len(path.parts) else "train"
            return DOMAINS.index(folder), WORDS[split], PurePosixPath(path.name)
    return None


def _outside(files: Sequence[SourceFile], places: Sequence[Place | None]) -> list[Remark]:
    """A remark on images in neither domain."""
    names = [file.name for file, place in zip(files, places, strict=True) if place is None]
    text = f"{len(names):,} of {len(places):,} pictures left out, in neither domain: {some(names)}"
    return [left_out(text)] if names else []
