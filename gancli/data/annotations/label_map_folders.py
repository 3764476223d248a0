"""Images and their label maps, paired by folders and file names.

Three layouts are supported: SegNet's of CamVid, `train/0001.png` and `trainannot/0001.png`; a pair of folders,
`images/0001.jpg` and `labels/0001.png` (or `masks`, `annotations`), with or without `train`, `val` and `test` inside;
and that of Pascal VOC, `JPEGImages` and `SegmentationClass` (or `SegmentationClassPNG`), where images without a map
are left out and `ImageSets/Segmentation/train.txt`, `val.txt` and `test.txt` assign the rest to splits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.picture_set import TEST, TRAIN, VALIDATION, PictureSet
from gancli.data.remarks import Remark, left_out, some

ANNOTATED = ("annot", "_annot", "-annot")  # suffixes of a folder's name
IMAGES, MAPS = ("images", "image", "imgs"), ("labels", "label", "masks", "mask", "annotations")
VOC, VOC_MAPS = "jpegimages", ("segmentationclass", "segmentationclasspng")
SPLITS = {"train": TRAIN, "test": TEST, "val": VALIDATION, "valid": VALIDATION, "validation": VALIDATION}

Place: TypeAlias = tuple[PurePosixPath, str]  # folder and stem of a file


class LabelMapPairs(NamedTuple):
    """Images, the label map of each, and the split of each, uint8 (images,): TRAIN, TEST or VALIDATION.

    remarks: on images that are not used.
    """

    pictures: list[SourceFile]
    maps: list[SourceFile]
    splits: np.ndarray
    remarks: tuple[Remark, ...] = ()


def pair(entries: PictureSet) -> LabelMapPairs | None:
    """The images that have a label map, in order; None if there is no folder of label maps.

    Raises: DataError for an image without a map, a map without an image, or an ambiguous name.
    """
    folders = _paired_folders(entries)
    if not folders:
        return None
    by_place = _by_place(entries.pictures)
    images = {place: file for place, file in by_place.items() if place[0] in folders}
    maps = {place: file for place, file in by_place.items() if place[0] in folders.values()}
    without_map = _check_pairs(images, maps, folders)
    images = {place: file for place, file in images.items() if file.name not in without_map}
    lists = _split_lists(entries.entries.texts, folders)
    splits = {file.name: _split_of(place, lists) for place, file in images.items()}
    unlisted = {name for name, split in splits.items() if split is None}
    if len(unlisted) == len(splits):  # the lists belong to another data set
        splits, unlisted = {file.name: split_of_folder(folder) for (folder, _), file in images.items()}, set()
    images = {place: file for place, file in images.items() if file.name not in unlisted}
    chosen = np.array([splits[file.name] for file in images.values()], np.uint8)
    unpaired = [file.name for (folder, _), file in by_place.items() if folder not in {*folders, *folders.values()}]
    reasons = {
        "pictures in folders without label maps": unpaired,
        "pictures without a label map": sorted(without_map),
        "pictures that no list in ImageSets names": sorted(unlisted),
    }
    return LabelMapPairs(
        list(images.values()),
        [maps[folders[folder], stem] for folder, stem in images],
        chosen if (chosen == TRAIN).any() else np.zeros_like(chosen),
        tuple(left_out(f"{len(names):,} {what}, left out: {some(names)}") for what, names in reasons.items() if names),
    )


def _by_place(files: Iterable[SourceFile]) -> dict[Place, SourceFile]:
    """Files by folder and stem. Raises: DataError for two files of one stem."""
    found: dict[Place, SourceFile] = {}
    for file in files:
        place = PurePosixPath(file.name).parent, PurePosixPath(file.name).stem
        if place in found:
            raise DataError(f"{found[place].name} and {file.name}: it is not clear which one has the label map")
        found[place] = file
    return found


def _check_pairs(
    images: Mapping[Place, SourceFile],
    maps: Mapping[Place, SourceFile],
    folders: Mapping[PurePosixPath, PurePosixPath],
) -> set[str]:
    """The names of images without a map, which only the layout of Pascal VOC may have. Raises: DataError."""
    lacking = {place: file for place, file in images.items() if (folders[place[0]], place[1]) not in maps}
    refused = [file.name for place, file in lacking.items() if not _is_voc(place[0])]
    if refused or (lacking and len(lacking) == len(images)):
        names = refused or [file.name for file in lacking.values()]
        raise DataError(f"{first_of(names)}: no label map of that name in {folders[PurePosixPath(names[0]).parent]}")
    expected = {(folders[folder], stem) for folder, stem in images}
    extra = [file.name for place, file in maps.items() if place not in expected]
    if extra:
        raise DataError(f"{first_of(extra)}: a label map without a picture of that name")
    return {file.name for file in lacking.values()}


def without_maps(entries: PictureSet) -> list[SourceFile]:
    """The images outside folders of label maps, in order."""
    folders = set(_paired_folders(entries).values())
    return [file for file in entries.pictures if PurePosixPath(file.name).parent not in folders]


def _paired_folders(entries: PictureSet) -> dict[PurePosixPath, PurePosixPath]:
    """Folders of images that have label maps, and the folders of those maps."""
    folders = {PurePosixPath(file.name).parent for file in entries.pictures}
    return {folder: other for folder in folders if (other := _folder_of_maps(folder, folders)) is not None}


def _is_voc(folder: PurePosixPath) -> bool:
    return VOC in map(str.lower, folder.parts)


def _split_lists(
    texts: Iterable[SourceFile], folders: Mapping[PurePosixPath, object]
) -> dict[PurePosixPath, dict[str, int]]:
    """The split of each name in the lists of Pascal VOC, by folder of images."""
    splits: dict[PurePosixPath, dict[str, int]] = {}
    by_name = {file.name.lower(): file for file in texts}
    for folder in filter(_is_voc, folders):
        at = [part.lower() for part in folder.parts].index(VOC)
        lists = PurePosixPath(*folder.parts[:at], "ImageSets", "Segmentation")
        for name, split in (("train", TRAIN), ("val", VALIDATION), ("test", TEST)):
            file = by_name.get(f"{lists}/{name}.txt".lower())
            lines = file.read().decode("utf-8-sig", "replace").splitlines() if file else []
            stems = {PurePosixPath(line.split()[0]).name: split for line in lines if line.strip()}
            if stems:
                splits[folder] = stems | splits.get(folder, {})  # the first list that has a name wins
    return splits


def _split_of(place: Place, lists: Mapping[PurePosixPath, Mapping[str, int]]) -> int | None:
    """The split of an image; None if there are lists and none of them names it."""
    folder, stem = place
    return lists[folder].get(stem) if folder in lists else split_of_folder(folder)


def first_of(names: Sequence[str]) -> str:
    """The first name, and how many more there are."""
    return names[0] + (f" and {len(names) - 1:,} more" if names[1:] else "")


def split_of_folder(folder: PurePosixPath) -> int:
    """The split that the last telling part of a folder's path names, else TRAIN."""
    return next((SPLITS[part.lower()] for part in folder.parts[::-1] if part.lower() in SPLITS), TRAIN)


def _folder_of_maps(folder: PurePosixPath, folders: Iterable[PurePosixPath]) -> PurePosixPath | None:
    """The folder with the label maps of a folder's images, if there is one."""
    candidates = [str(folder.with_name(folder.name + suffix)) for suffix in ANNOTATED if folder.name]
    for at, part in enumerate(folder.parts):
        names = MAPS if part.lower() in IMAGES else VOC_MAPS if part.lower() == VOC else ()
        candidates += [str(PurePosixPath(*folder.parts[:at], name, *folder.parts[at + 1 :])) for name in names]
    by_name = {str(path).lower(): path for path in folders}
    return next((by_name[path.lower()] for path in candidates if path.lower() in by_name), None)
