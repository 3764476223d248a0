"""The files of a folder or .zip file by kind: images, texts, lists and label tables; and which names are skipped."""

from __future__ import annotations

import functools
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from gancli.core import files, input_files
from gancli.core.errors import DataError
from gancli.data.remarks import Remark, left_out, some

TEST_CLASSES = "testclasses.txt"  # the classes that are not trained on, one per line
ATTRIBUTE_LISTS = ("list_attr_celeba.txt", "list_attr_celeba.csv")
LABEL_TABLE = "dataset.json"  # as StyleGAN's dataset_tool.py writes it
SUFFIXES = (".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".pjpeg", ".pjp", ".gif", ".bmp", ".webp", ".tif", ".tiff")
_OTHERS = (  # images in other formats, or what may contain some
    ".heic .heif .avif .jxl .jp2 .j2k .ppm .pgm .pbm .pnm .tga .ico .svg .psd .exr .hdr .dcm .nii .dng .raw .cr2 .nef "
    ".arw .npy .npz .mat .mp4 .mov .avi .webm .mkv .apng .dib .zip .tar .gz .tgz .7z .rar .parquet .tfrecord"
)
_TEXTS = ".txt .md .rst .csv .tsv .json .jsonl .xml .html .yaml .yml .toml .ini .log .pdf .py .ipynb .sh .m .db"
OTHER_PICTURES, NO_PICTURES = frozenset(_OTHERS.split()), frozenset(_TEXTS.split())  # suffixes
MANY = 3  # more files than this of an unknown suffix may be images
SYSTEM = frozenset(  # folded names; and all that begin with a dot
    ("__macosx", "@eadir", "#recycle", "$recycle.bin", "thumbs.db", "ehthumbs.db", "desktop.ini", "lost+found")
)
MAX_FILE = 500_000_000  # bytes of an image file or text


@dataclass(frozen=True)
class SourceFile:
    """One file of a data set: its name inside the set, and a function that returns its bytes."""

    name: str
    read: Callable[[], bytes]

    @property
    def suffix(self) -> str:
        """The suffix of the name in lower case, with its dot, or ""."""
        return PurePosixPath(self.name).suffix.lower()


class SourceFiles(NamedTuple):
    """The files of a data set by kind.

    folders: the names of all folders; others: the names of files that are not read.
    """

    pictures: list[SourceFile]
    attribute_lists: list[SourceFile]
    texts: list[SourceFile]
    test_class_lists: list[SourceFile]
    label_tables: list[SourceFile]
    folders: list[str]
    others: list[str]
    remarks: tuple[Remark, ...]

    @classmethod
    def by_kind(
        cls, entries: Iterable[SourceFile], folders: Iterable[str] = (), hidden: int = 0, remarks: Iterable[Remark] = ()
    ) -> SourceFiles:
        """Sort files by kind. folders: names of folders that may be empty; hidden: files or folders that the reader
        skipped itself; remarks: those of the reader."""
        entries, folders = list(entries), set(folders)
        filled = {file.name.rpartition("/")[0] for file in entries}
        folders |= {str(above) for name in filled for above in (PurePosixPath(name), *PurePosixPath(name).parents)}
        visible = [file for file in entries if not is_hidden(file.name)]
        kinds: dict[str, list[SourceFile]] = {
            kind: [] for kind in ("pictures", "attribute_lists", "texts", "test_class_lists", "label_tables", "others")
        }
        for file in visible:
            kinds[_kind(file)].append(file)
        others = [file.name for file in kinds.pop("others")]
        remarks = (*remarks, *_unread_remarks(others), *_hidden_remarks(hidden + len(entries) - len(visible)))
        names = sorted(name for name in folders if name != "." and not is_hidden(name))
        return cls(**kinds, folders=names, others=others, remarks=remarks)

    def readable(self) -> Iterator[SourceFile]:
        """The files of every kind that is read: images, lists of attributes, texts, lists of classes, and tables."""
        for group in (self.pictures, self.attribute_lists, self.texts, self.test_class_lists, self.label_tables):
            yield from group


def is_hidden(name: str) -> bool:
    """Whether a name inside a data set, or a folder in it, is hidden or made by an operating system."""
    return any(part.startswith(".") or part.casefold() in SYSTEM for part in PurePosixPath(name).parts)


def is_readable(name: str) -> bool:
    """Whether a file of this name inside a data set may be read."""
    return not is_hidden(name) and _kind(SourceFile(name, bytes)) != "others"


def may_be_picture(name: str) -> bool:
    """Whether a file that is not read has the suffix of another image format."""
    return PurePosixPath(name).suffix.lower() in OTHER_PICTURES


def image_file(path: Path) -> SourceFile:
    """The file of one image. Raises: DataError if it does not exist or is not a file."""
    if not path.is_file():
        raise DataError(f"{path} is not a file" if os.path.lexists(path) else f"{path} does not exist")
    input_files.reads(path)
    return file_on_disk(path, path.name)


def file_on_disk(path: Path, name: str) -> SourceFile:
    """A plain file under this name; reading it raises DataError."""
    return SourceFile(name, functools.partial(_read, path, name))


def _read(path: Path, name: str) -> bytes:
    try:
        return files.read_regular(path, most=MAX_FILE)
    except OSError as error:
        raise DataError(f"{name}: {error.strerror}") from error


def _kind(file: SourceFile) -> str:
    name = PurePosixPath(file.name).name
    known = {"attribute_lists": ATTRIBUTE_LISTS, "test_class_lists": (TEST_CLASSES,), "label_tables": (LABEL_TABLE,)}
    for kind, names in known.items():
        if name in names:
            return kind
    return "pictures" if file.suffix in SUFFIXES else "texts" if file.suffix == ".txt" else "others"


def _unread_remarks(names: Sequence[str]) -> Iterator[Remark]:
    """Remarks on files that are not read: those that may be images, and the rest."""
    counts = Counter(PurePosixPath(name).suffix.lower() for name in names)
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


def _hidden_remarks(count: int) -> Iterator[Remark]:
    if count:
        yield left_out(f"{count:,} hidden or system files and folders are not read", matters=False)
