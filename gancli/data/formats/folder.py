"""Pictures in a folder; sub-folders are classes. Decoded once into a cached HDF5 file."""

from __future__ import annotations

import contextlib
import hashlib
import heapq
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from gancli.core import input_files, temporary_files
from gancli.core.cache import cache_folder
from gancli.core.errors import DataError
from gancli.data.dataset import Dataset, Request
from gancli.data.formats import hdf5, packing
from gancli.data.formats.pictures import ENDINGS, Entries, Entry, in_file, is_hidden
from gancli.data.remarks import Remark, left_out, some
from gancli.data.value_ranges import AUTO

ACCEPTS = "a folder of pictures"
CACHE_FORMAT = 5


def accepts(path: Path) -> bool:
    """Whether the path is a folder."""
    return path.is_dir()


def load(path: Path, request: Request) -> Dataset:
    """The pictures below a folder. Raises: DataError, naming every bad file up to five."""
    found = entries(path)
    return decoded(path, found, request, stamp=_stamp(path, found))


def entries(path: Path) -> Entries:
    """Every picture below a folder, by name, lists of attributes, texts, and what is to be said of other files.

    Links to folders are followed, each folder once; hidden ones and those of the system are passed over.
    """
    walk = _Walk(path)
    input_files.reads_all(walk.files)
    found = [in_file(file, file.relative_to(path).as_posix()) for file in walk.files]
    return Entries.among(
        sorted(found, key=_place), (name for name in walk.folders if name), walk.hidden, remarks=walk.remarks()
    )


def _place(entry: Entry) -> tuple[tuple[int, str], ...]:
    """Order: the files of a folder by name, then its folders by name."""
    *above, name = entry.name.split("/")
    return (*((1, folder) for folder in above), (0, name))


class _Walk:
    """A walk through a folder: its files, the names of the folders in it, and what was passed over."""

    def __init__(self, path: Path) -> None:
        self.path, self.hidden = path, 0
        self.files: list[Path] = []
        self.folders: list[str] = []
        self._odd: list[str] = []
        self._broken: list[str] = []
        self._twins: list[str] = []  # links to folders that are read already
        self._runs: list[str] = []  # of gancli, whose samples are no data
        self._circles: list[str] = []  # links to folders that they are in
        self._links: list[Path] = []
        self._seen: set[tuple[int, int]] = set()
        self._below(path)
        while self._links:  # after all that is no link, so that it does not matter how links are called
            self._follow(heapq.heappop(self._links))

    def remarks(self) -> Iterator[Remark]:
        """What is to be said of links, and of things that are no files."""
        for names, what, matters in (
            (self._broken, "links to what is not there", True),
            (self._twins, "links to folders that are read already", True),
            (self._circles, "links to folders that they are in", False),
            (self._odd, "neither files nor folders", False),
            (self._runs, "the folders of runs", False),
        ):
            if names:
                yield left_out(f"{what}: {some(sorted(names))}", matters=matters)

    def _follow(self, link: Path) -> None:
        target = link.resolve()
        if any(place.resolve().is_relative_to(target) for place in (self.path, link.parent)):
            self._circles.append(self._name(link))
        else:
            self._below(link)

    def _below(self, top: Path) -> None:
        """All in a folder and its folders, but not in those that are links, or were seen."""
        for folder, subfolders, names in os.walk(top, onerror=_refuse):
            here = Path(folder)
            if (identity := _identity(here)) in self._seen:
                subfolders.clear()
                self._twins.append(self._name(here))
                continue
            self._seen.add(identity)
            shown = [name for name in subfolders if not is_hidden(name)]
            self.hidden += len(subfolders) - len(shown)
            runs = [name for name in shown if _is_run(here / name)]
            self._runs += [self._name(here / name) for name in runs]
            shown = [name for name in shown if name not in runs]
            if shown or names or not runs:  # a folder of runs alone is no class
                self.folders.append("" if here == self.path else self._name(here))
            links = [name for name in shown if (here / name).is_symlink()]
            for name in links:
                heapq.heappush(self._links, here / name)
            subfolders[:] = [name for name in shown if name not in links]
            for name in names:
                self._file(here / name)

    def _file(self, file: Path) -> None:
        if file.is_file():
            self.files.append(file)
        elif is_hidden(file.name):
            self.hidden += 1
        elif file.exists():
            self._odd.append(self._name(file))
        elif file.suffix.lower() in ENDINGS:
            self.files.append(file)  # a broken link or a file that went; decoding will name it
        else:
            self._broken.append(self._name(file))

    def _name(self, path: Path) -> str:
        return path.relative_to(self.path).as_posix()


def _is_run(folder: Path) -> bool:
    """Whether gancli has made a run of it."""
    return (folder / "run.json").is_file() and (folder / "status.json").is_file()


def _identity(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        _refuse(error)
    return status.st_dev, status.st_ino


def _refuse(error: OSError) -> NoReturn:
    raise DataError(f"cannot read the folder {error.filename}: {error.strerror}")


def _stamp(path: Path, found: Entries) -> str:
    """Names, sizes and times of the files: when one changes, so does this."""
    lines = []
    for entry in found.files():
        with contextlib.suppress(OSError):  # a broken link; decoding will name it
            status = (path / entry.name).stat()
            lines.append(f"{entry.name!r} {status.st_size} {status.st_mtime_ns}")
    return f"{path}\n" + "\n".join(lines)


def decoded(path: Path, found: Entries, request: Request, *, stamp: str) -> Dataset:
    """The data set of these pictures, from the cache if neither they nor the options have changed.

    Raises: DataError if there are no pictures or one is bad.
    """
    texts = "captions " if found.texts else ""
    texts += "alone " * request.alone + "maps or not " * (not request.needs_maps)
    crop, whole = f"crop {request.crop} " if request.crop else "", replace(request, crop=None, pixel_range=AUTO)
    scale = packing.Scale.of(request)
    crop += f"range {' '.join([scale.pixel_range, *scale.known])} " if scale != packing.Scale() else ""
    crop += f"train from {request.least} " if request.least else "paired " if request.paired else ""
    key = hashlib.sha256(
        f"{CACHE_FORMAT} {request.image_size} {request.color} {crop}{texts}{stamp}\n"
        f"{found.folders} {found.remarks}".encode("utf-8", "surrogatepass")
    )
    cached = cache_folder() / "decoded" / f"{key.hexdigest()[:32]}.h5"
    try:
        dataset = hdf5.load(cached, whole)
    except DataError:  # absent or damaged: made anew
        input_files.forget(cached)
        temporary_files.sweep(cached.parent)
        side = request.image_size or request.crop
        if request.paired:
            packing.pack_pairs(path, found, cached, side=side, request=request)
        elif request.least:
            asked = {"color": request.color, "least": request.least, "needs_maps": request.needs_maps}
            packing.pack_whole(path, found, cached, **asked, scale=scale)
        else:
            asked = {"side": side, "color": request.color, "crop": request.crop, "alone": request.alone}
            packing.pack(path, found, cached, **asked, scale=scale, needs_maps=request.needs_maps)
        dataset = hdf5.load(cached, whole)
    return replace(dataset, name=path.stem, source=str(path))
