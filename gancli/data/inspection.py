"""Inspect data before training: what a data set holds, and which of its files are bad."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from gancli import data
from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import label_map_survey, label_maps
from gancli.data.formats import archive, folder, folder_contents, packing
from gancli.data.formats.source_files import SourceFiles
from gancli.data.images import image_survey, value_ranges
from gancli.data.remarks import Remark

BATCH = 1000  # images read at a time
SPLITS = ("train", "test", "validation")


@dataclass(frozen=True)
class FolderReport:
    """What a folder or zip file of pictures holds, each picture decoded.

    sizes, modes: number of pictures by size ("32x24", most frequent first) and by Pillow mode. captions: number of
    pictures with a caption, None for data without captions. class_shares: share of each class among the labeled pixels
    of label maps, None for data without label maps. splits: number of pictures by split. bad: files that cannot be
    used, each with the reason.
    """

    path: Path
    total: int
    pictures: int
    color: str
    sizes: dict[str, int]
    modes: dict[str, int]
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    captions: int | None
    class_shares: dict[str, float] | None
    splits: dict[str, int]
    bad: tuple[tuple[str, str], ...]
    remarks: tuple[Remark, ...]

    def as_dict(self) -> dict[str, object]:
        """The report as plain values, for JSON."""
        return {
            "path": str(self.path),
            "pictures": self.pictures,
            "sizes": self.sizes,
            "modes": self.modes,
            "classes": list(self.classes),
            **_if_known("classes of pixels", self.class_shares),
            "parts": self.splits,
            "bad": [{"file": name, "reason": reason} for name, reason in self.bad],
            "attributes": list(self.attributes),
            **_remarks(self.remarks),
            **_if_known("captions", self.captions),
        }

    def raise_if_bad(self) -> None:
        """Raise DataError if a file is bad, or if there are no pictures."""
        if not self.total:
            raise DataError(f"{self.path} holds no pictures")
        if self.bad or not self.pictures:
            raise DataError(f"{self.path}: {len(self.bad)} bad of {self.total}")


@dataclass(frozen=True)
class FileReport:
    """What a `.npz`, `.h5` or text file holds.

    count: training examples. captions, class_shares: as in FolderReport. test_sentences: number of test sentences,
    None for data that are not sentences.
    """

    path: Path
    count: int
    shape: tuple[int, ...]
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    captions: int | None
    class_shares: dict[str, float] | None
    test_sentences: int | None
    remarks: tuple[Remark, ...]

    def as_dict(self) -> dict[str, object]:
        """The report as plain values, for JSON."""
        return {
            "path": str(self.path),
            "images": self.count,
            "shape": list(self.shape),
            "classes": list(self.classes),
            "attributes": list(self.attributes),
            **_remarks(self.remarks),
            **_if_known("captions", self.captions),
            **_if_known("classes of pixels", self.class_shares),
        }

    def raise_if_bad(self) -> None:
        """Do nothing: a file with bad content has no report, reading it raises DataError."""


def inspect(
    source: str, *, data_dir: str | None = None, pixel_range: str = value_ranges.AUTO
) -> FolderReport | FileReport:
    """Decode every picture of a folder or zip file, or read a named data set or a file of arrays or sentences.

    pixel_range: see gancli.data.images.value_ranges. Raises: DataError for what is not data.
    """
    found = data.find(source, data_dir)
    if found.name or (found.path.is_file() and found.path.suffix.lower() != ".zip"):
        report = inspect_file(found.name or str(found.path), data_dir=data_dir, pixel_range=pixel_range)
    else:
        report = inspect_folder(found.path, pixel_range=pixel_range)
    return replace(report, remarks=(*found.remarks, *report.remarks))


def inspect_folder(path: Path, *, pixel_range: str = value_ranges.AUTO) -> FolderReport:
    """Decode every picture of a folder or zip file. Raises: DataError for anything else, or bad lists of classes."""
    entries = entries_of(path)
    contents = folder_contents.read(entries)
    survey = image_survey.survey(contents.pictures, decode=True, pixel_range=pixel_range)
    sizes = survey.size_remarks(survey.natural_side()) if survey.sizes else ()
    remarks = (*sizes, *survey.remarks(), *contents.remarks)
    classes = contents.classes
    class_shares = None
    if contents.label_maps:
        maps = label_map_survey.survey(entries, contents.label_maps, survey)
        survey.bad += maps.bad
        classes = maps.classes.names if maps.classes else ()
        class_shares = _by_class(classes, maps.shares)
        remarks += maps.remarks
    return FolderReport(
        path=path,
        total=len(contents.pictures),
        pictures=survey.sizes.total(),
        color=survey.color,
        sizes={f"{width}x{height}": count for (width, height), count in survey.sizes.most_common()},
        modes=dict(survey.modes),
        classes=classes,
        attributes=contents.attributes,
        captions=int((contents.columns["captions"] != "").sum()) if "captions" in contents.columns else None,
        class_shares=class_shares,
        splits=dict(zip(SPLITS, contents.count_splits(), strict=True)),
        bad=tuple(survey.bad),
        remarks=remarks,
    )


def inspect_file(source: str, *, data_dir: str | None = None, pixel_range: str = value_ranges.AUTO) -> FileReport:
    """Read a named data set or a file of arrays or sentences completely. Raises: DataError if it cannot be read."""
    dataset = data.load(source, data.Request(data_dir=data_dir, pixel_range=pixel_range))
    for start in range(0, len(dataset), BATCH):  # images of a .h5 file may still be on disk
        dataset.items[start : start + BATCH]
    maps, classes = dataset.train.get("map"), dataset.classes
    return FileReport(
        path=Path(source),
        count=len(dataset),
        shape=tuple(dataset.shape),
        classes=tuple(classes),
        attributes=tuple(dataset.attributes),
        captions=dataset.count_texts() if "caption" in dataset.train else None,
        class_shares=None if maps is None else _by_class(classes, label_maps.shares(maps, len(classes))),
        test_sentences=len(dataset.test["sentence"]) if "sentence" in dataset.train else None,
        remarks=tuple(dataset.remarks),
    )


def entries_of(path: Path) -> SourceFiles:
    """The files of a folder or zip file. Raises: DataError for anything else."""
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for long names)
        raise DataError(f"{path} does not exist; expected {folder.ACCEPTS} or {archive.ACCEPTS}")
    for source in (folder, archive):
        if source.accepts(path):
            return source.list_files(path)
    raise DataError(f"{path}: expected {folder.ACCEPTS} or {archive.ACCEPTS}")


def file_names(source: str) -> list[str]:
    """File names of the images of a folder or zip file, in their order; empty for any other data set."""
    path = Path(source)
    is_path = os.path.exists(path)  # noqa: PTH110 (pathlib's fails for long names)
    if not is_path or not any(kind.accepts(path) for kind in (folder, archive)):
        return []
    return [entry.name for entry in packing.packed_files(entries_of(path))]


def _by_class(classes: Iterable[str], shares: np.ndarray) -> dict[str, float]:
    return dict(zip(classes, shares.round(5).tolist(), strict=True))


def _remarks(remarks: Iterable[Remark]) -> dict[str, object]:
    remarks = list(remarks)
    return {"notes": [remark.text for remark in remarks], "remarks": [remark._asdict() for remark in remarks]}


def _if_known(name: str, value: object) -> dict[str, object]:
    return {} if value is None else {name: value}
