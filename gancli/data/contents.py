"""What a folder or zip file of pictures holds: the pictures that are used, what folders, lists and texts say of them,
and what is to be said of the rest. Loading, packing and `gancli data check` all ask here.
"""

from __future__ import annotations

import json
from pathlib import PurePosixPath
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.annotations import attributes, captions, domains, folder_layout, label_maps
from gancli.data.annotations.label_maps import Labelled
from gancli.data.formats.pictures import Entries, Entry
from gancli.data.remarks import Remark, guessed, left_out, some


class Contents(NamedTuple):
    """Pictures that are used, in order; of each the columns as hdf5.write takes them: `labels`, `tests`, `captions`,
    `attributes`; names of classes and attributes; the label maps, if there are some; and what is to be said."""

    pictures: list[Entry]
    columns: dict[str, np.ndarray]
    classes: tuple[str, ...]
    attributes: tuple[str, ...]
    labelled: Labelled | None
    remarks: tuple[Remark, ...]

    def parts(self) -> list[int]:
        """How many pictures are for training, testing and validation."""
        tests = self.columns.get("tests", np.zeros(len(self.pictures), np.uint8))
        return np.bincount(tests, minlength=3).tolist()


def look(found: Entries, *, alone: bool = False, needs_maps: bool = True) -> Contents:
    """What there is. alone: the pictures, all of them, and nothing else.

    Raises: DataError for label maps that do not go with their pictures; without needs_maps they are left out, told.
    """
    try:
        labelled = label_maps.of_pictures(found)
    except DataError as error:
        if needs_maps:
            raise
        told = left_out(f"label maps left out: {error}", column="map")
        found = found._replace(pictures=label_maps.without_maps(found), remarks=(*found.remarks, told))
        labelled = None
    if labelled:
        told = (*found.remarks, *labelled.remarks)
        return Contents(labelled.pictures, {"tests": labelled.parts}, (), (), labelled, told)
    if alone:
        return Contents(found.pictures, {}, (), (), None, found.remarks)
    return _of_plain(found)


def _of_plain(found: Entries) -> Contents:
    """What there is, where no pictures are label maps of others."""
    remarks = list(found.remarks)
    kinds = domains.of_pictures(found.pictures)
    if kinds is not None:
        kept, parts, labels, classes = kinds.pictures, kinds.parts, kinds.labels, domains.SIDES
        classes = classes if labels is not None else ()
        remarks += kinds.remarks
    else:
        table, told = _table(found)
        remarks += told
        by_folder = folder_layout.sort(found, by_class=table is None)
        kept, parts, labels, classes = by_folder[:4]
        remarks += by_folder.remarks
        if table is not None:
            labels, classes, told = _from_table(table, kept)
            remarks.append(told)
    found = found._replace(pictures=kept)
    columns, names = ({} if labels is None else {"labels": labels}), ()
    if found.lists and kept:
        values, names, told = attributes.of_pictures(found)
        columns |= {} if values is None else {"attributes": values}
        remarks += told
    written, told = captions.of_pictures(found)
    remarks += told
    if written is not None:
        columns["captions"] = written.captions
        if labels is None and written.classes:
            columns["labels"], classes = written.labels, written.classes
            remarks = [remark for remark in remarks if remark.column != "label"]
    if parts.any():
        columns["tests"] = parts
    elif written is not None:
        try:
            tests, told = captions.are_tests(found, columns.get("labels"), classes)
        except DataError as error:
            del columns["captions"]
            tests, told = None, [left_out(f"captions left out: {error}", column="caption")]
        columns |= {} if tests is None else {"tests": tests.astype(np.uint8)}
        remarks += told
    if found.tests and (parts.any() or "captions" not in columns):
        why = "there are no captions" if "captions" not in columns else "folders say what is for testing"
        remarks.append(left_out(f"{found.tests[0].name} is not used: {why}"))
    return Contents(kept, columns, classes, names, None, tuple(remarks))


class _Table(NamedTuple):
    """The label of each file by its name inside the set, and the name of the list that says so."""

    name: str
    labels: dict[str, object]


def _table(found: Entries) -> tuple[_Table | None, list[Remark]]:
    """The labels of a dataset.json, as StyleGAN's dataset_tool.py writes it: names and classes, or null for no labels.

    None where there is none, or it is something else.
    """
    labels, strange = {}, []
    for entry in found.tables:
        try:
            held = json.loads(entry.read())["labels"]
            rows = dict(held or [])
        except (OSError, ValueError, TypeError, KeyError, RecursionError, DataError):
            strange.append(entry.name)
            continue
        labels |= {
            str(PurePosixPath(entry.name).parent / str(name).replace("\\", "/")): label for name, label in rows.items()
        }
    told = (
        [left_out(f"{some(strange)}: no labels as StyleGAN's dataset_tool.py writes them, not used")] if strange else []
    )
    known = [entry.name for entry in found.tables if entry.name not in strange]
    return (_Table(known[0], labels) if known else None), told


def _from_table(table: _Table, kept: list[Entry]) -> tuple[np.ndarray | None, tuple[str, ...], Remark]:
    """The class of each picture, int32 (pictures,), and the classes: the numbers that occur; or None and why."""
    lacking = [entry.name for entry in kept if entry.name not in table.labels]
    if not table.labels:
        text = f"no labels: {table.name} has none, and the folders beside it are not taken for classes"
        return None, (), guessed(text, matters=False, column="label")
    if lacking:
        text = f"labels left out: {table.name} has none for {len(lacking):,} of {len(kept):,} pictures: {some(lacking)}"
        return None, (), left_out(text, column="label")
    values = [table.labels[entry.name] for entry in kept]
    if all(isinstance(value, list) and _is_one_hot(value) for value in values):
        values = [value.index(1) for value in values]
    if not all(type(value) is int and value >= 0 for value in values) or len(set(values)) < 2:
        text = f"labels left out: those of {table.name} are not the numbers of two classes or more"
        return None, (), left_out(text, column="label")
    classes, labels = np.unique(values, return_inverse=True)
    told = guessed(f"labels are those of {table.name}, not of folders", matters=False)
    return labels.astype(np.int32), tuple(map(str, classes.tolist())), told


def _is_one_hot(value: list) -> bool:
    return value.count(1) == 1 and value.count(0) == len(value) - 1
