"""Match label maps with their pictures by the names of folders and files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from gancli.data.annotations.label_map_folders import (
    ENDINGS,
    OTHERS,
    choose_folders,
    empty_folders,
    first_of,
    folders_of_images,
    is_map_folder,
    pair_names,
)
from gancli.data.containers.source_files import SourceFile


@dataclass(frozen=True)
class MapMatches:
    """Which files are label maps. pairs: the map of each picture, by the picture's name; annotations: all files that
    are no pictures: maps, also those without a picture, and drawings of them; problem: what does not match, in words,
    else empty; lacking: pictures without a map, where the layout allows some.
    """

    pairs: Mapping[str, SourceFile]
    annotations: Sequence[SourceFile]
    problem: str = ""
    lacking: Sequence[SourceFile] = field(default_factory=list)


def find(files: Sequence[SourceFile], folders: Iterable[str] = ()) -> MapMatches | None:
    """The label maps among picture files; None if there are none. folders: names of folders without any file."""
    by_folder: dict[str, list[SourceFile]] = {}
    for file in files:
        by_folder.setdefault(file.name.rpartition("/")[0], []).append(file)
    owners = folders_of_images(by_folder)
    chosen = choose_folders(owners)
    if not owners and files and all(is_map_folder(folder) for folder in by_folder):
        names = first_of([file.name for file in files])
        problem = f"{names}: label maps without pictures: expected pictures in a folder beside them, such as images"
        problem += f" (to read maps as pictures, give the folder {files[0].name.rpartition('/')[0]} itself)"
        return MapMatches({}, files, problem)
    pairs: dict[str, SourceFile] = {}
    annotations = [file for folder in owners for file in by_folder[folder]]
    problems = empty_folders(by_folder, folders, owners)
    for images, maps in chosen.items():
        problems.append(_match(by_folder[images], by_folder[maps], maps, pairs))
    if not owners:
        for folder, inside in by_folder.items():
            problems.append(_match_inside(inside, folder, pairs, annotations))
    if not pairs and not annotations and not any(problems):
        return None
    return MapMatches(pairs, annotations, next(filter(None, problems), ""))


def match_files(images: Sequence[SourceFile], maps: Sequence[SourceFile], endings: tuple[str, str]) -> MapMatches:
    """Pictures and label maps that the layout separates, by names without these endings (in lower case)."""
    pairs, lacking, extra, problem = pair_names(images, maps, endings)
    if lacking and not problem:
        problem = f"{first_of([file.name for file in lacking])}: no label map of that name"
    if extra and not problem:
        problem = f"{first_of([file.name for file in extra])}: a label map without a picture of that name"
    return MapMatches(pairs, list(maps), problem)


def _match(images: list[SourceFile], maps: list[SourceFile], folder: str, pairs: dict[str, SourceFile]) -> str:
    """Add the maps of the pictures in one folder to `pairs`. Returns: what does not match, or ""."""
    best = max(ENDINGS, key=lambda endings: len(pair_names(images, maps, endings)[0]))
    found, lacking, extra, problem = pair_names(images, maps, best)
    outside = [file for file in images if not file.stem.lower().endswith(best[0])]
    lacking += outside
    pairs |= found
    drawings = _drawings(maps, {PurePosixPath(name).stem for name in found})
    extra = [file for file in extra if file.name not in drawings]
    if problem:
        return problem
    if lacking:
        return f"{first_of([file.name for file in lacking])}: no label map of that name in {folder}"
    return f"{first_of([file.name for file in extra])}: a label map without a picture of that name" if extra else ""


def _drawings(files: Iterable[SourceFile], stems: set[str]) -> set[str]:
    """The names of files that show the annotation of pictures with these stems in another way."""
    found = set()
    for file in files:
        stem = file.stem
        found |= {file.name for ending in OTHERS if stem.lower().endswith(ending) and stem[: -len(ending)] in stems}
    return found


def _match_inside(
    files: list[SourceFile], folder: str, pairs: dict[str, SourceFile], annotations: list[SourceFile]
) -> str:
    """Add maps that lie beside their pictures in one folder. Returns: what does not match, or ""."""
    tails = tuple(ending for _, ending in ENDINGS if ending)
    if not any(file.name.rpartition(".")[0].lower().endswith(tails) for file in files):
        return ""
    best, hits = None, 0
    for endings in ENDINGS[1:]:
        maps = [file for file in files if file.stem.lower().endswith(endings[1])]
        inside = {file.name for file in maps}
        images = [file for file in files if file.name not in inside]
        found, lacking, extra, problem = pair_names(images, maps, endings)
        if len(found) > max(hits, len(images) // 2, len(extra)):
            best, hits = (found, maps, images, problem), len(found)
    if best is None:
        return ""
    found, maps, images, problem = best
    pairs |= found
    drawings = _drawings(images, {PurePosixPath(name).stem for name in found})
    annotations += [*maps, *(file for file in images if file.name in drawings)]
    used = {file.name for file in found.values()}
    lacking = [file.name for file in images if file.name not in found and file.name not in drawings]
    extra = [file.name for file in maps if file.name not in used]
    if problem or lacking:
        return problem or f"{first_of(lacking)}: no label map beside it, unlike others in {folder or 'the folder'}"
    return f"{first_of(extra)}: a label map without a picture of that name" if extra else ""
