"""Archives in a folder that holds no pictures itself, read as folders: CelebA as its authors hand it out, shards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePosixPath

from gancli.core.errors import DataError
from gancli.data.containers import tar_file, zip_file
from gancli.data.containers.source_files import SourceFile, SourceFiles
from gancli.data.remarks import Remark, guessed, some

READERS = (zip_file, tar_file)
ENDINGS = (*tar_file.ENDINGS, ".zip")


def is_archive(file: SourceFile) -> bool:
    """Whether a file has the ending of an archive that is read."""
    return file.base.endswith(ENDINGS)


def open_archives(entries: SourceFiles) -> SourceFiles | None:
    """The files of a folder with each archive as a folder of its name, as if it was unpacked there.

    None for other containers, and without archives. Raises: DataError for damaged archives.
    """
    archives = [file for file in entries.files if is_archive(file)]
    if not archives or entries.kind != "folder":
        return None
    files = [file for file in entries.files if not is_archive(file)]
    folders, stamps, remarks, places = [*entries.folders], [entries.stamp], [], []
    for archive in archives:
        opened = next(reader for reader in READERS if reader.accepts(archive.path)).list_files(archive.path)
        place = _place(archive, opened)
        prefix = f"{place}/" if place else ""
        files += [replace(file, name=prefix + file.name) for file in opened.files]
        folders += [prefix + name for name in opened.folders]
        stamps.append(opened.stamp)
        remarks += [remark._replace(text=f"{archive.name}: {remark.text}") for remark in opened.remarks]
        places.append(place)
    return SourceFiles.of(
        entries.path,
        files,
        kind="folder",
        stamp="\n".join(stamps),
        folders=folders,
        remarks=[*entries.remarks, *_remarks(archives), *remarks],
    )._replace(archives=tuple(places))


def refuse_archives(entries: SourceFiles) -> None:
    """Raise DataError for archives without pictures in an archive: two levels are not read."""
    names = [file.name for file in entries.files if is_archive(file)]
    if names and not entries.pictures:
        raise DataError(f"{entries.path} holds no pictures, but archives in an archive: unpack {some(names)} first")


def _place(archive: SourceFile, opened: SourceFiles) -> str:
    """The folder that an archive's files are in: its name without the ending, unless they are in one of that name."""
    above = PurePosixPath(archive.name).parent
    ending = next(one for one in ENDINGS if archive.base.endswith(one))
    stem = PurePosixPath(archive.name).name[: -len(ending)]
    inside = {file.name.partition("/")[0] for file in opened.files}
    place = above if inside == {stem} else above / stem
    return "" if str(place) == "." else str(place)


def _remarks(archives: list[SourceFile]) -> Iterator[Remark]:
    what = "an archive in the folder is read as a folder" if len(archives) == 1 else "archives are read as folders"
    yield guessed(f"{what}: {some([file.name for file in archives])}", matters=False)
