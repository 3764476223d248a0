"""Find well-known data sets in the data folder and in the caches of torchvision, Keras, MedMNIST and TFDS."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.core.names.similar import did_you_mean
from gancli.data.catalog.table import CHOICE, KNOWN, OWN, KnownSet
from gancli.data.labels.class_names import natural_key

TORCHVISION = "data"  # the folder that torchvision's examples use, below the current one


class Found(NamedTuple):
    """A data set that was found. choice: for its recognizer. only: the names of the files that belong to it, if it lies
    in a folder among others. root: the folder that was searched for it, None for that of TFDS and Keras' cache."""

    path: Path
    choice: str = ""
    only: tuple[str, ...] = ()
    root: Path | None = None


def split_name(source: str) -> tuple[str, str] | None:
    """The name of a well-known data set and what follows its colon, both in lower case; None for other texts.

    Raises: DataError for a choice that it does not have, and for the lack of one that it needs.
    """
    name, colon, choice = source.casefold().replace("-", "").replace("_", "").partition(":")
    known = KNOWN.get(name)
    if known is None:
        return None
    if choice not in known.choices and (choice or colon or known.needed):
        what = f"'{choice}' is no part of {known.title}" if choice else f"{known.title} has several parts"
        texts = ", ".join(f"{name}:{one}" for one in known.choices) or f"give {name} alone"
        raise DataError(f"{what}: {texts}{did_you_mean(choice, known.choices)}")
    return name, choice


def find(name: str, choice: str, data_dir: str | None) -> Found | None:
    """A well-known data set in the first place that has it."""
    return next(_everywhere(KNOWN[name], choice, data_dir), None)


def absent(name: str, choice: str, data_dir: str | None) -> str:
    """A message for a well-known data set that is nowhere: what to put where."""
    known = KNOWN[name]
    put = known.put.replace(CHOICE, choice)
    where = f"into {data_dir}" if data_dir else "into a folder, and give it as --data-dir"
    return (
        f"{known.title} is neither in the data folder nor in the caches of torchvision, Keras and TFDS: put {put} from "
        f"{known.site} {where}"
    )


def find_own(name: str, data_dir: str | None) -> Found | None:
    """One of gancli's own data sets in the field's own files, in the data folder."""
    return in_folder(OWN[name], "", _folder(data_dir)) if data_dir else None


def find_own_elsewhere(name: str) -> Found | None:
    """One of gancli's own data sets in the caches of torchvision and TFDS, unless Keras' cache has it."""
    known = OWN[name]
    if next(_matches(keras_cache(), known.keras), None):
        return None
    places = (in_folder(known, "", Path(TORCHVISION)), _in_tfds(known, ""))
    return next((found for found in places if found is not None), None)


def in_folder(known: KnownSet, choice: str, folder: Path) -> Found | None:
    """The data set in a folder, by the first pattern that fits."""
    is_in_name = any(CHOICE in pattern for pattern in known.patterns) and known.needed
    for pattern in known.patterns:
        if CHOICE in pattern and not choice:
            continue
        for path in _matches(folder, [pattern.replace(CHOICE, choice)]):
            return Found(path, "" if is_in_name or CHOICE in pattern else choice, root=folder)
    loose = [pattern.replace(CHOICE, choice or "*") for pattern in known.loose]
    names = tuple(path.name for path in _matches(folder, loose))
    return Found(folder, choice, names, folder) if names else None


def keras_cache() -> Path:
    """The folder of Keras' data sets."""
    return Path(os.environ.get("KERAS_HOME") or "~/.keras").expanduser() / "datasets"


def _everywhere(known: KnownSet, choice: str, data_dir: str | None) -> Iterator[Found]:
    for folder in [*([_folder(data_dir)] if data_dir else []), Path(TORCHVISION)]:
        if found := in_folder(known, choice, folder):
            yield found
    for path in _matches(keras_cache(), known.keras):
        yield Found(path, choice)
    if any(".medmnist" in pattern for pattern in known.patterns) and (found := in_folder(known, choice, Path.home())):
        yield found
    if found := _in_tfds(known, choice):
        yield found


def _folder(data_dir: str) -> Path:
    return Path(os.path.expanduser(data_dir))  # noqa: PTH111 (pathlib's fails where there is no such user)


def _in_tfds(known: KnownSet, choice: str) -> Found | None:
    """The newest version in the folder of TensorFlow Datasets; without a choice only sets without configurations."""
    if not known.tfds or (CHOICE in known.tfds and not choice):
        return None
    folder = Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
    versions = _matches(folder, [known.tfds.replace(CHOICE, choice) + "/*"])
    kept = [path for path in versions if (path / "dataset_info.json").is_file()]
    newest = max(kept, key=lambda path: natural_key(path.name), default=None)
    return Found(newest, "" if CHOICE in known.tfds else choice) if newest else None


def _matches(folder: Path, patterns: Iterable[str]) -> Iterator[Path]:
    """The files and folders below a folder that fit a pattern, whatever their case; "a/b" fits b in a folder a."""
    for pattern in patterns:
        first, _, rest = pattern.casefold().partition("/")
        try:
            names = sorted(path.name for path in folder.iterdir())
        except OSError:  # there is no such folder, or it is not for this user
            return
        for name in names:
            if fnmatch.fnmatchcase(name.casefold(), first):
                yield from _matches(folder / name, [rest]) if rest else [folder / name]
