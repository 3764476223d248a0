"""Oxford-IIIT Pet: pictures with breeds and trimaps."""

from __future__ import annotations

from dataclasses import replace

from gancli.core.backend import np
from gancli.core.options import whole
from gancli.data.annotations.label_map_folders import first_of, pair_names
from gancli.data.containers.source_files import SourceFile
from gancli.data.layouts.maps import map_sets, published_classes
from gancli.data.layouts.maps.map_matching import MapMatches
from gancli.data.picture_set import TEST, TRAIN, PictureSet
from gancli.data.request import Request

NAME = "Oxford-IIIT Pet"
EXAMPLE = "images/Abyssinian_1.jpg\nannotations/trimaps/Abyssinian_1.png\nannotations/trainval.txt, test.txt, list.txt"
BECOMES = "images with breeds as classes; for models of label maps, with trimaps of pet and background (3 is no label)"
ORDER, ALONE = 23, True
LISTS = ("trainval.txt", "test.txt", "list.txt")
BREEDS = 37


def annotate(pictures: PictureSet, request: Request) -> PictureSet | None:
    """Pictures with trimaps if maps are wanted, else with breeds. Raises: DataError for trimaps of other pictures."""
    maps = [file for file in pictures.pictures if "/trimaps/" in f"/{file.name}"]
    inside = {file.name for file in maps}
    images = [file for file in pictures.pictures if file.name not in inside]
    if "map" in pictures.settled or not maps or not images:
        return None
    pairs, lacking, extra, problem = pair_names(images, maps, ("", ""))
    if extra and not problem:
        problem = f"{first_of([file.name for file in extra])}: a trimap without a picture of that name"
    if not pairs and not problem:
        problem = f"{first_of([file.name for file in images])}: no trimap of that name"
    matches = MapMatches(pairs, maps, problem, lacking)
    lists = map_sets.names_in(pictures.entries.texts, *LISTS)
    splits = _numbers(lists.get("test.txt"), TEST) | _numbers(lists.get("trainval.txt"), TRAIN)
    if request.alone:
        return map_sets.without_maps(pictures, matches)
    if not request.wants_maps and lists:
        found = _with_breeds(map_sets.with_labels(pictures, request, matches, "pictures have breeds"), lists, splits)
    else:
        split_of = (lambda file: splits.get(file.stem)) if splits else None
        found = map_sets.with_maps(pictures, request, matches, split_of=split_of, published=published_classes.pets())
    return found.with_used(lists.values())


def _with_breeds(pictures: PictureSet, lists: dict[str, SourceFile], splits: dict[str, int]) -> PictureSet:
    """The pictures that a list of splits names, with their breeds as classes; all with list.txt alone."""
    breeds: dict[str, int] = {}
    for name in LISTS[::-1]:
        breeds |= _numbers(lists.get(name), None)
    known = splits.keys() & breeds.keys() if splits else breeds.keys()
    gone = [file for file in pictures.pictures if file.stem not in known]
    found = pictures.without(gone, "in no list of annotations")
    stems = [file.stem for file in found.pictures]
    numbers = sorted({breeds[stem] for stem in stems})
    names = {breeds[stem]: stem.rpartition("_")[0] for stem in stems}
    labels = np.array([numbers.index(breeds[stem]) for stem in stems], np.int32)
    tests = np.array([splits.get(stem, TRAIN) for stem in stems], np.uint8)
    if not stems:
        return found
    found = replace(
        found.with_columns(labels=labels, captions=None), classes=tuple(names[number] for number in numbers)
    )
    return found.with_columns(tests=tests if (tests == TRAIN).any() else None)


def _numbers(file: SourceFile | None, value: int | None) -> dict[str, int]:
    """For each picture in a list this value, or its breed from 1 to 37 if it is None."""
    found = {}
    for line in map_sets.lines_of(file):
        words = line.split()
        breed = whole(words[1], BREEDS, least=1) if len(words) == 4 else None
        if not line.startswith("#") and breed is not None:
            found[words[0]] = breed if value is None else value
    return found
