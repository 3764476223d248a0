"""The header of a DICOM file: size and kind of its frames, and how stored values become gray."""

from __future__ import annotations

import contextlib
import importlib
import math
import warnings
from collections.abc import Iterator
from typing import Any, NamedTuple

from gancli.core.backend import Image, np
from gancli.core.errors import DataError
from gancli.data.containers.source_files import MAX_FILE, SourceFile

DEFLATED = b"1.2.840.10008.1.2.1.99"
UNCOMPRESSED = ("1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2")
META = 2000  # bytes that hold the transfer syntax
MOST_FRAMES = 100_000
TAGS = (
    "Rows Columns NumberOfFrames SamplesPerPixel PhotometricInterpretation BitsAllocated BitsStored "
    "PixelRepresentation WindowCenter WindowWidth VOILUTFunction RescaleSlope RescaleIntercept ImageOrientationPatient "
    "SharedFunctionalGroupsSequence PerFrameFunctionalGroupsSequence"
)
PLANES = ("sagittal", "coronal", "axial")  # by the axis that stands on the picture: x to the left, y to the back, z up


class Header(NamedTuple):
    """What a file says about its frames. kind: its photometric interpretation; plane: the nearest of PLANES, or ""."""

    rows: int
    columns: int
    frames: int
    samples: int
    kind: str
    bits: int
    stored: int
    is_signed: bool
    syntax: str
    plane: str


class Window(NamedTuple):
    """The values that become black and white. form: LINEAR, LINEAR_EXACT or SIGMOID."""

    center: float
    width: float
    form: str = "LINEAR"

    def apply(self, values: np.ndarray) -> np.ndarray:
        """Values (height, width) as uint8."""
        if self.form == "SIGMOID":
            scaled = 1 / (1 + np.exp(np.clip(-4 * (values - self.center) / self.width, -700, 700)))
        elif self.form == "LINEAR_EXACT":
            scaled = (values - self.center) / self.width + 0.5
        else:
            scaled = (values - (self.center - 0.5)) / max(self.width - 1, 1e-9) + 0.5
        return np.rint(255 * np.clip(scaled, 0, 1)).astype(np.uint8)


class Transform(NamedTuple):
    """How the stored values of a frame become gray."""

    slope: float = 1.0
    intercept: float = 0.0
    window: Window | None = None

    @property
    def is_rescaled(self) -> bool:
        """Whether slope and intercept change anything."""
        return (self.slope, self.intercept) != (1, 0)

    def apply(self, values: np.ndarray, header: Header) -> np.ndarray:
        """Stored values (height, width) as uint8 by the window, else as numbers of the modality."""
        inverts = header.kind == "MONOCHROME1"
        if inverts and self.window is None:
            low, high = (
                (-(2 ** (header.stored - 1)), 2 ** (header.stored - 1) - 1)
                if header.is_signed
                else (
                    0,
                    2**header.stored - 1,
                )
            )
            values = (low + high - values.astype(np.int64)).astype(np.int64)
            values = values.astype(np.uint16) if low == 0 and high < 65536 and values.min() >= 0 else values
        if self.is_rescaled:
            values = values * self.slope + self.intercept
            if float(self.slope).is_integer() and float(self.intercept).is_integer():
                values = np.rint(values).astype(np.int64)
        if self.window is None:
            return values
        shown = self.window.apply(values.astype(np.float64))
        return 255 - shown if inverts else shown


def read(file: SourceFile, *, uses_window: bool) -> tuple[Header | None, list[Transform]]:
    """The header of a file and the transform of each frame; None for a file that holds no picture.

    Raises: DataError for a damaged file, and for one that claims more pixels than it can hold.
    """
    try:
        if (file.size or 0) > MAX_FILE:
            raise DataError(f"{file.name}: {file.size / 1e6:,.0f} MB; expected up to {MAX_FILE / 1e6:,.0f}")
        with quiet(), file.open() as stream:
            beginning = stream.read(META)
            if beginning[128:132] != b"DICM":
                raise DataError(f"{file.name}: not a DICOM file: there is no mark DICM at byte 128")
            if DEFLATED in beginning:
                raise DataError(f"{file.name}: compressed as a whole (deflated), which is not read; unpack it first")
            stream.seek(0)
            pydicom = importlib.import_module("pydicom")
            found = pydicom.dcmread(stream, stop_before_pixels=True, specific_tags=TAGS.split())
            if found.get("Rows") is None or found.get("Columns") is None:
                return None, []
            header = _header(found, file)
            return header, [_transform(found, at, uses_window=uses_window) for at in range(header.frames)]
    except DataError:
        raise
    except Exception as error:  # whatever the library raises for a damaged file
        text = " ".join(str(error).split())[:200] or type(error).__name__
        raise DataError(f"{file.name}: not a readable DICOM file: {text}") from error


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Without the warnings of the library about values that no picture depends on."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _header(found: Any, file: SourceFile) -> Header:
    rows, columns, frames = (int(found.get(name) or 1) for name in ("Rows", "Columns", "NumberOfFrames"))
    samples, bits = int(found.get("SamplesPerPixel") or 1), int(found.get("BitsAllocated") or 8)
    stored = int(found.get("BitsStored") or bits)
    syntax = getattr(found.file_meta, "TransferSyntaxUID", None)
    if rows * columns > Image.MAX_IMAGE_PIXELS:
        raise DataError(f"{file.name}: a decompression bomb, over {Image.MAX_IMAGE_PIXELS:,} pixels")
    kind, is_signed = str(found.get("PhotometricInterpretation") or ""), bool(found.get("PixelRepresentation"))
    values = rows * columns * (2 if kind == "YBR_FULL_422" else samples)  # which stores a color of two pixels once
    claimed = values * bits // 8 * frames if syntax in UNCOMPRESSED else frames
    if not 0 < frames <= MOST_FRAMES or (file.size is not None and claimed > file.size):
        raise DataError(f"{file.name}: {columns}x{rows} pixels of {frames:,} frames are more than the file holds")
    if not (1 <= stored <= bits <= 64) or samples not in (1, 3):
        raise DataError(f"{file.name}: {samples} samples of {stored} of {bits} bits; expected 1 or 3")
    name = getattr(syntax, "name", "") or str(syntax)
    return Header(rows, columns, frames, samples, kind, bits, stored, is_signed, name, _plane(found))


def _plane(found: Any) -> str:
    cosines = found.get("ImageOrientationPatient")
    if cosines is None or len(cosines) != 6:
        return ""
    normal = np.abs(np.cross([float(one) for one in cosines[:3]], [float(one) for one in cosines[3:]]))
    return PLANES[int(np.argmax(normal))]


def _transform(found: Any, frame: int, *, uses_window: bool) -> Transform:
    slope = _number(found, frame, "PixelValueTransformationSequence", "RescaleSlope")
    intercept = _number(found, frame, "PixelValueTransformationSequence", "RescaleIntercept")
    center = _number(found, frame, "FrameVOILUTSequence", "WindowCenter")
    width = _number(found, frame, "FrameVOILUTSequence", "WindowWidth")
    has_window = uses_window and center is not None and width is not None and width > 0
    window = Window(center, width, str(found.get("VOILUTFunction") or "LINEAR")) if has_window else None
    return Transform(1.0 if slope is None else slope, intercept or 0.0, window)


def _number(found: Any, frame: int, group: str, name: str) -> float | None:
    """The first value of an attribute: of the file, or in an enhanced file of the frame or of all frames."""
    places = [found]
    for sequence, at in (("PerFrameFunctionalGroupsSequence", frame), ("SharedFunctionalGroupsSequence", 0)):
        groups = found.get(sequence) or []
        places += list(groups[at].get(group) or []) if at < len(groups) else []
    for place in places:
        value = place.get(name)
        if value is not None and value != "":
            number = float(value[0] if hasattr(value, "__len__") and not isinstance(value, str) else value)
            return number if math.isfinite(number) else None
    return None
