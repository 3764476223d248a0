"""DICOM files: each frame an image, with the window of its file, upright as it is stored.

DICOM PS3.3: rescale slope and intercept give the values of the modality (C.11.1), a window those that become black and
white (C.11.2.1.2), MONOCHROME1 shows low values bright (C.7.6.3.1.2). Without a window, or with --pixel-range, values
keep the range of the set.
"""

from __future__ import annotations

import functools
import importlib
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import MAX_FILE, SourceFile
from gancli.data.expansion import Expansion, dicom_headers, numbered
from gancli.data.expansion.dicom_headers import Header, Transform
from gancli.data.expansion.encoding import eight_bits, encode
from gancli.data.images.value_ranges import AUTO, number_text
from gancli.data.remarks import Remark, changed, guessed, left_out, some
from gancli.data.request import Request

NAME = "DICOM files"
EXAMPLE = "series/IM0001.dcm (also without an ending), of one or several frames"
BECOMES = "an image for each frame, in the gray levels of the file's window (needs `pip install 'gancli[medical]'`)"
ENDINGS = (".dcm", ".dicom", ".dcm30")
NEEDS = "pip install 'gancli[medical]'"


class Read(NamedTuple):
    """A file that was read. transforms: of each frame."""

    file: SourceFile
    header: Header
    transforms: list[Transform]


def accepts(file: SourceFile, head: bytes) -> bool:
    """Whether this is a DICOM file by its name, or by its mark behind 128 bytes."""
    return file.suffix in ENDINGS or head[128:132] == b"DICM"


def expand(files: Sequence[SourceFile], request: Request) -> Expansion:
    """The frames of each file, with remarks on what was done to their pixels."""
    try:
        importlib.import_module("pydicom")
    except ImportError:
        text = f"{len(files):,} DICOM files are not read, which need pydicom: {NEEDS}"
        return Expansion({}, [left_out(text)])
    found: dict[str, list[SourceFile]] = {}
    read, without = [], []
    for file in files:
        try:
            header, transforms = dicom_headers.read(file, uses_window=request.pixel_range == AUTO)
        except DataError as error:
            found[file.name] = [replace(file, read=functools.partial(_fail, str(error)), stream=None)]
            continue
        if header is None:
            without.append(file.name)
            found[file.name] = []
            continue
        read.append(Read(file, header, transforms))
        names = [numbered(file.name, at) if header.frames > 1 else file.name for at in range(header.frames)]
        found[file.name] = [
            replace(file, name=name, read=functools.partial(_read, file, name, at, header, transform), size=None)
            for at, (name, transform) in enumerate(zip(names, transforms, strict=True))
        ]
        found[file.name] = [replace(one, path=None, stream=None) for one in found[file.name]]
    return Expansion(found, list(_remarks(read, without)))


def _fail(text: str) -> bytes:
    raise DataError(text)


def _remarks(read: Sequence[Read], without: Sequence[str]) -> Iterator[Remark]:
    several = [one for one in read if one.header.frames > 1]
    if several:
        total = sum(one.header.frames for one in several)
        yield guessed(f"{len(several):,} DICOM files of several frames: {total:,} images")
    windows = Counter(one.window for item in read for one in item.transforms if one.window)
    if windows:
        texts = [
            f"center {number_text(window.center)}, width {number_text(window.width)} of {count:,} images"
            for window, count in windows.most_common()
        ]
        yield changed(f"DICOM windows are applied ({some(texts, 3)}); --pixel-range replaces them")
    scaled = Counter((one.slope, one.intercept) for item in read for one in item.transforms if one.is_rescaled)
    if scaled:
        texts = [
            f"{slope:g} and {intercept:g} of {count:,} images" for (slope, intercept), count in scaled.most_common()
        ]
        yield changed(f"DICOM values are rescaled by slope and intercept: {some(texts, 3)}", matters=False)
    inverted = [item.file.name for item in read if item.header.kind == "MONOCHROME1"]
    if inverted:
        yield changed(f"{len(inverted):,} DICOM files show low values bright (MONOCHROME1), inverted: {some(inverted)}")
    deep = [item.file.name for item in read if item.header.samples > 1 and item.header.stored > 8]
    if deep:
        yield changed(f"{len(deep):,} DICOM files in colors of more than 8 bits, of which the higher 8 are read")
    planes = Counter(item.header.plane for item in read if item.header.plane)
    if planes:
        texts = [f"{count:,} {plane}" for plane, count in planes.most_common()]
        yield guessed(f"DICOM files by orientation, as they are stored: {', '.join(texts)}", matters=False)
    if without:
        yield left_out(f"{len(without):,} DICOM files hold no picture: {some(without)}")


def _read(file: SourceFile, name: str, frame: int, header: Header, transform: Transform) -> bytes:
    """A frame as an encoded picture. Raises: DataError."""
    values = _decode(file, name, frame, header)
    if values.ndim == 3:
        return encode(eight_bits(values, header.stored))
    if header.bits == 1:
        return encode(values.astype(bool))
    return encode(transform.apply(values, header))


def _decode(file: SourceFile, name: str, frame: int, header: Header) -> np.ndarray:
    pixels: ModuleType = importlib.import_module("pydicom.pixels")
    with dicom_headers.quiet(), file.open() if file.path else io.BytesIO(_content(file)) as stream:
        try:
            values = pixels.pixel_array(stream, index=frame)
            if header.kind == "PALETTE COLOR":
                stream.seek(0)
                dataset = importlib.import_module("pydicom").dcmread(stream, stop_before_pixels=True)
                values = pixels.apply_color_lut(values, dataset)
                return values if values.dtype == np.uint8 else eight_bits(values, 16)
        except Exception as error:  # whatever a library raises for a damaged file
            raise DataError(f"{name}: {_reason(error, header)}") from error
    expected = (header.rows, header.columns)
    if values.shape not in (expected, (*expected, 3)):
        raise DataError(f"{name}: pixels of shape {values.shape}; expected {expected}")
    return values


@functools.lru_cache(maxsize=1)
def _content(file: SourceFile) -> bytes:
    """The bytes of a file in an archive, for all of its frames."""
    content = file.read()
    if len(content) > MAX_FILE:
        raise DataError(f"{file.name} holds {len(content) / 1e6:,.0f} MB, a decompression bomb")
    return content


def _reason(error: Exception, header: Header) -> str:
    """Why a frame cannot be decoded, in a line."""
    text = " ".join(str(error).split()) or type(error).__name__
    if "missing dependencies" in text or "is not available" in text:
        return f"compressed as {header.syntax}, for which no decoder is installed: pip install 'pylibjpeg[all]'"
    if "raised by all available plugins" in text:
        why = text.partition("plugins: ")[2]
        return f"compressed as {header.syntax}, which no installed decoder reads ({why[:150]})"
    return text[:200]
