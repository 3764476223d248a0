"""Value ranges of pixels: which values are black and white, and pixels scaled to 0 to 255.

A range is written as LOW:HIGH, such as 0:4095. Each kind of number in a data set (KINDS) has a range of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple, TypeAlias

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.core.progress import track

AUTO = "auto"
EXAMPLES = "auto, 0:1, -1:1, 0:255, 0:4095, 0:65535 or LOW:HIGH"
KINDS = BOOL, BYTE, WIDE, WHOLE, FLOAT = ("boolean", "8-bit", "16-bit", "integer", "floating-point")
ROWS = 1024  # scaled at a time


class Range(NamedTuple):
    """The value that becomes 0 (black) and the value that becomes 255 (white)."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:.9g}:{self.high:.9g}"


UNIT = Range(0, 1)
SIGNED = Range(-1, 1)
BYTES = Range(0, 255)


class Extent(NamedTuple):
    """The lowest and the highest pixel of images."""

    low: float
    high: float

    def union(self, other: Extent | None) -> Extent:
        """The smallest extent that holds both; this one for None."""
        return self if other is None else Extent(min(self.low, other.low), max(self.high, other.high))

    def __str__(self) -> str:
        return f"{number_text(self.low)} to {number_text(self.high)}"


Extents: TypeAlias = Mapping[str, Extent]  # by kind of number


def parse(text: str) -> Range | None:
    """The range of `--pixel-range`, None for auto. Raises: OptionError."""
    if text == AUTO:
        return None
    try:
        low, high = (float(part) for part in text.split(":"))
        if not (math.isfinite(high - low) and low < high):
            raise ValueError(text)
    except ValueError as error:
        raise OptionError(f"--pixel-range {text}: expected {EXAMPLES}") from error
    return Range(low, high)


def to_texts(ranges: Mapping[str, Range]) -> tuple[str, ...]:
    """Ranges as texts such as "16-bit 0:4095", for run.json and .h5 files."""
    return tuple(f"{kind} {chosen}" for kind, chosen in ranges.items())


def from_texts(texts: Iterable[str]) -> dict[str, Range]:
    """The ranges in such texts; other texts are ignored."""
    ranges = {}
    for text in texts:
        kind, _, rest = text.partition(" ")
        try:
            chosen = parse(rest)
        except OptionError:
            continue
        if kind in KINDS and chosen is not None:
            ranges[kind] = chosen
    return ranges


def kind_of(dtype: np.dtype) -> str:
    """The kind of number in an array. Raises: DataError for anything but numbers."""
    if dtype.kind not in "biuf":
        raise DataError(f"images of type {dtype}; expected numbers")
    if dtype.kind in "bf":
        return BOOL if dtype.kind == "b" else FLOAT
    return {1: BYTE, 2: WIDE}.get(dtype.itemsize, WHOLE) if dtype.kind == "u" else WHOLE


def extent_of(values: np.ndarray) -> Extent:
    """The lowest and highest of values of any shape, one or more. Raises: DataError for NaN or infinity."""
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise DataError("the pixels hold NaN or infinity")
    return Extent(low, high)


def to_bytes(values: np.ndarray, ranges: Mapping[str, Range]) -> np.ndarray:
    """Images of any numbers scaled to uint8, of the same shape; values outside of the range are clipped.

    ranges: by kind of number.
    """
    chosen = ranges[kind_of(values.dtype)]
    if values.dtype == np.uint8 and chosen == BYTES:
        return np.ascontiguousarray(values)
    scaled = np.empty(values.shape, np.uint8)
    for start in track(range(0, len(values), ROWS), "scaling the pixels"):
        scaled[start : start + ROWS] = np.clip(np.rint(_scale(values[start : start + ROWS], chosen)), 0, 255)
    return scaled


def _scale(values: np.ndarray, chosen: Range) -> np.ndarray:
    """To 0 to 255. Floats of the common ranges keep their own precision, so that levels are exact."""
    if chosen == BYTES:
        return values
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.dtype.kind == "f" and chosen in (UNIT, SIGNED):
        return values * 255.0 if chosen == UNIT else (values + 1.0) * 127.5
    return (values.astype(np.float64) - chosen.low) * (255 / (chosen.high - chosen.low))


def to_remember(ranges: Mapping[str, Range], pixel_range: str = AUTO) -> dict[str, Range]:
    """The ranges that later images of the same set need: all but booleans, and bytes of 0 to 255."""
    usual = [BYTES] if pixel_range == AUTO else []
    return {kind: chosen for kind, chosen in ranges.items() if kind != BOOL and not (kind == BYTE and chosen in usual)}


def number_text(value: float, comma: str = ",") -> str:
    """A number for a message: integers in full, others with six digits. comma: between thousands."""
    return f"{int(value):{comma}}" if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"
