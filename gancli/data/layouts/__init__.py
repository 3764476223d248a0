"""Layouts of data sets: one small recognizer each, tried in order.

A recognizer is a module of one of the packages here with a `NAME`, an `EXAMPLE` (the names of files, one a line) and
`BECOMES` (what gancli makes of them), which `docs/data.md` lists. Those in `arrays`, `records` and `sentences` have
`recognize(entries)`, which returns a DataSource for a layout of their own, else None; the first that knows the files
wins. Those in `maps`, `tables` and `folders` are steps for pictures: `annotate(pictures, request)` returns a PictureSet
that says more, or None if they have nothing to say. Each step may set columns, which are settled for all later ones.
`ORDER` places a recognizer among the others. A step with `ALONE` is also taken where only pictures are wanted.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import ModuleType

from gancli.core.errors import DataError
from gancli.data.containers import nested_archives, open_container
from gancli.data.containers.source_files import SourceFiles
from gancli.data.data_source import DataSource
from gancli.data.discovery import modules_of
from gancli.data.picture_set import PictureSet
from gancli.data.remarks import merged
from gancli.data.request import Request

WHOLE = tuple(f"{__name__}.{package}" for package in ("arrays", "records", "sentences"))
STEPS = tuple(f"{__name__}.{package}" for package in ("maps", "tables", "folders"))


def recognizers() -> tuple[ModuleType, ...]:
    """All recognizers, in the order in which they are tried."""
    return tuple(module for module in (*modules_of(*WHOLE), *modules_of(*STEPS)) if hasattr(module, "NAME"))


def recognize(path: Path, request: Request) -> DataSource:
    """What the path holds. Raises: DataError for what is not data, and for what is damaged."""
    entries = open_container(path)
    found = _recognize_whole(entries)
    if found is None and not entries.pictures and (opened := nested_archives.open_archives(entries)):
        entries = opened
        found = _recognize_whole(entries)
    if found is not None:
        if request.alone and found.pictures is not None:
            found = source_of(found.pictures.alone())
        return replace(found, remarks=merged(entries.remarks, found.remarks))
    nested_archives.refuse_archives(entries)
    if entries.kind == "file":
        names = ", ".join(dict.fromkeys(module.NAME for module in modules_of(*WHOLE) if hasattr(module, "NAME")))
        raise DataError(f"{path} is not a supported data set: expected a folder or archive of pictures, or {names}")
    return source_of(read_pictures(entries, request))


def _recognize_whole(entries: SourceFiles) -> DataSource | None:
    """The data set that these files are as a whole, by the first recognizer that knows it."""
    found = (module.recognize(entries) for module in modules_of(*WHOLE) if hasattr(module, "recognize"))
    return next((source for source in found if source is not None), None)


def read_pictures(entries: SourceFiles, request: Request) -> PictureSet:
    """What folders, lists and texts say about the pictures of a folder or archive.

    Raises: DataError for label maps that do not match their pictures, if the request needs maps.
    """
    pictures = PictureSet.of(entries)
    for module in modules_of(*STEPS):
        if hasattr(module, "annotate") and (not request.alone or getattr(module, "ALONE", False)):
            found = module.annotate(pictures, request)
            if found is not None:
                pictures = replace(found, layouts=(*pictures.layouts, module.NAME))
    return pictures.finished()


def source_of(pictures: PictureSet) -> DataSource:
    """The pictures as a data source."""
    from gancli.data.formats import decoded_cache

    return DataSource(
        path=pictures.entries.path,
        layouts=pictures.layouts,
        parts=pictures.count_splits(),
        columns=pictures.column_names(),
        load=lambda request: decoded_cache.load(pictures, request),
        classes=pictures.classes,
        attributes=pictures.attributes,
        remarks=pictures.remarks,
        pictures=pictures,
    )
