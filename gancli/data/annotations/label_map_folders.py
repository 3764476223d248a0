"""Label maps among picture files, found by the names of folders and files.

A folder of maps lies beside its folder of pictures, anywhere in the path: `X` and `Xannot` or `X_labels`, `images` and
`masks`, `images_prepped_train` and `annotations_prepped_train`, or any folder beside `masks` with the same names in it.
The map of `0001.jpg` is called `0001`, or has an ending of `ENDINGS`, `0001_mask.png`, and may then lie beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import PurePosixPath

from gancli.data.annotations import folder_layout
from gancli.data.containers.source_files import SourceFile
from gancli.data.picture_set import TRAIN

IMAGES = ("images", "image", "imgs", "img")
MAPS = ("labels", "label", "masks", "mask", "annotations", "annotation", "segmentations", "segmentation")
MAPS += ("groundtruth", "ground_truth", "gt")
ONLY_MAPS = ("segmentationclass", "segmentationclasspng", "segmentationobject", "gtfine", "gtcoarse", "trimaps")
FOLDER_ENDINGS = ("annot", "_annot", "-annot", *(f"_{word}" for word in MAPS if word != "gt"))
ENDINGS = (  # of the names of a picture and of its map, in lower case
    ("", ""),
    *(("", f"_{word}") for word in ("mask", "masks", "l", "p", "seg", "segmentation", "label", "labels", "gt")),
    *(("", f"_{word}") for word in ("gtfine_labelids", "labelids", "groundtruth", "annotation")),
    ("", "-mask"),
    ("_rgb", "_label"),  # plants of CVPPP
    ("_sat", "_mask"),  # DeepGlobe's roads
    *((f"_{word}", "_mask") for word in ("image", "img", "rgb")),
)
OTHERS = ("_color", "_colors", "_instanceids", "_instances", "_overlay", "_vis", "_superpixels", "_fg", "_centers")
MOST_BESIDE = 20  # folders beside one that may hold label maps; among more it is a class
WORDS = re.compile(r"[\W_]+")


def pair_names(
    images: Iterable[SourceFile], maps: Iterable[SourceFile], endings: tuple[str, str]
) -> tuple[dict[str, SourceFile], list[SourceFile], list[SourceFile], str]:
    """Pictures and maps by their names without these endings, in lower case.

    Returns: the map of each picture by its name, pictures without a map, maps without a picture, and a problem or "".
    """
    problem = ""
    sides: list[dict[str, SourceFile]] = [{}, {}]
    for side, files, ending in zip(sides, (images, maps), endings, strict=True):
        for file in files:
            stem = stem_of(file)
            key = stem[: len(stem) - len(ending)]
            if stem.lower().endswith(ending) and key:
                twin = side.setdefault(key, file)
                if twin is not file:
                    problem = problem or f"{twin.name} and {file.name}: it is not clear which one has the label map"
    found, known = sides
    pairs = {file.name: known[key] for key, file in found.items() if key in known}
    lacking = [file for key, file in found.items() if key not in known]
    return pairs, lacking, [file for key, file in known.items() if key not in found], problem


def best_endings(images: Sequence[SourceFile], maps: Sequence[SourceFile]) -> tuple[int, tuple[str, str]]:
    """The endings with which most pictures have a map, and how many have one."""
    stems = [{stem_of(file).lower() for file in files} for files in (images, maps)]
    best = (0, ENDINGS[0])
    for endings in ENDINGS:
        keys = [
            {stem[: len(stem) - len(ending)] for stem in some if stem.endswith(ending)}
            for some, ending in zip(stems, endings, strict=True)
        ]
        best = max(best, (len(keys[0] & keys[1]), endings), key=lambda one: one[0])
        if best[0] == len(stems[1]):
            break
    return best


def stem_of(file: SourceFile) -> str:
    """The name of a file without folders and suffix."""
    return file.name.rpartition("/")[2].rpartition(".")[0]


def first_of(names: Sequence[str]) -> str:
    """The first name, and how many more there are."""
    return names[0] + (f" and {len(names) - 1:,} more" if names[1:] else "")


def split_of_folder(folder: PurePosixPath) -> int:
    """The split that the last telling part of a folder's path names, alone or among other words, else TRAIN."""
    for part in folder.parts[::-1]:
        words = [part, *WORDS.split(part)]
        found = [split for word in words if (split := folder_layout.split_of(word)) is not None]
        if found:
            return found[0]
    return TRAIN


def is_map_folder(folder: str) -> bool:
    """Whether pictures in this folder can only be label maps."""
    parts = [part.lower() for part in PurePosixPath(folder).parts]
    return any(
        part in (*MAPS[:-1], *ONLY_MAPS) or part.endswith(("annot", "_annotations", "_labels")) for part in parts
    )


def folders_of_images(by_folder: Mapping[str, list[SourceFile]]) -> dict[str, str]:
    """Folders of label maps, and the folder of pictures that each belongs to."""
    by_name = {folder.lower(): folder for folder in by_folder}
    found, likely = {}, []
    for folder in by_folder:
        names = [name for name in _candidates(folder) if name.lower() in by_name and name.lower() != folder.lower()]
        names = [by_name[name.lower()] for name in names]
        if names and not _is_named_so(folder):  # dog_mask may be a class beside dog
            names = [name for name in names if best_endings(by_folder[name], by_folder[folder])[0]]
        if names:
            found[folder] = names[0]
        elif _map_words(folder):
            likely.append(folder)
    beside = _beside(folder for folder in by_folder if folder not in {*found, *likely}) if likely else {}
    for folder in likely:
        other = _sibling(folder, by_folder, beside)
        if other is not None:
            found[folder] = other
    return {folder: other for folder, other in found.items() if other not in found}


def _candidates(folder: str) -> Iterator[str]:
    """The folders whose pictures may have their label maps in this folder, by names alone."""
    parts = PurePosixPath(folder).parts
    for at, part in enumerate(parts):
        for name in _image_names(part.lower(), part):
            yield "/".join((*parts[:at], name, *parts[at + 1 :]))


def _image_names(lower: str, part: str) -> Iterator[str]:
    if lower in MAPS:
        yield from IMAGES
        return
    for ending in FOLDER_ENDINGS:
        if lower.endswith(ending) and len(lower) > len(ending):
            base = part[: len(part) - len(ending)]
            yield from (base, *(f"{base}_{word}" for word in IMAGES))
    for word in [word for word in MAPS if word in lower]:
        for other in IMAGES:
            yield re.sub(rf"(?<![a-z]){word}(?![a-z])", other, lower)


def _is_named_so(folder: str) -> bool:
    """Whether a part of the path is nothing but a word for label maps, or ends as SegNet's folders do."""
    return any(part in MAPS or part.endswith("annot") for part in folder.lower().split("/"))


def _map_words(folder: str) -> list[int]:
    """The positions in a path of folders whose names contain a word for label maps."""
    return [
        at
        for at, part in enumerate(PurePosixPath(folder.lower()).parts)
        if part in MAPS or set(WORDS.split(part)) & set(MAPS) or part.endswith("annot")
    ]


def _beside(folders: Iterable[str]) -> dict[tuple[str, str], list[str]]:
    """Folders by what stands before and behind each part of their paths; also by what may be inserted."""
    found: dict[tuple[str, str], list[str]] = {}
    for folder in folders:
        parts = folder.split("/") if folder else []
        places = {("/".join(parts[:at]), "/".join(parts[at + 1 :])) for at in range(len(parts))}
        places |= {("+" + "/".join(parts[:at]), "/".join(parts[at:])) for at in range(len(parts) + 1)}
        for place in places:
            found.setdefault(place, []).append(folder)
    return found


def _sibling(
    folder: str, by_folder: Mapping[str, list[SourceFile]], beside: Mapping[tuple[str, str], list[str]]
) -> str | None:
    """The only folder beside or around one of label maps with mostly the same names, if its own name allows it."""
    parts, maps = folder.split("/"), by_folder[folder]
    found: list[tuple[int, str]] = []
    for at in _map_words(folder):
        before, behind, name = "/".join(parts[:at]), "/".join(parts[at + 1 :]), parts[at].lower()
        around = beside.get(("+" + before, behind), []) if name in MAPS else []
        others = beside.get((before, behind), [])
        for other in [*around, *others] if len(others) <= MOST_BESIDE else around:
            is_around = other in around
            shared = 0 if is_around else _shared_words(name, other.split("/")[at].lower())
            if not (is_around or shared or name in MAPS):
                continue
            count = (max if is_around else min)(len(by_folder[other]), len(maps))
            if 2 * best_endings(by_folder[other], maps)[0] > count:
                found.append((shared, other))
    found = [one for one in found if one[0] == max(found)[0]]
    return found[0][1] if len(found) == 1 else None


def _shared_words(one: str, other: str) -> int:
    """How many words two names of folders share: 1 for train_masks and train_hq."""
    return len(set(filter(None, WORDS.split(one))) & set(filter(None, WORDS.split(other))))


def choose_folders(owners: Mapping[str, str]) -> dict[str, str]:
    """Of each folder of pictures, the folder of its label maps: the first by the order of words if there are more."""

    def rank(folder: str) -> tuple[int, str]:
        words = [MAPS.index(part) for part in PurePosixPath(folder.lower()).parts if part in MAPS]
        return min(words, default=-1), folder

    chosen: dict[str, str] = {}
    for maps in sorted(owners, key=rank):
        chosen.setdefault(owners[maps], maps)
    return {images: chosen[images] for images in sorted(chosen)}


def empty_folders(
    by_folder: Mapping[str, list[SourceFile]], folders: Iterable[str], owners: Mapping[str, str]
) -> list[str]:
    """A problem for each empty folder of label maps beside pictures. folders: names of folders without files."""
    by_name = {folder.lower(): folder for folder in by_folder}
    found = []
    for folder in folders:
        if folder in owners:
            continue
        images = next((by_name[name.lower()] for name in _candidates(folder) if name.lower() in by_name), None)
        if images is not None and is_map_folder(folder):
            found.append(
                f"{first_of([file.name for file in by_folder[images]])}: no label map of that name in {folder}"
            )
    return found
