"""TIFF files of several pages, each an image of its own; and those of numbers that Pillow does not read.

Reduced copies and masks of other pages are no images; nor are pages that become smaller one by one, as in a pyramid.
"""

from __future__ import annotations

import functools
import io
import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import SourceFile
from gancli.data.expansion import Expansion, numbered, tiff_directories
from gancli.data.expansion.encoding import eight_bits, encode
from gancli.data.expansion.tiff_directories import FLOAT, SIGNED, UNSIGNED, Page
from gancli.data.remarks import Remark, guessed, left_out, some
from gancli.data.request import Request

NAME = "TIFF files of several pages"
EXAMPLE = "stack.tif, of 20 pages of one size"
BECOMES = "an image for each page; smaller copies and masks of pages are left out (16-bit colors need the extra `tiff`)"
SMALLER = 0.75  # the width of a level of a pyramid, at most this of the level before
FAULTS = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, RuntimeError, OverflowError)


def accepts(file: SourceFile, head: bytes) -> bool:
    """Whether this is a TIFF file by its name, or its first bytes."""
    return file.suffix in (".tif", ".tiff") or head[:4] in (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


def expand(files: Sequence[SourceFile], request: Request) -> Expansion:
    """The pages of each file that has several, and files that another library reads; others stay as they are."""
    found: dict[str, list[SourceFile]] = {}
    stacks, copies = [], []
    for file in files:
        pages = _pages(file)
        chosen = [number for number, page in enumerate(pages) if not page.is_copy]
        if _is_pyramid([pages[number] for number in chosen]):
            chosen = chosen[:1]
        if 0 < len(chosen) < len(pages):
            copies.append(file.name)
        if len(chosen) > 1:
            stacks.append(file.name)
            found[file.name] = [
                _page_file(file, numbered(file.name, at), number, pages[number]) for at, number in enumerate(chosen)
            ]
        elif chosen and _needs_tifffile(pages[chosen[0]]):
            found[file.name] = [_page_file(file, file.name, chosen[0], pages[chosen[0]])]
    remarks: list[Remark] = []
    if stacks:
        total, files_text = sum(len(found[name]) for name in stacks), "file" if len(stacks) == 1 else "files"
        remarks.append(guessed(f"{len(stacks):,} {files_text} of several pages: {total:,} images ({some(stacks)})"))
    if copies:
        text = f"{len(copies):,} TIFF files hold reduced copies or masks of their pages, left out: {some(copies)}"
        remarks.append(left_out(text, matters=False))
    return Expansion(found, remarks)


def _pages(file: SourceFile) -> list[Page]:
    """The pages of a file, none if it is damaged, which decoding will report."""
    try:
        with file.open() as stream:
            return tiff_directories.read(stream)
    except (DataError, ValueError, OSError, OverflowError):
        return []


def _is_pyramid(pages: Sequence[Page]) -> bool:
    steps = itertools.pairwise(pages)
    return len(pages) > 1 and all(
        after.width <= SMALLER * page.width and after.height <= SMALLER * page.height for page, after in steps
    )


def _needs_tifffile(page: Page) -> bool:
    """Whether Pillow does not read numbers of this kind, or reads them as others."""
    kind, bits = page.number_format, page.bits
    if page.samples > 1:
        return bits > 16 or kind != UNSIGNED or (bits == 16 and page.is_planar)
    return (
        (kind == FLOAT and bits != 32)
        or (kind == SIGNED and bits in (8, 64))
        or (kind == UNSIGNED and bits in (32, 64))
        or kind not in (UNSIGNED, SIGNED, FLOAT)
    )


def _page_file(file: SourceFile, name: str, number: int, page: Page) -> SourceFile:
    read = functools.partial(_read_page, file, name, number, page)
    return replace(file, name=name, read=read, size=None, path=None, stream=None)


def _read_page(file: SourceFile, name: str, number: int, page: Page) -> bytes:
    """A page as an encoded picture. Raises: DataError."""
    if page.width * page.height > Image.MAX_IMAGE_PIXELS:
        raise DataError(f"{name}: a decompression bomb, over {Image.MAX_IMAGE_PIXELS:,} pixels")
    try:
        with file.open() if file.path else io.BytesIO(_content(file)) as stream:
            if _needs_tifffile(page):
                return encode(_with_tifffile(stream, name, number, page))
            with Image.open(stream, formats=("TIFF",)) as picture:
                picture.seek(number)
                picture.load()
                buffer = io.BytesIO()
                picture.copy().save(buffer, "TIFF", compression=None)
                return buffer.getvalue()
    except FAULTS as error:
        raise DataError(f"{name}: {error or type(error).__name__}") from error


@functools.lru_cache(maxsize=1)
def _content(file: SourceFile) -> bytes:
    """The bytes of a file in an archive, for all of its pages."""
    return file.read()


def _with_tifffile(stream: io.BufferedIOBase, name: str, number: int, page: Page) -> np.ndarray:
    kinds = {UNSIGNED: "unsigned whole numbers", SIGNED: "whole numbers", FLOAT: "floating-point numbers"}
    what = f"{kinds.get(page.number_format, 'numbers of another kind')} of {page.bits} bits"
    what += " in colors" if page.samples > 1 else ""
    try:
        import tifffile
    except ImportError as error:
        raise DataError(f"{name}: {what}, which need tifffile: pip install 'gancli[tiff]'") from error
    with tifffile.TiffFile(stream, name=PurePosixPath(name).name) as opened:
        values = opened.pages[number].asarray()
    if page.samples > 1:
        values = np.moveaxis(values, 0, -1) if page.is_planar else values
        if values.dtype.kind != "u" or values.ndim != 3:
            raise DataError(f"{name}: {what}; expected unsigned whole numbers")
        return eight_bits(values[..., :3] if values.shape[2] >= 3 else values[..., 0], page.bits)
    return values
