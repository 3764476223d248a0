"""The split and class of each image by its folders, and which images are left out.

Folders called train, val, test and the like are splits if all images lie in such folders (`train/cat`, `cat/train`,
`images/train`), and never classes. Classes are the first folders below those that all images share, unless they only
hold parts of one set. A few images beside the folders of classes or splits are left out; if there are many, the labels
are left out instead. So are images to test on that lie in no class folder.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple, TypeAlias

from gancli.core.backend import np
from gancli.data.annotations import folder_classes
from gancli.data.annotations.folders import bucket_folders, repeated_folders
from gancli.data.annotations.folders.split_names import split_of, splits_of
from gancli.data.containers.source_files import SourceFile
from gancli.data.labels.class_names import natural_key
from gancli.data.picture_set import TRAIN, PictureSet
from gancli.data.remarks import Remark, guessed, left_out, some

TRAIN_OR_CLASS = ("train", "training")  # split, or class beside others
FEW = 10  # a tenth of all, or a single one

Folders: TypeAlias = tuple[str, ...]


class FolderLayout(NamedTuple):
    """Images in use, the split of each, uint8 (images,), the class of each, int32 (images,), or None, and the
    classes."""

    pictures: list[SourceFile]
    splits: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...]
    remarks: tuple[Remark, ...]


def classes_of(files: Sequence[SourceFile]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Class numbers by folders alone, if each file lies in one: int32 (files,) and names, else None and ()."""
    places = [_folders(file) for file in files]
    at, _ = _shared_depth(places, range(len(places)))
    if not all(len(place) > at for place in places) or len({place[at] for place in places}) < 2:
        return None, ()
    return _number_classes([place[at] for place in places])


def read_layout(entries: PictureSet, *, by_class: bool = True, by_split: bool = True) -> FolderLayout:
    """The split and class of each image by its folders. by_class, by_split: False if another file gives them."""
    return _LayoutReader(entries, by_class=by_class, by_split=by_split).read()


def _folders(file: SourceFile) -> Folders:
    return tuple(file.name.split("/")[:-1])  # faster than PurePosixPath, and names are plain


def _number_classes(names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    classes = sorted(set(names), key=natural_key)
    numbers = {name: number for number, name in enumerate(classes)}
    return np.array([numbers[name] for name in names], np.int32), tuple(classes)


def _are_few(count: int, of: int) -> bool:
    return not count or (count <= max(1, of // FEW) and 2 * count < of)


def _shared_depth(places: Sequence[Folders], rows: Iterable[int]) -> tuple[int, list[int]]:
    """How many folders the images share, except for a few that lie beside, and which those are."""
    rows, at = list(rows), 0
    while True:
        deeper = [row for row in rows if len(places[row]) > at]
        if len({places[row][at] for row in deeper}) != 1 or not _are_few(len(rows) - len(deeper), len(rows)):
            return at, [row for row in rows if len(places[row]) <= at]
        at += 1


class _LayoutReader:
    """The folders of a set of images, read once."""

    def __init__(self, entries: PictureSet, *, by_class: bool, by_split: bool) -> None:
        self.entries, self.by_class, self.by_split = entries, by_class, by_split
        self.places = [_folders(file) for file in entries.pictures]
        self.rows = list(range(len(self.places)))  # images in use
        self.splits = np.zeros(len(self.places), np.uint8)
        self.split_depth: dict[int, int] = {}  # of the folder that names an image's split
        self.remarks: list[Remark] = []

    def read(self) -> FolderLayout:
        self._find_splits()
        if not self.by_split:  # folders only say what is no class
            self.rows, self.remarks = list(range(len(self.places))), []
            self.splits = self.entries.splits
        labels, classes = self._find_classes() if self.by_class else (None, ())
        pictures = [self.entries.pictures[row] for row in self.rows]
        return FolderLayout(pictures, self.splits[self.rows], labels, classes, tuple(self.remarks))

    def _leave_out(self, rows: Iterable[int], why: str) -> None:
        gone = set(rows)
        if gone:
            names = [self.entries.pictures[row].name for row in sorted(gone)]
            count = f"{len(names):,} of {len(self.places):,} pictures"
            self.remarks.append(left_out(f"{count} left out, {why}: {some(names)}"))
            self.rows = [row for row in self.rows if row not in gone]

    def _find_splits(self) -> None:
        """Find the folder that names the split of each image, if there are such folders."""
        at, _ = _shared_depth(self.places, self.rows)
        passed = [name for name in self.places[self.rows[-1]][:at] if split_of(name)] if self.rows else []
        if passed:
            self.remarks.append(guessed(f"all pictures lie in {passed[-1]}, and are used for training"))
        names = Counter(self.places[row][at] for row in self.rows if len(self.places[row]) > at)
        known, samples = splits_of(names)
        if samples and TRAIN in known.values():
            gone = [row for row in self.rows if self.places[row][at : at + 1] and self.places[row][at] in samples]
            self._leave_out(gone, f"a sample of the pictures in {', '.join(known)}")
        deeper = [row for row in self.rows if len(self.places[row]) > at]
        others = list(dict.fromkeys(name for row in deeper if (name := self.places[row][at]) not in known))
        if known and others and all(name.lower() in TRAIN_OR_CLASS for name in known):  # buses, cars, trains
            if self.by_class:
                self.remarks.append(guessed(f"the folder {next(iter(known))} is taken for a class, like {others[0]}"))
            return
        if known:
            self._assign_splits(at, deeper, known, others)
            return
        least = min((len(self.places[row]) for row in self.rows), default=0)
        for depth in range(at + 1, least):
            folders = {self.places[row][depth] for row in self.rows}
            if all(split_of(name) is not None for name in folders) and len({split_of(name) for name in folders}) > 1:
                self._assign_splits(depth, self.rows, {name: split_of(name) for name in folders}, [])
                return

    def _assign_splits(self, at: int, deeper: list[int], known: dict[str, int], others: list[str]) -> None:
        """Take the folders at this depth for splits; if one is for training, images in other folders are left out."""
        inside = [row for row in deeper if self.places[row][at] in known]
        strays = [row for row in deeper if self.places[row][at] in others]
        beside = sorted(set(self.rows) - set(deeper))
        if TRAIN in known.values():
            names = ", ".join(known)
            self._leave_out(strays, f"in folders beside {names}")
            if _are_few(len(beside), len(self.rows)):
                self._leave_out(beside, f"in no folder, beside {names}")
            else:
                self.remarks.append(
                    guessed(f"{len(beside):,} pictures beside the folders {names} are used for training too")
                )
        elif not strays and not beside:
            self.remarks.append(
                guessed(f"no folder train beside {', '.join(known)}: all pictures are used for training")
            )
            known = dict.fromkeys(known, TRAIN)
        else:
            self.remarks.append(
                guessed(f"pictures in {', '.join(known)} are not used for training, those beside them are")
            )
        for row in inside:
            self.splits[row], self.split_depth[row] = known[self.places[row][at]], at

    def _find_classes(self) -> tuple[np.ndarray | None, tuple[str, ...]]:
        """The class of each image in use, and the names; None if folders do not give it for all."""
        places = [self._without_split(row) for row in range(len(self.places))]
        trained = [row for row in self.rows if self.splits[row] == TRAIN]
        at, _ = _shared_depth(places, trained)
        if self._leave_out_repeated(places, at):
            return self._find_classes()
        inside = [row for row in self.rows if len(places[row]) > at]
        if len({places[row][at] for row in inside}) < 2:
            self._remark_no_classes(places, trained, at)
            return None, ()
        beside = [row for row in self.rows if len(places[row]) <= at]
        strays = [row for row in beside if self.splits[row] == TRAIN]
        if not _are_few(len(strays), len(trained)):
            names = some([self.entries.pictures[row].name for row in strays])
            text = f"labels left out: {len(strays):,} of {len(trained):,} pictures are in no class folder: {names}"
            self.remarks.append(left_out(text, column="label"))
            return None, ()
        self._leave_out(beside, "in no class folder")
        self._leave_out(self._unlabeled(places, at), "for testing, in no folder of a class")
        if self._are_buckets(places, at):
            return None, ()
        labels, classes = _number_classes([places[row][at] for row in self.rows])
        self.remarks += folder_classes.remarks_on_classes(labels, classes, self.splits[self.rows] == TRAIN)
        below = [places[row][at + 1] if len(places[row]) > at + 1 else "" for row in self.rows]
        self.remarks += folder_classes.remarks_on_inner_folders(labels, classes, below)
        self.remarks += folder_classes.remarks_on_empty_folders(self._empty_folders(at), self.entries.entries)
        return labels, classes

    def _leave_out_repeated(self, places: list[Folders], at: int) -> bool:
        """Leave out folders that repeat others. Returns: whether there were any."""
        names = [self.entries.pictures[row].name.rpartition("/")[2] for row in self.rows]
        found = repeated_folders.find([places[row] for row in self.rows], names, at)
        if found:
            self._leave_out([self.rows[row] for row in found.rows], found.why)
        return found is not None

    def _unlabeled(self, places: list[Folders], at: int) -> list[int]:
        """Images to test on in a folder that is no class: one of training images is not called so."""
        trained = {places[row][at] for row in self.rows if self.splits[row] == TRAIN}
        tests = [row for row in self.rows if self.splits[row] != TRAIN and places[row][at] not in trained]
        return [row for row in tests if folder_classes.names_no_class(places[row][at])]

    def _are_buckets(self, places: list[Folders], at: int) -> bool:
        """Whether the folders only hold parts of one set; then there is a remark."""
        names = [self.entries.pictures[row].name.rpartition("/")[2] for row in self.rows]
        if not bucket_folders.are_buckets([places[row][at:] for row in self.rows], names):
            return False
        folders = sorted({places[row][at] for row in self.rows}, key=natural_key)
        text = f"no labels: the folders {some(folders)} are numbered parts of one set, not classes"
        self.remarks.append(guessed(text, column="label"))
        return True

    def _without_split(self, row: int) -> Folders:
        """The folders of an image except the one that names its split."""
        place, at = self.places[row], self.split_depth.get(row, len(self.places[row]))
        return place[:at] + place[at + 1 :]

    def _above_class(self, row: int, at: int) -> Folders:
        """The folders above that of an image's class, which is at this depth, splits not counted."""
        return self.places[row][: at + (row in self.split_depth and self.split_depth[row] <= at)]

    def _remark_no_classes(self, places: list[Folders], trained: list[int], at: int) -> None:
        shared = "/".join(places[trained[-1]][:at]) if trained else ""
        if shared:
            text = f"no labels: all pictures are in one folder, {shared}; classes need two folders or more"
            self.remarks.append(guessed(text, matters=False, column="label"))

    def _empty_folders(self, at: int) -> list[Folders]:
        """Folders beside those of classes that hold no images."""
        above = {self._above_class(row, at) for row in self.rows}
        filled = {place[:depth] for place in set(self.places) for depth in range(len(place) + 1)}
        empty = [place for name in self.entries.entries.folders if (place := PurePosixPath(name).parts) not in filled]
        return [place for place in empty if place[:-1] in above and split_of(place[-1]) is None]
