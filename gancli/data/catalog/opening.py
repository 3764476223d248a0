"""Open what a location is: a path, with a choice in it or with only some of its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gancli.data import layouts
from gancli.data.catalog.table import class_names
from gancli.data.containers import open_container
from gancli.data.containers.source_files import SourceFile, SourceFiles, file_on_disk
from gancli.data.data_source import DataSource
from gancli.data.dataset import Dataset
from gancli.data.request import Request


def recognize(path: Path, request: Request, *, choice: str = "", only: Sequence[str] = ()) -> DataSource:
    """What a path holds; see layouts.recognize. only: the names of files and folders in it that are read alone."""
    path = path.resolve()
    if not only:
        return layouts.recognize(path, request, choice)
    files = sorted(_files(path, only), key=lambda file: file.name)
    stamp = "\n".join([str(path), *(f"{file.name} {file.size} {_time(file)}" for file in files)])
    return layouts.recognize_files(SourceFiles.of(path, files, kind="folder", stamp=stamp), request, choice)


def described(dataset: Dataset, known_as: str) -> Dataset:
    """A well-known data set under its name, its classes with their names instead of numbers."""
    name, _, choice = known_as.partition(":")
    names, first = class_names(name, choice)
    places = [int(one) - first if one.isdecimal() else -1 for one in dataset.classes]
    if not places or not all(0 <= at < len(names) for at in places):
        return replace(dataset, name=known_as.replace(":", "-"))
    classes = tuple(names[at] for at in places)
    return replace(dataset, name=known_as.replace(":", "-"), classes=classes)


def _time(file: SourceFile) -> int:
    return file.path.stat().st_mtime_ns if file.path is not None and file.path.exists() else 0


def _files(path: Path, names: Sequence[str]) -> Iterator[SourceFile]:
    for name in names:
        if (path / name).is_dir():
            yield from (replace(file, name=f"{name}/{file.name}") for file in open_container(path / name).files)
        else:
            yield file_on_disk(path / name, name)
