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
from gancli.data.remarks import changed
from gancli.data.request import Request


def recognize(path: Path, request: Request, *, choice: str = "", only: Sequence[str] = ()) -> DataSource:
    """What a path holds; see layouts.recognize. only: the names of files and folders in it that are read alone."""
    path = path.resolve()
    if not only:
        return layouts.recognize(path, request, choice)
    files = sorted(_files(path, only), key=lambda file: file.name)
    stamp = "\n".join([str(path), *(f"{file.name} {file.size} {_time(file)}" for file in files)])
    return layouts.recognize_files(SourceFiles.of(path, files, kind="folder", stamp=stamp), request, choice)


def described(dataset: Dataset, known_as: str, *, is_found_in_cache: bool = False) -> Dataset:
    """A well-known data set under its name, its classes with their names instead of numbers.

    is_found_in_cache: whether the folder of TFDS has it, whose EMNIST is stored turned and mirrored, as its files are.
    """
    name, _, choice = known_as.partition(":")
    names, first = class_names(name, choice)
    if name == "emnist" and is_found_in_cache:
        dataset = _upright(dataset)
    places = [int(one) - first if one.isdecimal() else -1 for one in dataset.classes]
    if not places or not all(0 <= at < len(names) for at in places):
        return replace(dataset, name=known_as.replace(":", "-"))
    classes = tuple(names[at] for at in places)
    return replace(dataset, name=known_as.replace(":", "-"), classes=classes)


def _upright(dataset: Dataset) -> Dataset:
    """Images with rows and columns exchanged."""
    parts = [
        {key: values[:].swapaxes(1, 2).copy() if key == "image" else values for key, values in part.items()}
        for part in (dataset.train, dataset.test)
    ]
    remark = changed("the images are stored turned and mirrored: they are turned upright", matters=False)
    return replace(dataset, train=parts[0], test=parts[1], remarks=(*dataset.remarks, remark))


def _time(file: SourceFile) -> int:
    return file.path.stat().st_mtime_ns if file.path is not None and file.path.exists() else 0


def _files(path: Path, names: Sequence[str]) -> Iterator[SourceFile]:
    for name in names:
        if (path / name).is_dir():
            yield from (replace(file, name=f"{name}/{file.name}") for file in open_container(path / name).files)
        else:
            yield file_on_disk(path / name, name)
