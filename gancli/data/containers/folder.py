"""The files of a folder and the folders in it; links to folders are followed."""

from __future__ import annotations

import contextlib
import heapq
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

from gancli.core import input_files
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SUFFIXES, SourceFile, SourceFiles, file_on_disk, is_hidden
from gancli.data.remarks import Remark, left_out, some


def accepts(path: Path) -> bool:
    """Whether this module reads the path: any folder that exists."""
    return path.is_dir()


def list_files(path: Path) -> SourceFiles:
    """Every file below a folder by kind, sorted by name, and remarks on files that are not read.

    Links to folders are followed, each folder once; hidden and system folders are skipped.
    """
    walk = _FolderWalk(path)
    input_files.reads_all(walk.files)
    found = [file_on_disk(file, file.relative_to(path).as_posix()) for file in walk.files]
    return SourceFiles.of(
        path,
        sorted(found, key=_sort_key),
        kind="folder",
        stamp=_stamp(path, found),
        folders=filter(None, walk.folders),
        hidden=walk.hidden,
        remarks=walk.remarks(),
    )


def _sort_key(file: SourceFile) -> tuple[tuple[int, str], ...]:
    """The files of a folder by name, then its folders by name."""
    *above, name = file.name.split("/")
    return (*((1, folder) for folder in above), (0, name))


class _FolderWalk:
    """A walk through a folder: its files, the names of the folders in it, and what was skipped."""

    def __init__(self, path: Path) -> None:
        self.path, self.hidden = path, 0
        self.files: list[Path] = []
        self.folders: list[str] = []
        self._odd: list[str] = []
        self._broken: list[str] = []
        self._duplicates: list[str] = []  # links to folders that are read already
        self._runs: list[str] = []  # of gancli: samples are no training data
        self._loops: list[str] = []  # links to folders that contain them
        self._links: list[Path] = []
        self._visited: set[tuple[int, int]] = set()
        self._walk(path)
        while self._links:  # after everything else, so that the names of links do not matter
            self._follow(heapq.heappop(self._links))

    def remarks(self) -> Iterator[Remark]:
        """Remarks on links, and on what is neither a file nor a folder."""
        for names, what, matters in (
            (self._broken, "broken links", True),
            (self._duplicates, "links to folders that are read already", True),
            (self._loops, "links to folders that contain them", False),
            (self._odd, "neither files nor folders", False),
            (self._runs, "the folders of runs", False),
        ):
            if names:
                yield left_out(f"{what}: {some(sorted(names))}", matters=matters)

    def _follow(self, link: Path) -> None:
        target = link.resolve()
        if any(place.resolve().is_relative_to(target) for place in (self.path, link.parent)):
            self._loops.append(self._name(link))
        else:
            self._walk(link)

    def _walk(self, top: Path) -> None:
        """Walk through a folder and its folders, except links and folders that were visited before."""
        for folder, subfolders, names in os.walk(top, onerror=_refuse):
            here = Path(folder)
            if (identity := _identity(here)) in self._visited:
                subfolders.clear()
                self._duplicates.append(self._name(here))
                continue
            self._visited.add(identity)
            visible = [name for name in subfolders if not is_hidden(name)]
            self.hidden += len(subfolders) - len(visible)
            runs = [name for name in visible if _is_run(here / name)]
            self._runs += [self._name(here / name) for name in runs]
            visible = [name for name in visible if name not in runs]
            if visible or names or not runs:  # a folder that only holds runs is no class
                self.folders.append("" if here == self.path else self._name(here))
            links = [name for name in visible if (here / name).is_symlink()]
            for name in links:
                heapq.heappush(self._links, here / name)
            subfolders[:] = [name for name in visible if name not in links]
            for name in names:
                self._add_file(here / name)

    def _add_file(self, file: Path) -> None:
        if file.is_file():
            self.files.append(file)
        elif is_hidden(file.name):
            self.hidden += 1
        elif file.exists():
            self._odd.append(self._name(file))
        elif file.suffix.lower() in SUFFIXES:
            self.files.append(file)  # a broken link or a deleted file; decoding will name it
        else:
            self._broken.append(self._name(file))

    def _name(self, path: Path) -> str:
        return path.relative_to(self.path).as_posix()


def _is_run(folder: Path) -> bool:
    """Whether this is the folder of a run."""
    return (folder / "run.json").is_file() and (folder / "status.json").is_file()


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        _refuse(error)
    return status.st_dev, status.st_ino


def _refuse(error: OSError) -> NoReturn:
    raise DataError(f"cannot read the folder {error.filename}: {error.strerror}")


def _stamp(path: Path, found: Sequence[SourceFile]) -> str:
    """Names, sizes and times of the files; it changes if a file does."""
    lines = []
    for file in found:
        with contextlib.suppress(OSError):  # a broken link; decoding will name it
            status = os.stat(file.path)  # noqa: PTH116 (pathlib's is slower)
            lines.append(f"{file.name!r} {status.st_size} {status.st_mtime_ns}")
    return f"{path}\n" + "\n".join(lines)
