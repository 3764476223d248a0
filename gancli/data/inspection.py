"""Inspect data before training: what a data set holds, and which of its files are bad."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.core.progress import track
from gancli.data import layouts, loading, locations
from gancli.data.annotations import label_map_survey, label_maps
from gancli.data.catalog import opening
from gancli.data.data_source import DataSource
from gancli.data.images import image_survey, sound_pictures, value_ranges
from gancli.data.remarks import Remark, merged
from gancli.data.request import Request

BATCH = 1000  # images read at a time


@dataclass(frozen=True)
class FolderReport:
    """What a folder or archive of pictures holds, each picture decoded.

    found: what was known before. sizes, modes: number of pictures by size ("32x24", most frequent first) and by Pillow
    mode. captions: number of pictures with a caption, None for data without captions. class_shares: share of each class
    among the labeled pixels of label maps, None for data without label maps. splits: number of pictures by split. bad:
    files that cannot be used, each with the reason; sound: number of pictures
    without those and what belongs to them; skip_bad: whether these are used without the bad ones.
    """

    found: DataSource
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

    sound: int
    skip_bad: bool

    def as_dict(self) -> dict[str, object]:
        """The report as plain values, for JSON."""
        return {
            "path": str(self.path),
            "layouts": list(self.found.layouts),
            "columns": list(self.found.columns),
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
        """Raise DataError if a file is bad and bad files are not skipped, or if there are no pictures."""
        if not self.total:
            raise DataError(self.found.pictures.why_none())
        if not self.sound or (self.bad and not self.skip_bad):
            raise DataError(f"{self.path}: {len(self.bad):,} bad of {self.total:,}")


@dataclass(frozen=True)
class FileReport:
    """What a `.npz`, `.h5` or text file holds.

    count: training examples. captions, class_shares: as in FolderReport. test_sentences: number of test sentences,
    None for data that are not sentences.
    """

    found: DataSource
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
            "layouts": list(self.found.layouts),
            "columns": list(self.found.columns),
            "images": self.count,
            "shape": list(self.shape),
            "parts": {name: count for name, count in self.found.parts.items() if count},
            "classes": list(self.classes),
            "attributes": list(self.attributes),
            **_remarks(self.remarks),
            **_if_known("captions", self.captions),
            **_if_known("classes of pixels", self.class_shares),
        }

    def raise_if_bad(self) -> None:
        """Do nothing: a file with bad content has no report, reading it raises DataError."""


def inspect(source: str, *, data_dir: str | None = None, request: Request | None = None) -> DataSource:
    """What a named data set or a path holds, by its layout, before any picture is decoded.

    Raises: DataError for what is not data.
    """
    request = request or Request(data_dir=data_dir)
    found = locations.find(source, data_dir)
    if not found.name:
        described = opening.recognize(found.path, request, choice=found.choice, only=found.only)
        return replace(described, path=found.path, remarks=(*found.remarks, *described.remarks))
    dataset = loading.load(found.name, request)
    counts = {"train": len(dataset) - dataset.validation, "validation": dataset.validation}
    return DataSource(
        Path(found.name),
        ("a data set with a name",),
        counts | {"test": len(next(iter(dataset.test.values()), ()))},
        tuple(dataset.train),
        lambda request: loading.load(found.name, request),
        dataset.classes,
        dataset.attributes,
        dataset.shape,
        dataset.remarks,
    )


def check(
    source: str, *, data_dir: str | None = None, pixel_range: str = value_ranges.AUTO, skip_bad: bool = False
) -> FolderReport | FileReport:
    """Decode every picture of a folder or archive, or read a named data set or a file of arrays or sentences.

    pixel_range: see gancli.data.images.value_ranges. skip_bad: whether bad files are no error. Raises: DataError for
    what is not data.
    """
    request = Request(data_dir=data_dir, pixel_range=pixel_range, skip_bad=skip_bad)
    found = inspect(source, data_dir=data_dir, request=request)
    return _check_arrays(found, request) if found.pictures is None else _check_pictures(found, request)


def _check_pictures(found: DataSource, request: Request) -> FolderReport:
    pictures = found.pictures
    files = {file.name: file for file in [*pictures.pictures, *(pictures.partners or [])]}
    survey = image_survey.survey(list(files.values()), decode=True, pixel_range=request.pixel_range)
    sizes = survey.size_remarks(survey.natural_side()) if survey.sizes else ()
    remarks = (*sizes, *survey.remarks(), *found.remarks)
    classes, class_shares = found.classes, None
    if pictures.label_maps:
        maps = label_map_survey.survey(pictures, survey)
        survey.bad += maps.bad
        classes = maps.classes.names if maps.classes else ()
        class_shares = _by_class(classes, maps.shares)
        remarks += maps.remarks
    captions = pictures.columns.get("captions")
    return FolderReport(
        found=found,
        path=found.path,
        total=len(files),
        pictures=survey.sizes.total(),
        color=survey.color,
        sizes={f"{width}x{height}": count for (width, height), count in survey.sizes.most_common()},
        modes=dict(survey.modes),
        classes=classes,
        attributes=found.attributes,
        captions=None if captions is None else int((captions != "").sum()),
        class_shares=class_shares,
        splits=dict(found.parts),
        bad=(*survey.bad, *pictures.bad),
        remarks=remarks,
        sound=len(sound_pictures.without(pictures, survey.bad, request).pictures),
        skip_bad=request.skip_bad,
    )


def _check_arrays(found: DataSource, request: Request) -> FileReport:
    dataset = found.load(request)
    for start in track(range(0, len(dataset), BATCH), "reading"):  # images of a .h5 file may still be on disk
        dataset.items[start : start + BATCH]
    maps, classes = dataset.train.get("map"), dataset.classes
    return FileReport(
        found=found,
        path=found.path,
        count=len(dataset),
        shape=tuple(dataset.shape),
        classes=tuple(classes),
        attributes=tuple(dataset.attributes),
        captions=dataset.count_texts() if "caption" in dataset.train else None,
        class_shares=None if maps is None else _by_class(classes, label_maps.shares(maps, len(classes))),
        test_sentences=len(dataset.test["sentence"]) if "sentence" in dataset.train else None,
        remarks=merged(found.remarks, dataset.remarks),
    )


def file_names(source: str) -> list[str]:
    """File names of the images of a folder or archive, in their order; empty for any other data set."""
    path = Path(source)
    if not os.path.exists(path):  # noqa: PTH110 (pathlib's fails for long names)
        return []
    found = layouts.recognize(path, Request())
    return [file.name for file in found.pictures.pictures] if found.pictures else []


def _by_class(classes: Iterable[str], shares: np.ndarray) -> dict[str, float]:
    return dict(zip(classes, shares.round(5).tolist(), strict=True))


def _remarks(remarks: Iterable[Remark]) -> dict[str, object]:
    remarks = list(remarks)
    return {"notes": [remark.text for remark in remarks], "remarks": [remark._asdict() for remark in remarks]}


def _if_known(name: str, value: object) -> dict[str, object]:
    return {} if value is None else {name: value}
