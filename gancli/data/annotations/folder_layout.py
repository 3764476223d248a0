"""What folders say of pictures: which are for training, validation and testing, of which class each is, and which lie
beside.

Folders called train, val, test and the like are parts wherever all pictures are in such (`train/cat`, `cat/train`,
`images/train`), and never classes. Classes are the first folders below those that all pictures share. A few pictures
that lie beside the folders of classes or parts are left out; if they are many, it is the labels that are left out.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.options import whole
from gancli.data.class_names import natural
from gancli.data.formats.pictures import Entries, Entry, may_be_picture
from gancli.data.remarks import Remark, guessed, left_out, some

TRAIN, TEST, VALIDATION = 0, 1, 2  # in a column of tests
PARTS = {"train": TRAIN, "training": TRAIN, "test": TEST, "testing": TEST}
PARTS |= dict.fromkeys(("val", "valid", "validation", "dev", "eval"), VALIDATION)
FEW = 10  # a tenth of all, or a single one
MOST_BUCKET_DIGITS = 4  # from so many digits on, equally full folders may be parts of one set
_USES = (
    "images image imgs img masks mask labels label annotations annotation jpegimages pngimages segmentationclass "
    "segmentationobject groundtruth ground_truth gt hr lr photos pictures thumbnails thumbs"
)
NO_CLASSES = frozenset(
    _USES.split()
)  # names of folders, folded, that say what pictures are for rather than their class
Folders = tuple[str, ...]


class Sorting(NamedTuple):
    """Pictures that are used, what each is for, uint8 (pictures,), the class of each, int32 (pictures,), or None, the
    classes, and what is to be said."""

    pictures: list[Entry]
    parts: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...]
    remarks: tuple[Remark, ...]


def classes_of(entries: Sequence[Entry]) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """Class numbers from folders alone, where each file lies in one: int32 (files,) and names, or None and ()."""
    places = [_folders(entry) for entry in entries]
    at, _ = _shared(places, range(len(places)))
    if not all(len(place) > at for place in places) or len({place[at] for place in places}) < 2:
        return None, ()
    return _numbered([place[at] for place in places])


def sort(found: Entries, *, by_class: bool = True) -> Sorting:
    """What folders say of pictures. by_class: whether classes are wanted; another list may have them."""
    return _Sorter(found, by_class=by_class).sorting()


def _folders(entry: Entry) -> Folders:
    return PurePosixPath(entry.name).parts[:-1]


def _numbered(names: Sequence[str]) -> tuple[np.ndarray, tuple[str, ...]]:
    classes = sorted(set(names), key=natural)
    numbers = {name: number for number, name in enumerate(classes)}
    return np.array([numbers[name] for name in names], np.int32), tuple(classes)


def _are_few(count: int, of: int) -> bool:
    return not count or (count <= max(1, of // FEW) and 2 * count < of)


def _shared(places: Sequence[Folders], rows: Iterable[int]) -> tuple[int, list[int]]:
    """How many folders the pictures share, but for few that lie beside, and which those are."""
    rows, at = list(rows), 0
    while True:
        deeper = [row for row in rows if len(places[row]) > at]
        if len({places[row][at] for row in deeper}) != 1 or not _are_few(len(rows) - len(deeper), len(rows)):
            return at, [row for row in rows if len(places[row]) <= at]
        at += 1


def part_of(name: str) -> int | None:
    """What a folder of this name says that its pictures are for; None for other names."""
    return PARTS.get(name.lower())


class _Sorter:
    """One look at the folders of pictures."""

    def __init__(self, found: Entries, *, by_class: bool) -> None:
        self.found, self.by_class = found, by_class
        self.places = [_folders(entry) for entry in found.pictures]
        self.rows = list(range(len(self.places)))  # of pictures that are used
        self.parts = np.zeros(len(self.places), np.uint8)
        self.cut: dict[int, int] = {}  # where in a picture's folders one says its part
        self.remarks: list[Remark] = []

    def sorting(self) -> Sorting:
        """What was found."""
        self._find_parts()
        labels, classes = self._find_classes() if self.by_class else (None, ())
        pictures = [self.found.pictures[row] for row in self.rows]
        return Sorting(pictures, self.parts[self.rows], labels, classes, tuple(self.remarks))

    def _leave(self, rows: Iterable[int], why: str) -> None:
        gone = set(rows)
        if gone:
            names = [self.found.pictures[row].name for row in sorted(gone)]
            count = f"{len(names):,} of {len(self.places):,} pictures"
            self.remarks.append(left_out(f"{count} left out, {why}: {some(names)}"))
            self.rows = [row for row in self.rows if row not in gone]

    def _find_parts(self) -> None:
        """Which folder of each picture says what it is for, if there are such."""
        at, _ = _shared(self.places, self.rows)
        passed = [part for part in self.places[self.rows[-1]][:at] if part_of(part)] if self.rows else []
        if passed:
            self.remarks.append(guessed(f"all pictures lie in {passed[-1]}, and are trained on"))
        deeper = [row for row in self.rows if len(self.places[row]) > at]
        names = Counter(self.places[row][at] for row in deeper)
        known = {name: part for name in names if (part := part_of(name)) is not None}
        others = [name for name in names if name not in known]
        if set(known.values()) == {TRAIN} and others:  # buses, cars, trains
            if self.by_class:
                self.remarks.append(guessed(f"the folder {next(iter(known))} is taken for a class, like {others[0]}"))
            return
        if known:
            self._part(at, deeper, known, others)
            return
        least = min((len(self.places[row]) for row in self.rows), default=0)
        for depth in range(at + 1, least):
            named = {self.places[row][depth] for row in self.rows}
            if all(part_of(name) is not None for name in named) and len({part_of(name) for name in named}) > 1:
                self._part(depth, self.rows, {name: part_of(name) for name in named}, [])
                return

    def _part(self, at: int, deeper: list[int], known: dict[str, int], others: list[str]) -> None:
        """Take the folders at this depth for parts; where one says training, others belong to none."""
        inside = [row for row in deeper if self.places[row][at] in known]
        strays = [row for row in deeper if self.places[row][at] in others]
        beside = sorted(set(self.rows) - set(deeper))
        if TRAIN in known.values():
            named = ", ".join(known)
            self._leave(strays, f"in folders beside {named}")
            if _are_few(len(beside), len(self.rows)):
                self._leave(beside, f"in no folder, beside {named}")
            else:
                self.remarks.append(guessed(f"{len(beside):,} pictures beside the folders {named} are trained on too"))
        elif not strays and not beside:
            self.remarks.append(guessed(f"no folder train beside {', '.join(known)}: all pictures are trained on"))
            known = dict.fromkeys(known, TRAIN)
        else:
            self.remarks.append(guessed(f"pictures in {', '.join(known)} are not trained on, those beside are"))
        for row in inside:
            self.parts[row], self.cut[row] = known[self.places[row][at]], at

    def _find_classes(self) -> tuple[np.ndarray | None, tuple[str, ...]]:
        """The class of each picture that is used, and the names; None where folders do not say it of all."""
        places = [self._without_part(row) for row in range(len(self.places))]
        trained = [row for row in self.rows if self.parts[row] == TRAIN]
        at, _ = _shared(places, trained)
        sorted_out = [row for row in self.rows if len(places[row]) > at]
        names = {places[row][at] for row in sorted_out}
        if len(names) < 2:
            self._say_no_classes(places, trained, at)
            return None, ()
        beside = [row for row in self.rows if len(places[row]) <= at]
        strays = [row for row in beside if self.parts[row] == TRAIN]
        if not _are_few(len(strays), len(trained)):
            shown = some([self.found.pictures[row].name for row in strays])
            text = f"labels left out: {len(strays):,} of {len(trained):,} pictures are in no class folder: {shown}"
            self.remarks.append(left_out(text, column="label"))
            return None, ()
        self._leave(beside, "in no class folder")
        labels, classes = _numbered([places[row][at] for row in self.rows])
        self._judge(labels, classes)
        self._name_empty({self._above(row, at) for row in self.rows}, classes)
        return labels, classes

    def _without_part(self, row: int) -> Folders:
        """The folders of a picture but the one that says its part."""
        place, at = self.places[row], self.cut.get(row, len(self.places[row]))
        return place[:at] + place[at + 1 :]

    def _above(self, row: int, at: int) -> Folders:
        """The folders above that of a picture's class, which is the one at this depth, parts not counted."""
        return self.places[row][: at + (row in self.cut and self.cut[row] <= at)]

    def _say_no_classes(self, places: list[Folders], trained: list[int], at: int) -> None:
        shared = "/".join(places[trained[-1]][:at]) if trained else ""
        if shared:
            text = f"no labels: all pictures are in one folder, {shared}; classes need two folders or more"
            self.remarks.append(guessed(text, matters=False, column="label"))

    def _judge(self, labels: np.ndarray, classes: tuple[str, ...]) -> None:
        """Say what is strange in classes."""
        unseen = sorted(set(range(len(classes))) - set(labels[self.parts[self.rows] == TRAIN].tolist()))
        if unseen:
            self.remarks.append(
                left_out(f"classes without pictures to train on: {some([classes[at] for at in unseen])}")
            )
        alike = Counter(unicodedata.normalize("NFC", name).casefold() for name in classes)
        twins = [name for name in classes if alike[unicodedata.normalize("NFC", name).casefold()] > 1]
        if twins:
            self.remarks.append(guessed(f"{some(twins)}: taken for different classes, though spelled alike"))
        counts = np.bincount(labels, minlength=len(classes))
        if _are_buckets(classes, counts):
            why = "though numbered and equally full, as parts of one set are"
            self.remarks.append(guessed(f"the folders {some(classes)} are taken for classes, {why}"))
        elif any(name.casefold() in NO_CLASSES for name in classes) or all(map(_says_use, classes)):
            self.remarks.append(
                guessed(f"the folders {some(classes)} are taken for classes, though not named like classes")
            )

    def _name_empty(self, above: set[Folders], classes: tuple[str, ...]) -> None:
        """Say which folders beside those of classes hold no pictures; such of files of other kinds matter less."""
        held = {place[:depth] for place in set(self.places) for depth in range(len(place) + 1)}
        empty = [place for name in self.found.folders if (place := PurePosixPath(name).parts) not in held]
        empty = [place for place in empty if place[:-1] in above and part_of(place[-1]) is None]
        others = [*self.found.others, *(entry.name for entry in self.found.texts)]
        filled, likely = _above_all(others), _above_all(filter(may_be_picture, others))
        for matters in (True, False):  # one that is empty, or holds pictures of other kinds, may be a class
            names = ["/".join(place) for place in empty if matters == (place not in filled or place in likely)]
            if names:
                self.remarks.append(left_out(f"folders without pictures, no classes: {some(names)}", matters=matters))


def _above_all(names: Iterable[str]) -> set[Folders]:
    """All folders that these files are in."""
    return {above.parts for name in names for above in PurePosixPath(name).parents}


def _are_buckets(classes: Sequence[str], counts: np.ndarray) -> bool:
    """Whether folders are numbered from 0 or 1 with leading zeros and hold equally many, but for the last."""
    width = len(classes[0])
    first = whole(classes[0], 1)
    if first is None:
        return False
    names = tuple(f"{number:0{width}}" for number in range(first, first + len(classes)))
    return (
        width >= MOST_BUCKET_DIGITS
        and tuple(classes) == names
        and len(set(counts[:-1].tolist())) == 1
        and counts[-1] <= counts[0]
    )


def _says_use(name: str) -> bool:
    """Whether a folder is called A or B, as domains are, or holds a part in its name: train2017, DIV2K_valid_HR."""
    words = re.split(r"[\W\d_]+", name.lower())
    return name in ("A", "B") or any(word in PARTS or (word[:-1] in PARTS and word[-1] in "ab") for word in words)
