"""Sets of pictures with label maps: what becomes of the pictures once it is known which files are maps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import class_lists
from gancli.data.annotations.class_lists import ClassList
from gancli.data.annotations.label_map_folders import first_of, split_of_folder
from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps.map_matching import MapMatches
from gancli.data.picture_set import TRAIN, LabelMapFiles, PictureSet
from gancli.data.remarks import left_out, some
from gancli.data.request import Request

LARGEST_LIST = 50_000_000  # bytes
SETTLED = frozenset({"map", "tests", "labels", "captions", "attributes"})


def with_maps(
    pictures: PictureSet,
    request: Request,
    matches: MapMatches,
    *,
    split_of: Callable[[SourceFile], int | None] | None = None,
    published: ClassList | None = None,
    can_resize: bool = False,
) -> PictureSet:
    """The pictures that have a label map. split_of: the split of a picture, None for one that no list of splits names.

    published: the classes by the set's publication, used unless a list lies beside the pictures. Without a list of
    splits, folders name them. Raises: DataError if maps do not match and the request does not leave them.
    """
    if request.alone:
        return without_maps(pictures, matches)
    found = [file for file in pictures.pictures if file.name in matches.pairs]
    splits = {file.name: (split_of or by_folder)(file) for file in found}
    unlisted = {name for name, split in splits.items() if split is None}
    problem = matches.problem
    if unlisted and len(unlisted) == len(splits) and not problem:
        problem = f"no list of splits names {first_of(sorted(unlisted))}: expected lists of these pictures, or none"
    if problem:
        if not request.can_leave_maps:
            raise DataError(f"{pictures.entries.path}: {problem}")
        why = left_out(f"label maps left out: {problem}", column="map")
        return without_maps(pictures, matches).with_remarks(why)
    rows = [row for row, file in enumerate(pictures.pictures) if splits.get(file.name) is not None]
    chosen = np.array([splits[pictures.pictures[row].name] for row in rows], np.uint8)
    maps = [matches.pairs[pictures.pictures[row].name] for row in rows]
    kept = replace(
        pictures.select(rows),
        columns={"tests": chosen if (chosen == TRAIN).any() else np.zeros_like(chosen)},
        label_maps=LabelMapFiles(maps, _class_list(pictures, published), can_resize),
        settled=pictures.settled | SETTLED,
    )
    kept = _with_remarks(kept, pictures, matches, unlisted)
    lists = [file for file in pictures.entries.files if class_lists.is_list(file)]
    return kept.with_used([*matches.annotations, *matches.pairs.values(), *lists])


def without_maps(pictures: PictureSet, matches: MapMatches) -> PictureSet:
    """The pictures without any of the files that are annotation; there are no maps then."""
    gone = {file.name for file in matches.annotations}
    rows = [row for row, file in enumerate(pictures.pictures) if file.name not in gone]
    found = replace(pictures.select(rows), settled=pictures.settled | {"map"})
    count = len(pictures.pictures) - len(rows)
    if count:
        text = f"{count:,} label maps and drawings of annotation are no pictures"
        found = found.with_remarks(left_out(text, matters=not rows))
    return found.with_used(matches.annotations)


def with_labels(pictures: PictureSet, request: Request, matches: MapMatches, labels: str) -> PictureSet:
    """The pictures of a set that has labels too, without its maps. labels: what the pictures have instead."""
    found = without_maps(pictures, matches)
    if request.alone:
        return found
    text = f"label maps not used, which only models of label maps take: {labels}"
    return found.with_remarks(left_out(text, matters=False, column="map"))


def by_folder(file: SourceFile) -> int:
    """The split of a picture by its folders."""
    return split_of_folder(PurePosixPath(file.name).parent)


def names_in(files: Sequence[SourceFile], *names: str) -> dict[str, SourceFile]:
    """The first of the files with each of these names, in lower case, by the name."""
    found: dict[str, SourceFile] = {}
    for file in files:
        if file.base in names:
            found.setdefault(file.base, file)
    return found


def lines_of(file: SourceFile | None) -> list[str]:
    """The lines of a list with something in them; none for no file. Raises: DataError for a file that is no list."""
    if file and (file.size or 0) > LARGEST_LIST:
        raise DataError(f"{file.name}: {file.size:,} bytes; expected a list of {LARGEST_LIST:,} at most")
    text = file.read().decode("utf-8-sig", "replace") if file else ""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _class_list(pictures: PictureSet, published: ClassList | None) -> ClassList | None:
    """The published classes, unless a list beside the pictures says more."""
    try:
        beside = published and class_lists.find(pictures.entries.files)
    except DataError:  # a malformed list is an error once maps are read
        return None
    return None if beside else published


def _with_remarks(kept: PictureSet, pictures: PictureSet, matches: MapMatches, unlisted: set[str]) -> PictureSet:
    used = {*(file.name for file in kept.pictures), *(file.name for file in kept.label_maps.files), *unlisted}
    drawings = {file.name for file in matches.annotations} - used
    lacking = [file.name for file in matches.lacking]
    rest = [file.name for file in pictures.pictures if file.name not in used | drawings | {*lacking}]
    reasons = {
        "pictures in folders without label maps": (rest, True),
        "pictures without a label map": (lacking, True),
        "pictures that no list of splits names": (sorted(unlisted), True),
        "drawings of annotation, neither pictures nor the label maps that are read": (sorted(drawings), False),
    }
    return kept.with_remarks(
        *(
            left_out(f"{len(names):,} {what}, left out: {some(names)}", matters=matters)
            for what, (names, matters) in reasons.items()
            if names
        )
    )
