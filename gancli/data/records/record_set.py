"""Records of pictures with labels, captions and attributes, by part, as a data source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data import layouts
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.labels import label_arrays
from gancli.data.labels.class_names import natural_key
from gancli.data.picture_set import PARTS, LabelMapFiles, PictureSet
from gancli.data.remarks import Remark, left_out

FEW = 10  # a tenth of the training pictures may lack a label


@dataclass(frozen=True)
class RecordPart:
    """The pictures of one part.

    files: their encoded bytes. labels: whole numbers or names, None or -1 for a picture without, () if no picture has
    one. captions: of each picture, () without. attributes: uint8 (pictures, K) of 0 and 1, None without. maps,
    partners: the label map, or the other picture of a pair, of each picture; () without.
    """

    files: Sequence[SourceFile]
    labels: Sequence[int | str | None] = ()
    captions: Sequence[Sequence[str]] = ()
    attributes: np.ndarray | None = None
    maps: Sequence[SourceFile] = ()
    partners: Sequence[SourceFile] = ()


@dataclass(frozen=True)
class RecordSet:
    """Parts by name. classes: the names of the labels from 0 on, () if unknown; attributes: names. used: all shards."""

    parts: dict[str, RecordPart]
    classes: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    remarks: tuple[Remark, ...] = ()
    used: tuple[SourceFile, ...] = ()

    def as_source(self, entries: SourceFiles, layout: str) -> DataSource:
        """The records as a data source of this layout. Raises: DataError for labels that are none."""
        files = [file for part in self.parts.values() for file in part.files]
        if not files:
            raise DataError(f"{entries.path} holds no records of pictures")
        splits = np.repeat(
            [PARTS.index(name) for name in self.parts], [len(part.files) for part in self.parts.values()]
        )
        found = PictureSet(entries, files, remarks=(*entries.remarks, *self.remarks), layouts=(layout,))
        found = found.with_used(self.used).with_columns(tests=splits.astype(np.uint8) if splits.any() else None)
        found = self._with_captions(found)
        if self.attributes and all(part.attributes is not None for part in self.parts.values()):
            values = np.concatenate([part.attributes for part in self.parts.values()])
            found = replace(found.with_columns(attributes=values), attributes=self.attributes)
        for part in ("maps", "partners"):
            others = [file for one in self.parts.values() for file in getattr(one, part)]
            if others and len(others) == len(files):
                more = {"label_maps": LabelMapFiles(others)} if part == "maps" else {"partners": others}
                found = replace(found, **more)
        return layouts.source_of(self._with_labels(found).finished())

    def _with_captions(self, pictures: PictureSet) -> PictureSet:
        rows = [row for part in self.parts.values() for row in part.captions or [()] * len(part.files)]
        most = max(map(len, rows), default=0)
        lacking = sum(not row for row in rows)
        if not most:
            return pictures
        if lacking:
            text = f"captions left out: {lacking:,} of {len(rows):,} pictures have none"
            return pictures.with_remarks(left_out(text, column="caption"))
        padded = np.full((len(rows), most), "", object)
        for at, row in enumerate(rows):
            padded[at, : len(row)] = row
        return pictures.with_columns(captions=padded)

    def _with_labels(self, pictures: PictureSet) -> PictureSet:
        """With labels as class numbers; a few pictures without one are left out, if there are many the labels are."""
        labels = [one for part in self.parts.values() for one in part.labels or [None] * len(part.files)]
        labels = [None if one == -1 else one for one in labels]
        lacking = [row for row, one in enumerate(labels) if one is None]
        if len(lacking) == len(labels):
            return pictures
        trained = pictures.splits == PARTS.index("train")
        lost = sum(bool(trained[row]) for row in lacking)
        if lost * FEW > trained.sum():
            text = f"labels left out: {lost:,} of {trained.sum():,} pictures to train on have none"
            return pictures.with_remarks(left_out(text, column="label"))
        if lacking:
            gone = [pictures.pictures[row] for row in lacking]
            pictures = pictures.without(gone, "without a label")
            labels = [one for one in labels if one is not None]
        names, classes = self._numbers(labels), self.classes
        if any(isinstance(one, str) for one in labels):
            classes = tuple(sorted({str(one) for one in labels}, key=natural_key))
            numbers = {name: number for number, name in enumerate(classes)}
            names = np.array([numbers[str(one)] for one in labels])
        name = str(pictures.entries.path)
        values = label_arrays.as_labels(names, len(labels), classes, name=name)
        parts = {part: values[pictures.splits == PARTS.index(part)] for part in ("train", "validation", "test")}
        parts = {part: found for part, found in parts.items() if len(found) or part == "train"}
        indices, classes, remarks = label_arrays.to_class_indices(parts, classes, name=name)
        found = np.zeros(len(values), np.int32)
        for part, numbers in indices.items():
            found[pictures.splits == PARTS.index(part)] = numbers
        return replace(pictures.with_columns(labels=found).with_remarks(*remarks), classes=classes)

    @staticmethod
    def _numbers(labels: Iterable[int | str]) -> np.ndarray:
        return np.array([0 if isinstance(one, str) else one for one in labels])
