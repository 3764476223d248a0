"""The files of CIFAR-10 and CIFAR-100 among others, in the python version and the binary version."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.formats import byte_files
from gancli.data.labels.class_names import natural_key
from gancli.data.remarks import Remark, guessed, left_out, some

SHAPE = (32, 32, 3)
BATCHES = 5  # of CIFAR-10's training images
HUNDRED = ("train", "test")  # files of CIFAR-100
NAMES = {  # files of class names, by ending and whether they are CIFAR-100's
    ("", False): ("batches.meta",),
    ("", True): ("meta",),
    (".bin", False): ("batches.meta.txt",),
    (".bin", True): ("fine_label_names.txt", "coarse_label_names.txt"),
}


@dataclass(frozen=True)
class CifarFiles:
    """The files of one of the two data sets. parts: by part, in order; names: those with the names of classes."""

    is_hundred: bool
    parts: dict[str, list[SourceFile]]
    names: list[SourceFile]
    remarks: tuple[Remark, ...] = ()


def find(entries: SourceFiles, *, ending: str) -> CifarFiles | None:
    """The files of CIFAR-10 or CIFAR-100 with this ending, None without any; of a batch alone only this one.

    CIFAR-100's are only known beside its files of names. Raises: DataError if there are several sets.
    """
    pattern = re.compile(rf"(?:.*/)?(data_batch_\d+|test_batch|train|test){re.escape(ending)}", re.IGNORECASE)
    found = [file for file in entries.others if pattern.fullmatch(file.name)]
    if not found:
        return None
    known = byte_files.with_siblings(entries)
    sets: dict[tuple[str, bool], list[SourceFile]] = {}
    for file in found:
        folder, is_hundred = file.name.rpartition("/")[0], file.base.split(".")[0] in HUNDRED
        if not is_hundred or _beside(known, folder, NAMES[ending, True]):
            sets.setdefault((folder, is_hundred), []).append(file)
    if not sets:
        return None
    if len(sets) > 1:
        folders = some(sorted({folder or "." for folder, _ in sets}))
        raise DataError(f"{entries.path} holds {len(sets)} sets of CIFAR's batches: give one folder of {folders}")
    ((folder, is_hundred),) = sets
    (files,) = sets.values()
    parts, remarks = _by_part(files, alone=entries.kind == "file")
    return CifarFiles(is_hundred, parts, _beside(known, folder, NAMES[ending, is_hundred]), tuple(remarks))


def _beside(files: Iterable[SourceFile], folder: str, names: Sequence[str]) -> list[SourceFile]:
    """The files of these names in a folder, in the order of the names."""
    found = {file.base: file for file in files if file.name.rpartition("/")[0] == folder}
    return [found[name] for name in names if name in found]


def _by_part(files: Sequence[SourceFile], *, alone: bool) -> tuple[dict[str, list[SourceFile]], list[Remark]]:
    ordered = sorted(files, key=lambda file: natural_key(file.base))
    parts = {
        "train": [file for file in ordered if not file.base.startswith("test")],
        "test": [file for file in ordered if file.base.startswith("test")],
    }
    train = parts["train"]
    remarks = []
    if alone:
        remarks.append(left_out("the other batches are not read: the folder holds them all", matters=False))
    elif not train:
        remarks.append(guessed("there are only the test images: they are used as training images"))
    elif train[0].base.startswith("data_batch") and len(train) != BATCHES:
        remarks.append(guessed(f"{len(train)} of {BATCHES} batches of training images are there"))
    if not train:
        parts = {"train": parts["test"]}
    return {part: files for part, files in parts.items() if files}, remarks


def kind_of_labels(found: CifarFiles, choice: str, path: Path) -> str:
    """The name of the labels that are used: labels, fine_labels or coarse_labels. Raises: DataError."""
    if choice and (not found.is_hundred or choice not in ("fine", "coarse")):
        raise DataError(f"{path} has no labels named '{choice}'; CIFAR-100 has fine and coarse ones")
    return f"{choice or 'fine'}_labels" if found.is_hundred else "labels"


def label_remarks(kind: str) -> list[Remark]:
    """A remark on the labels of CIFAR-100 that are not used."""
    text = "the labels are the 100 fine ones; ':coarse' behind the name or path takes the 20 coarse ones"
    return [guessed(text, matters=False)] if kind == "fine_labels" else []
