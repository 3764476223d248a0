"""What the name of an idx file says: its data set, its part, and whether it holds images or labels."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.remarks import some

PATTERN = re.compile(
    r"(?:(?P<set>[^/]+?)[-_.])??(?:(?P<part>train|training|t10k|test|val|valid|validation)[-_.])?(?P<kind>images?|labels?)"
    r"[-_.]idx[1-4](?:[-_.](?:ubyte|byte|short|int|float|double))?(?P<gz>\.gz)?",
    re.IGNORECASE,
)
PARTS = {"training": "train", "t10k": "test", "val": "validation", "valid": "validation"}
SETS = {  # what a name of a file or folder contains: the data set; the first that does
    "fashion": "fashion_mnist",
    "kmnist": "kmnist",
    "kuzushiji": "kmnist",
    "notmnist": "notmnist",
    "qmnist": "qmnist",
    "mnist": "mnist",
}


class IdxName(NamedTuple):
    """The parts of a name. set: what it begins with, in lower case, such as "emnist-letters"; part: "" without one.

    column: "image" or "label". folder: of the file, without one that has the file's own name.
    """

    set: str
    part: str
    column: str
    folder: str
    file: SourceFile

    @property
    def is_emnist(self) -> bool:
        """Whether it is one of EMNIST's."""
        return self.set.startswith("emnist")

    @property
    def split(self) -> str:
        """The split of EMNIST, such as "letters"."""
        return self.set.removeprefix("emnist").strip("-_.")


def parse(name: str, file: SourceFile | None = None) -> IdxName | None:
    """The parts of the name of an idx file; None for any other."""
    found = PATTERN.fullmatch(name, name.rfind("/") + 1)
    if found is None:
        return None
    part = (found["part"] or "").lower()
    *above, last = PurePosixPath(name).parts
    if above and _plain(above[-1]) == _plain(last):
        above.pop()
    file = file or SourceFile(name, bytes)
    column = found["kind"].lower().removesuffix("s")
    return IdxName((found["set"] or "").lower(), PARTS.get(part, part), column, "/".join(above), file)


def _plain(name: str) -> str:
    return name.lower().removesuffix(".gz").replace(".", "-").replace("_", "-")


def choose(named: Sequence[IdxName], choice: str, path: Path) -> tuple[list[IdxName], list[IdxName]]:
    """The files of one data set, a file for each part and column, and further files that hold the same.

    choice: a split of EMNIST. Raises: DataError if there are several sets, or if there is no such split.
    """
    sets = {one.set: [other for other in named if other.set == one.set] for one in named}
    splits = {found[0].split: found for name, found in sets.items() if found[0].is_emnist and found[0].split}
    if choice and choice not in splits:
        raise DataError(f"{path} holds no split '{choice}' of EMNIST; it holds {', '.join(splits) or 'none'}")
    if choice:
        return _without_twins(splits[choice])
    if len(splits) > 1 and len(splits) == len(sets):
        example = min(splits, key=lambda split: split != "letters")
        raise DataError(
            f"{path} holds {len(splits)} splits of EMNIST ({', '.join(sorted(splits))}): choose one with a colon "
            f"behind the name or path, as {path.name}:{example}, or give one of its files"
        )
    if len(sets) > 1:
        names = sorted({one.set or one.folder or one.file.name for one in named})
        raise DataError(f"{path} holds {len(sets)} data sets of idx files: give one folder or file of {some(names)}")
    (found,) = sets.values()
    folders = {one.folder: [other for other in found if other.folder == one.folder] for one in found}
    chosen = [_without_twins(files)[0] for files in folders.values()]
    keys = [(one.part, one.column) for files in chosen for one in files]
    if len(folders) > 1 and len(set(keys)) < len(keys) and not found[0].is_emnist:
        raise DataError(
            f"{path} holds {len(folders)} data sets of idx files: give one folder of {some(sorted(folders))}"
        )
    return _without_twins(found)


def _without_twins(found: Sequence[IdxName]) -> tuple[list[IdxName], list[IdxName]]:
    """The first file for each part and column, plain ones before compressed ones, and the others."""
    chosen: dict[tuple[str, str], IdxName] = {}
    twins = []
    for one in sorted(found, key=lambda one: (one.file.name.lower().endswith(".gz"), one.file.name)):
        key = one.part, one.column
        if key in chosen:
            twins.append(one)
        else:
            chosen[key] = one
    return list(chosen.values()), twins


def known_set(path: Path, one: IdxName) -> str:
    """The data set that the file, or the nearest of three folders above it, has in its name; "" for none."""
    above = [*path.parts, *one.folder.split("/")] if path.is_dir() or one.folder else path.parts
    for name in [one.set, *reversed(above[-4:])]:
        for text, known in SETS.items():
            if text in name.lower():
                return known
    return ""
