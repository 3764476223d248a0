"""The files of a folder, archive or single file: images, texts and others; and which names are skipped."""

from __future__ import annotations

import functools
import io
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, NamedTuple

from gancli.core import files, input_files
from gancli.core.environment import total_memory
from gancli.core.errors import DataError
from gancli.data.remarks import Remark, left_out, some

SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".gif", ".bmp", ".webp", ".tif", ".tiff"),
    *(".ppm", ".pgm", ".pbm", ".pnm", ".jp2", ".j2k", ".avif"),
)
_OTHERS = (  # images in other formats, or what may contain some; a .tga file has no mark by which it is recognized
    ".heic .heif .jxl .tga .ico .svg .psd .exr .hdr .dcm .nii .dng .raw .cr2 .nef "
    ".arw .npy .npz .mat .mp4 .mov .avi .webm .mkv .apng .dib .zip .tar .gz .tgz .7z .rar .parquet .tfrecord"
)
_TEXTS = ".txt .md .rst .csv .tsv .json .jsonl .xml .html .yaml .yml .toml .ini .log .pdf .py .ipynb .sh .m .db"
OTHER_PICTURES, NO_PICTURES = frozenset(_OTHERS.split()), frozenset(_TEXTS.split())  # suffixes
MANY = 3  # more files than this of an unknown suffix may be images
SYSTEM = frozenset(  # folded names; and all that begin with a dot
    ("__macosx", "@eadir", "#recycle", "$recycle.bin", "thumbs.db", "ehthumbs.db", "desktop.ini", "lost+found")
)
MAX_FILE = 500_000_000  # bytes of an image file or text
BYTES_TO_LIST = 1000  # of memory for each file of a set


@dataclass(frozen=True)
class SourceFile:
    """One file of a data set: its name inside the set, and a function that returns its bytes.

    size: in bytes, None if unknown. path: where it is on disk, None in an archive. stream: a function that opens it.
    """

    name: str
    read: Callable[[], bytes]
    size: int | None = None
    path: Path | None = None
    stream: Callable[[], BinaryIO] | None = None

    @property
    def suffix(self) -> str:
        """The suffix of the name in lower case, with its dot, or ""."""
        return suffix_of(self.name)

    @property
    def base(self) -> str:
        """The last part of the name, in lower case."""
        return self.name.rpartition("/")[2].lower()

    @property
    def stem(self) -> str:
        """The last part of the name without its suffix."""
        last = self.name.rpartition("/")[2]
        return last[: len(last) - len(suffix_of(last))]

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of the folders that the file lies in."""
        return tuple(self.name.split("/")[:-1])

    def open(self) -> BinaryIO:
        """The file as a stream of bytes, for files that are too large to be read at once. Raises: DataError."""
        return io.BytesIO(self.read()) if self.stream is None else self.stream()


class SourceFiles(NamedTuple):
    """The visible files of a data set, in order.

    files: all of them; pictures, texts (`.txt`) and others are the same by kind. folders: the names of all folders.
    path: of the folder, archive or file; kind: "folder", "archive" or "file". stamp: a text that changes if a file
    does. archives: the folders that are archives in a folder. layouts: names of what pictures were taken out of, such
    as DICOM files.
    """

    files: list[SourceFile]
    pictures: list[SourceFile]
    texts: list[SourceFile]
    others: list[SourceFile]
    folders: list[str]
    remarks: tuple[Remark, ...]
    path: Path
    kind: str
    stamp: str
    archives: tuple[str, ...] = ()
    layouts: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        path: Path,
        entries: Iterable[SourceFile],
        *,
        kind: str,
        stamp: str,
        folders: Iterable[str] = (),
        hidden: int = 0,
        remarks: Iterable[Remark] = (),
    ) -> SourceFiles:
        """Sort files by kind. folders: names of folders that may be empty; hidden: files or folders that the reader
        skipped itself; remarks: those of the reader."""
        entries, folders = list(entries), set(folders)
        filled = {file.name.rpartition("/")[0] for file in entries}
        for name in filled:
            while name and name not in folders:
                folders.add(name)
                name = name.rpartition("/")[0]
        visible = [file for file in entries if not is_hidden(file.name)]
        kinds: dict[str, list[SourceFile]] = {"pictures": [], "texts": [], "others": []}
        for file in visible:
            kinds[_kind(file)].append(file)
        remarks = (*remarks, *_hidden_remarks(hidden + len(entries) - len(visible)))
        names = sorted(name for name in folders if name not in ("", ".") and not is_hidden(name))
        return cls(visible, **kinds, folders=names, remarks=remarks, path=path, kind=kind, stamp=stamp)

    def named(self, *names: str) -> list[SourceFile]:
        """The files with one of these names in any folder, whatever their case; those of the first name first."""
        wanted = [name.lower() for name in names]
        has_pictures = any(map(is_picture, wanted))
        files = self.files if has_pictures else (*self.texts, *self.others)  # pictures are many
        found = [file for file in files if file.base in wanted]
        return sorted(found, key=lambda file: wanted.index(file.base))


def suffix_of(name: str) -> str:
    """The suffix of a name in lower case, with its dot, or ""; a name that begins with its only dot has none."""
    last = name.rpartition("/")[2]
    at = last.rfind(".")
    return last[at:].lower() if 0 < at < len(last) - 1 else ""


def is_hidden(name: str) -> bool:
    """Whether a name inside a data set, or a folder in it, is hidden or made by an operating system."""
    return any((part[:1] == "." and part != ".") or part.casefold() in SYSTEM for part in name.split("/"))


def is_readable(name: str) -> bool:
    """Whether a file of this name inside a data set is a picture or a text."""
    return not is_hidden(name) and _kind(SourceFile(name, bytes)) != "others"


def is_picture(name: str) -> bool:
    """Whether a file has the suffix of a picture that is read."""
    return suffix_of(name) in SUFFIXES


def may_be_picture(name: str) -> bool:
    """Whether a file that is not read has the suffix of another image format."""
    return suffix_of(name) in OTHER_PICTURES


def image_file(path: Path) -> SourceFile:
    """The file of one image. Raises: DataError if it does not exist or is not a file."""
    if not path.is_file():
        raise DataError(f"{path} is not a file" if os.path.lexists(path) else f"{path} does not exist")
    input_files.reads(path)
    return file_on_disk(path, path.name)


def file_on_disk(path: Path, name: str) -> SourceFile:
    """A plain file under this name; reading it raises DataError."""
    try:
        size = os.stat(path).st_size  # noqa: PTH116 (pathlib's is slower, and folders hold many files)
    except OSError:
        size = None
    return SourceFile(name, functools.partial(_read, path, name), size, path, functools.partial(_open, path, name))


def _read(path: Path, name: str) -> bytes:
    try:
        return files.read_regular(path, most=MAX_FILE)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror}") from error


def _open(path: Path, name: str) -> BinaryIO:
    try:
        return files.open_regular(path)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror}") from error


def _kind(file: SourceFile) -> str:
    return "pictures" if file.suffix in SUFFIXES else "texts" if file.suffix == ".txt" else "others"


def most_files() -> int:
    """The number of files that a quarter of the memory can list."""
    return total_memory() // 4 // BYTES_TO_LIST


def need_room(count: int, name: str) -> None:
    """Raise DataError for more files than fit in memory: counts in headers are claims."""
    most = most_files()
    if count > most:
        raise DataError(f"{name} lists {count:,} files or records, more than the {most:,} that fit in memory")


def unread_remarks(names: Sequence[str]) -> Iterator[Remark]:
    """Remarks on files of these names that are not read: those that may be images, and the rest."""
    counts = Counter(suffix_of(name) for name in names)
    likely = {
        suffix: count
        for suffix, count in counts.most_common()
        if suffix in OTHER_PICTURES or (suffix not in NO_PICTURES and count > MANY)
    }
    rest = {suffix: count for suffix, count in counts.most_common() if suffix not in likely}
    for found, matters in ((likely, True), (rest, False)):
        if found:
            listed = [f"{count:,} of {suffix or 'no ending'}" for suffix, count in found.items()]
            known = f"; pictures end in {', '.join(SUFFIXES)}" if matters else ""
            yield left_out(f"{sum(found.values()):,} files are not read: {some(listed)}{known}", matters=matters)


def is_on_unread(remark: Remark) -> bool:
    """Whether a remark is one of `unread_remarks`."""
    return " files are not read: " in remark.text


def kinds_of_files(files: Iterable[SourceFile]) -> str:
    """What there is instead of pictures, to follow "holds no pictures": the numbers of files by their endings."""
    counts = Counter(file.suffix for file in files)
    found = [f"{count:,} {_have_ending(suffix, count)}" for suffix, count in counts.most_common()]
    if len(found) < 2:
        return f": {found[0].replace(' ', ' files ' if counts.total() > 1 else ' file ', 1)}" if found else ": no files"
    return f": of {counts.total():,} files {some(found)}"


def _have_ending(suffix: str, count: int) -> str:
    verb, has = ("ends", "has") if count == 1 else ("end", "have")
    return f"{verb} in {suffix}" if suffix else f"{has} no ending"


def _hidden_remarks(count: int) -> Iterator[Remark]:
    if count:
        yield left_out(f"{count:,} hidden or system files and folders are not read", matters=False)
