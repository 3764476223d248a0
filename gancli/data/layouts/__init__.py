"""Layouts of data sets: one small recognizer each, tried in order.

A recognizer is a module of one of the packages here with a `NAME`, an `EXAMPLE` (the names of files, one a line) and
`BECOMES` (what gancli makes of them), which `docs/data.md` lists. Those in `arrays`, `records` and `sentences` have
`recognize(entries)`, which returns a DataSource for a layout of their own, else None; the first that knows the files
wins. Those in `maps`, `tables` and `folders` are steps for pictures: `annotate(pictures, request)` returns a PictureSet
that says more, or None if they have nothing to say. Each step may set columns, which are settled for all later ones.
`ORDER` places a recognizer among the others. A step with `ALONE` is also taken where only pictures are wanted. A
recognizer with `CHOICES` also takes a choice, of one among several sets in the same files. Arrays that take long to
decompress are cached if their module says `SLOW`.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from types import ModuleType

from gancli.core.errors import DataError
from gancli.data.containers import nested_archives, open_container
from gancli.data.containers.source_files import SourceFiles
from gancli.data.containers.unread_formats import advice
from gancli.data.data_source import DataSource
from gancli.data.discovery import modules_of
from gancli.data.expansion import expanded, expanders
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import merged
from gancli.data.request import Request

WHOLE = tuple(f"{__name__}.{package}" for package in ("arrays", "records", "sentences"))
PLAIN = "pictures without labels"
STEPS = tuple(f"{__name__}.{package}" for package in ("maps", "tables", "folders"))


def recognizers() -> tuple[ModuleType, ...]:
    """All recognizers, in the order in which they are tried."""
    found = (*modules_of(*WHOLE), *expanders(), *modules_of(*STEPS))
    return tuple(module for module in found if hasattr(module, "NAME"))


def recognize(path: Path, request: Request, choice: str = "") -> DataSource:
    """What the path holds. Raises: DataError for what is not data, and for what is damaged.

    choice: one of several sets or kinds of labels in it, for the recognizers that have `CHOICES`.
    """
    return recognize_files(open_container(path), request, choice)


def recognize_files(entries: SourceFiles, request: Request, choice: str = "") -> DataSource:
    """As `recognize`, for files that are already listed."""
    path = entries.path
    entries, found = _recognize_or_open(entries, choice)
    if found is not None:
        if request.alone and found.pictures is not None:
            found = source_of(found.pictures.alone())
        return replace(found, remarks=merged(entries.remarks, found.remarks))
    nested_archives.refuse_archives(entries)
    if choice:
        raise DataError(f"{path} holds nothing to choose from: leave ':{choice}' out")
    entries = expanded(entries, request)
    if entries.kind == "file":
        if known := advice([path.name]):
            raise DataError(f"{path} is not a supported data set, but {known}")
        names = ", ".join(dict.fromkeys(module.NAME for module in modules_of(*WHOLE) if hasattr(module, "NAME")))
        raise DataError(f"{path} is not a supported data set: expected a folder or archive of pictures, or {names}")
    if not entries.pictures and (known := advice(file.name for file in entries.files)):
        raise DataError(f"{path} holds no pictures, but {known}")
    return source_of(read_pictures(entries, request))


def _recognize_or_open(entries: SourceFiles, choice: str) -> tuple[SourceFiles, DataSource | None]:
    """The files, with the archives among them as folders if that is what makes a data set of them; and the data set."""
    opened = None
    try:
        found = _recognize_whole(entries, choice)
    except DataError:  # tables beside an archive of pictures, as Oxford's flowers have, are no arrays
        opened = None if entries.pictures else nested_archives.open_archives(entries)
        if opened is None or not opened.pictures:
            raise
        found = None
    if found is None and not entries.pictures:
        opened = opened or nested_archives.open_archives(entries)
        if opened is not None:
            return opened, _recognize_whole(opened, choice)
    return entries, found


def _recognize_whole(entries: SourceFiles, choice: str = "") -> DataSource | None:
    """The data set that these files are as a whole, by the first recognizer that knows it, and has the choice."""
    from gancli.data.formats import decoded_cache

    for module in modules_of(*WHOLE):
        if hasattr(module, "recognize") and (not choice or hasattr(module, "CHOICES")):
            found = module.recognize(entries, choice) if choice else module.recognize(entries)
            if found is not None:
                slow, stamp = getattr(module, "SLOW", False), f"{entries.stamp}\n{choice}"
                return replace(found, load=partial(decoded_cache.load_arrays, found, stamp)) if slow else found
    return None


def read_pictures(entries: SourceFiles, request: Request) -> PictureSet:
    """What folders, lists and texts say about the pictures of a folder or archive.

    Raises: DataError for label maps that do not match their pictures, if the request needs maps.
    """
    pictures = PictureSet.of(entries)
    for module in modules_of(*STEPS):
        if hasattr(module, "annotate") and (not request.alone or getattr(module, "ALONE", False)):
            found = module.annotate(pictures, request)
            if found is not None:
                names = (module.NAME,) if found.says_more_than(pictures) else ()
                pictures = replace(found, layouts=(*pictures.layouts, *names))
    return pictures.finished()


def source_of(pictures: PictureSet) -> DataSource:
    """The pictures as a data source."""
    from gancli.data.formats import decoded_cache

    return DataSource(
        path=pictures.entries.path,
        layouts=pictures.layouts or (PLAIN,),
        parts=pictures.count_splits(),
        columns=pictures.column_names(),
        load=lambda request: decoded_cache.load(pictures, request),
        classes=pictures.classes,
        attributes=pictures.attributes,
        remarks=pictures.remarks,
        pictures=pictures,
    )
