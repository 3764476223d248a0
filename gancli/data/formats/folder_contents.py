"""The contents of a folder or zip file: the images in use, their labels, attributes, captions, label maps and splits.

Loading, packing and `gancli data check` all read them here.
"""

from __future__ import annotations

from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import (
    captions,
    celeba_attributes,
    folder_layout,
    image_domains,
    label_map_folders,
    stylegan_labels,
)
from gancli.data.annotations.label_map_folders import LabelMapPairs
from gancli.data.formats.source_files import SourceFile, SourceFiles
from gancli.data.remarks import Remark, left_out


class FolderContents(NamedTuple):
    """Images in use, in order; their columns as in hdf5.write: `labels`, `tests`, `captions`, `attributes`; the names
    of classes and attributes; and the label maps, if there are any."""

    pictures: list[SourceFile]
    columns: dict[str, np.ndarray]
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    label_maps: LabelMapPairs | None
    remarks: tuple[Remark, ...]

    def count_splits(self) -> list[int]:
        """The numbers of training, test and validation images."""
        splits = self.columns.get("tests", np.zeros(len(self.pictures), np.uint8))
        return np.bincount(splits, minlength=3).tolist()


def read(entries: SourceFiles, *, alone: bool = False, needs_maps: bool = True) -> FolderContents:
    """The contents of a folder or zip file. alone: all images, without labels, texts and splits.

    Raises: DataError for label maps that do not match their images; without needs_maps they are left out with a remark.
    """
    try:
        pairs = label_map_folders.pair(entries)
    except DataError as error:
        if needs_maps:
            raise
        remark = left_out(f"label maps left out: {error}", column="map")
        entries = entries._replace(pictures=label_map_folders.without_maps(entries), remarks=(*entries.remarks, remark))
        pairs = None
    if pairs:
        remarks = (*entries.remarks, *pairs.remarks)
        return FolderContents(pairs.pictures, {"tests": pairs.splits}, (), (), pairs, remarks)
    if alone:
        return FolderContents(entries.pictures, {}, (), (), None, entries.remarks)
    return _read_annotations(entries)


class _Labels(NamedTuple):
    """Images in use, their splits, uint8 (images,), and their classes, int32 (images,), if there are any."""

    pictures: list[SourceFile]
    splits: np.ndarray
    labels: np.ndarray | None
    classes: tuple[str, ...]
    remarks: list[Remark]


def _read_annotations(entries: SourceFiles) -> FolderContents:
    """The contents of a folder without label maps."""
    pictures, splits, labels, classes, more = _read_labels(entries)
    remarks = [*entries.remarks, *more]
    entries = entries._replace(pictures=pictures)
    columns, names = ({} if labels is None else {"labels": labels}), ()
    if entries.attribute_lists and pictures:
        values, names, more = celeba_attributes.attributes_of(entries)
        columns |= {} if values is None else {"attributes": values}
        remarks += more
    texts, more = captions.captions_of(entries)
    remarks += more
    if texts is not None:
        columns["captions"] = texts.captions
        if labels is None and texts.classes:
            columns["labels"], classes = texts.labels, texts.classes
            remarks = [remark for remark in remarks if remark.column != "label"]
    if splits.any():
        columns["tests"] = splits
    elif texts is not None:
        try:
            tests, more = captions.choose_tests(entries, columns.get("labels"), classes)
        except DataError as error:
            del columns["captions"]
            tests, more = None, [left_out(f"captions left out: {error}", column="caption")]
        columns |= {} if tests is None else {"tests": tests.astype(np.uint8)}
        remarks += more
    if entries.test_class_lists and (splits.any() or "captions" not in columns):
        why = "there are no captions" if "captions" not in columns else "folders say what is for testing"
        remarks.append(left_out(f"{entries.test_class_lists[0].name} is not used: {why}"))
    return FolderContents(pictures, columns, classes, names, None, tuple(remarks))


def _read_labels(entries: SourceFiles) -> _Labels:
    """Splits and classes by image domains, a dataset.json, or folders."""
    domains = image_domains.domains_of(entries.pictures)
    if domains is not None:
        classes = image_domains.DOMAINS if domains.labels is not None else ()
        return _Labels(domains.pictures, domains.splits, domains.labels, classes, domains.remarks)
    table, remarks = stylegan_labels.read_tables(entries.label_tables)
    layout = folder_layout.read_layout(entries, by_class=table is None)
    remarks += layout.remarks
    if table is None:
        return _Labels(layout.pictures, layout.splits, layout.labels, layout.classes, remarks)
    labels, classes, remark = stylegan_labels.classes_of(table, layout.pictures)
    return _Labels(layout.pictures, layout.splits, labels, classes, [*remarks, remark])
