"""A set of picture files with what its folders, lists and texts say about them, before any picture is decoded.

The recognizers in `layouts` build it step by step: each takes a PictureSet and returns one that says more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from gancli.core.backend import np
from gancli.data.annotations.class_lists import ClassList
from gancli.data.containers.source_files import (
    SourceFile,
    SourceFiles,
    is_on_unread,
    kinds_of_files,
    unread_remarks,
)
from gancli.data.remarks import Remark, left_out, some

TRAIN, TEST, VALIDATION = 0, 1, 2  # values of the column `tests`
PARTS = ("train", "test", "validation")  # their names


@dataclass(frozen=True)
class LabelMapFiles:
    """The label map of each picture, in the pictures' order, and the classes that the layout itself defines, if any.

    can_resize: the layout's maps differ in size from their pictures, of which they show the whole.
    """

    files: list[SourceFile]
    class_list: ClassList | None = None
    can_resize: bool = False


@dataclass(frozen=True)
class PictureSet:
    """Pictures in use, in order, and their columns.

    entries: all files. columns: by their names in `.h5` files, a row per picture: `labels` int32, `tests` uint8 (TRAIN,
    TEST, VALIDATION), `captions` str (pictures, most), `attributes` uint8. classes, attributes: names. label_maps: None
    without. partners: the other picture of each pair, None without. settled: columns that later recognizers leave as
    they are, even if there are none: a layout that gives splits settles `tests`. layouts: names of those recognized.
    used: names of files that were read for all this. bad: names of files that cannot be read, with the reasons.
    """

    entries: SourceFiles
    pictures: list[SourceFile]
    columns: Mapping[str, np.ndarray] = field(default_factory=dict)
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    label_maps: LabelMapFiles | None = None
    partners: list[SourceFile] | None = None
    settled: frozenset[str] = frozenset()
    remarks: tuple[Remark, ...] = ()
    layouts: tuple[str, ...] = ()
    used: frozenset[str] = frozenset()
    bad: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, entries: SourceFiles) -> PictureSet:
        """All pictures of a folder or archive, about which nothing is known yet."""
        return cls(entries, entries.pictures, remarks=entries.remarks, layouts=entries.layouts)

    @property
    def splits(self) -> np.ndarray:
        """The split of each picture, uint8 (pictures,)."""
        return self.columns.get("tests", np.zeros(len(self.pictures), np.uint8))

    def count_splits(self) -> dict[str, int]:
        """The numbers of training, test and validation pictures, by name."""
        return dict(zip(PARTS, np.bincount(self.splits, minlength=3).tolist(), strict=True))

    def column_names(self) -> tuple[str, ...]:
        """The columns as data sets name them: image, label, attributes, caption, map, other."""
        names = {"labels": "label", "attributes": "attributes", "captions": "caption"}
        found = ["image", *(name for key, name in names.items() if key in self.columns)]
        return (*found, *(["map"] if self.label_maps else []), *(["other"] if self.partners else []))

    def with_columns(self, **columns: np.ndarray | None) -> PictureSet:
        """With these columns, which are settled; None for one that there is not."""
        kept = {name: values for name, values in (self.columns | columns).items() if values is not None}
        return replace(self, columns=kept, settled=self.settled | columns.keys())

    def alone(self) -> PictureSet:
        """The pictures without what is known about them, all of them for training."""
        return replace(self, columns={}, classes=(), attributes=(), label_maps=None, partners=None)

    def with_classes(self, classes: Iterable[str]) -> PictureSet:
        """With these names of the labels, from 0 on."""
        return replace(self, classes=tuple(classes))

    def with_remarks(self, *remarks: Remark) -> PictureSet:
        """With further remarks."""
        return replace(self, remarks=(*self.remarks, *remarks)) if remarks else self

    def with_used(self, files: Iterable[SourceFile]) -> PictureSet:
        """With further files that were read."""
        return replace(self, used=self.used | {file.name for file in files})

    def says_more_than(self, before: PictureSet) -> bool:
        """Whether this set has other pictures, columns, maps or partners than one before, not only further remarks."""
        return (
            len(self.pictures) != len(before.pictures)
            or self.settled != before.settled
            or (self.label_maps, self.partners) != (before.label_maps, before.partners)
        )

    def select(self, rows: Sequence[int]) -> PictureSet:
        """Only these rows, in this order."""
        if list(rows) == list(range(len(self.pictures))):
            return self
        maps, partners = self.label_maps, self.partners
        return replace(
            self,
            pictures=[self.pictures[row] for row in rows],
            columns={name: values[list(rows)] for name, values in self.columns.items()},
            label_maps=maps and replace(maps, files=[maps.files[row] for row in rows]),
            partners=partners and [partners[row] for row in rows],
        )

    def without(self, files: Iterable[SourceFile], why: str, *, matters: bool = True, most: int = 5) -> PictureSet:
        """Without these pictures, with a remark that says why."""
        gone = {file.name for file in files}
        lost = [file.name for file in self.pictures if file.name in gone]
        if not lost:
            return self
        rows = [row for row, file in enumerate(self.pictures) if file.name not in gone]
        count = f"{len(lost):,} of {len(self.pictures):,} pictures"
        remark = left_out(f"{count} left out, {why}: {some(lost, most)}", matters=matters)
        return self.select(rows).with_remarks(remark).with_used([file for file in self.pictures if file.name in gone])

    def unused_texts(self) -> list[SourceFile]:
        """The `.txt` files that no recognizer has read yet."""
        return [file for file in self.entries.texts if file.name not in self.used]

    def why_none(self) -> str:
        """A sentence on a set without pictures: what was left out, and which files are there."""
        lost = "; ".join(remark.text for remark in self.remarks if remark.matters and not is_on_unread(remark))
        return f"{self.entries.path} holds no pictures{kinds_of_files(self.entries.files)}{lost and f' ({lost})'}"

    def finished(self) -> PictureSet:
        """With remarks on the files that no recognizer has read, at the end of all."""
        unread = [file.name for file in self.entries.others if file.name not in self.used]
        return replace(self, remarks=(*unread_remarks(unread), *self.remarks))
