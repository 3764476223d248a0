"""Files that hold several pictures, or pictures in other formats, replaced by the pictures in them.

An expander is a module here with `accepts(file, head)` and `expand(files, request)`. The pictures are files with names
of their own (`stack#0003.tif`), whose `read` returns an encoded picture that Pillow opens, so that everything else
stays as it is. Only headers are read when files are listed. Files without a known ending are recognized by their first
bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from types import ModuleType
from typing import NamedTuple

from gancli.core.errors import DataError
from gancli.data.containers.source_files import NO_PICTURES, OTHER_PICTURES, SUFFIXES, SourceFile, SourceFiles
from gancli.data.discovery import modules_of
from gancli.data.remarks import Remark, guessed, some
from gancli.data.request import Request

HEAD = 132  # bytes: DICOM's mark ends here
PICTURE = re.compile(
    rb"\x89PNG\r\n\x1a\n|\xff\xd8\xff|GIF8[79]a|BM.{4}\0{4}|RIFF.{4}WEBP|II\*\0|MM\0\*|P[1-6]\s+[#\d]"
    rb"|\0\0\0\x0cjP  \r\n\x87\n|\xff\x4f\xff\x51|.{4}ftypavi[fs]",
    re.DOTALL,
)


class Expansion(NamedTuple):
    """What files are replaced by: for each name the pictures in it, none if it holds none; and remarks."""

    files: Mapping[str, Sequence[SourceFile]]
    remarks: Sequence[Remark] = ()


def expanded(entries: SourceFiles, request: Request) -> SourceFiles:
    """The files with pictures in place of stacks, volumes and files without an ending."""
    heads = {file.name: _head(file) for file in entries.others if _is_unnamed(file)}
    replaced: dict[str, Sequence[SourceFile]] = {}
    remarks: list[Remark] = []
    names: list[str] = []
    for module in expanders():
        chosen = [file for file in entries.files if module.accepts(file, heads.get(file.name, b""))]
        if chosen:
            found = module.expand(chosen, request)
            replaced |= found.files
            remarks += found.remarks
            names += [module.NAME] if any(found.files.values()) else []
    unnamed = [name for name, head in heads.items() if name not in replaced and PICTURE.match(head)]
    if unnamed:
        text = f"{len(unnamed):,} files without the ending of a picture are pictures by their first bytes"
        remarks.append(guessed(f"{text}: {some(unnamed)}"))
    if not (replaced or unnamed or remarks):
        return entries
    pictures = {file.name for file in entries.pictures} | {*unnamed, *replaced}
    listed = [one for file in entries.files for one in replaced.get(file.name, (file,))]
    return entries._replace(
        files=listed,
        pictures=[one for file in entries.files if file.name in pictures for one in replaced.get(file.name, (file,))],
        others=[file for file in entries.others if file.name not in pictures],
        remarks=(*entries.remarks, *remarks),
        layouts=tuple(names),
        kind="archive" if entries.kind == "file" and replaced else entries.kind,
    )


def numbered(name: str, number: int | str) -> str:
    """The name of a picture in a file: `a/stack#0003.tif` for number 3 of `a/stack.tif`."""
    path = PurePosixPath(name)
    ending = ".nii.gz" if name.lower().endswith(".nii.gz") else path.suffix
    stem = path.name[: len(path.name) - len(ending)] if ending else path.name
    label = f"{number:04}" if isinstance(number, int) else number
    return str(path.with_name(f"{stem}#{label}{path.name[len(stem) :]}"))


def expanders() -> list[ModuleType]:
    """The modules that take pictures out of files, with NAME, EXAMPLE and BECOMES as those of `layouts`."""
    return [module for module in modules_of(__name__) if hasattr(module, "expand")]


def _is_unnamed(file: SourceFile) -> bool:
    suffix = file.suffix
    return suffix not in SUFFIXES and suffix not in NO_PICTURES and suffix not in OTHER_PICTURES


def _head(file: SourceFile) -> bytes:
    try:
        with file.open() as stream:
            return stream.read(HEAD)
    except (DataError, OSError):
        return b""
