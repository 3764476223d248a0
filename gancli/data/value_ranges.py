"""Pixel ranges: which values are black and white, decided once for a whole set, and pixels scaled to 0 to 255.

A file does not say whether its 16-bit numbers are 12-bit measurements, or whether its floats run from 0 to 1 or from -1
to 1. The lowest and highest value of the whole set decide (train and test together, all files of a folder together),
separately for each kind of number (KINDS), and what was decided is returned as remarks.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from gancli.core.backend import np
from gancli.core.errors import DataError, OptionError
from gancli.data.remarks import Remark, changed, guessed

AUTO = "auto"
EXAMPLES = "auto, 0:1, -1:1, 0:255, 0:4095, 0:65535 or LOW:HIGH"
KINDS = BOOL, BYTE, WIDE, WHOLE, FLOAT = ("boolean", "8-bit", "16-bit", "integer", "floating-point")
BITS = (10, 12, 14, 16)  # of cameras, scanners and microscopes, stored in 16 bits or more
TOLERANCE = 0.05  # of what the values span: an interpolation overshoots by as much
HALF = 128  # levels of 256
ROWS = 1024  # scaled at a time


class Range(NamedTuple):
    """The value that becomes 0 (black) and the value that becomes 255 (white)."""

    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.low:.9g}:{self.high:.9g}"


UNIT, SIGNED, BYTES = Range(0, 1), Range(-1, 1), Range(0, 255)


class Extent(NamedTuple):
    """The lowest and the highest pixel of images."""

    low: float
    high: float

    def joined(self, other: Extent | None) -> Extent:
        """That of both."""
        return self if other is None else Extent(min(self.low, other.low), max(self.high, other.high))

    def __str__(self) -> str:
        return f"{_shown(self.low)} to {_shown(self.high)}"


Extents = Mapping[str, Extent]  # by the kind of number


def parse(text: str) -> Range | None:
    """The range that `--pixel-range` gives, None for auto. Raises: OptionError."""
    if text == AUTO:
        return None
    try:
        low, high = (float(part) for part in text.split(":"))
        if not (math.isfinite(high - low) and low < high):
            raise ValueError(text)
    except ValueError as error:
        raise OptionError(f"--pixel-range {text}: expected {EXAMPLES}") from error
    return Range(low, high)


def spelled(found: Mapping[str, Range]) -> tuple[str, ...]:
    """Decided ranges as texts such as "16-bit 0:4095", for a record."""
    return tuple(f"{kind} {chosen}" for kind, chosen in found.items())


def read(texts: Iterable[str]) -> dict[str, Range]:
    """The ranges in such texts; others are passed over."""
    found = {}
    for text in texts:
        kind, _, rest = text.partition(" ")
        try:
            chosen = parse(rest)
        except OptionError:
            continue
        if kind in KINDS and chosen is not None:
            found[kind] = chosen
    return found


def kind_of(dtype: np.dtype) -> str:
    """The kind of number that an array holds. Raises: DataError for what are no numbers."""
    if dtype.kind not in "biuf":
        raise DataError(f"images of type {dtype}; expected numbers")
    if dtype.kind in "bf":
        return BOOL if dtype.kind == "b" else FLOAT
    return {1: BYTE, 2: WIDE}.get(dtype.itemsize, WHOLE) if dtype.kind == "u" else WHOLE


def extent_of(values: np.ndarray) -> Extent:
    """The lowest and highest value. Raises: DataError for NaN or infinity."""
    low, high = float(values.min()), float(values.max())
    if not np.isfinite([low, high]).all():
        raise DataError("the pixels hold NaN or infinity")
    return Extent(low, high)


def is_settled(kind: str, extent: Extent | None) -> bool:
    """Whether further images of this kind can change nothing: booleans, and bytes that reach over half of 0 to 255."""
    return kind == BOOL or (kind == BYTE and extent is not None and _levels(extent, BYTES) > HALF)


def decide(
    parts: Mapping[str, Extents],
    asked: str = AUTO,
    *,
    name: str,
    known: Mapping[str, Range] | None = None,
    stretches: bool = False,
) -> tuple[dict[str, Range], list[Remark]]:
    """The range of each kind of number in a set, and what is to be said of it.

    parts: by their names (x_train, x_test; or one for all files) the extent of each kind of number. asked: the option
    --pixel-range. known: ranges of a set that these images belong to, taken where they hold all values. stretches:
    values of no known range are stretched from the lowest to the highest of the set, instead of being refused.
    Raises: DataError for values of no known range, OptionError for an option that is none.
    """
    wanted, found, remarks = parse(asked), {}, []
    for kind in (kind for kind in KINDS if any(kind in extents for extents in parts.values())):
        own = {part: extents[kind] for part, extents in parts.items() if kind in extents}
        whole = Extent(min(extent.low for extent in own.values()), max(extent.high for extent in own.values()))
        if kind == BOOL:
            found[kind] = UNIT
            continue
        chosen, said = _decided(kind, whole, wanted, (known or {}).get(kind), name=name, stretches=stretches)
        found[kind] = chosen
        remarks += [*said, *_clipped(kind, whole, chosen), *_dark(kind, own, whole, chosen)]
    return found, remarks


def _decided(
    kind: str, whole: Extent, wanted: Range | None, known: Range | None, *, name: str, stretches: bool
) -> tuple[Range, list[Remark]]:
    if wanted is not None:
        return wanted, []
    if known is not None and _fits(whole, known):
        return known, []
    guess = _floats(whole) if kind == FLOAT else _integers(kind, whole)
    if guess is not None:
        return guess
    if not stretches:
        raise DataError(
            f"{name}: pixels from {_shown(whole.low, '')} to {_shown(whole.high, '')}; expected 0 to 255, 0 to 1 or -1 "
            "to 1: give another --pixel-range LOW:HIGH"
        )
    chosen = Range(whole.low, whole.high if whole.high > whole.low else whole.low + 1)
    text = f"{kind} pixels from {whole} are of no known range: the lowest of all is read as black, the highest as white"
    return chosen, [guessed(f"{text} (--pixel-range for another)")]


def _integers(kind: str, whole: Extent) -> tuple[Range, list[Remark]] | None:
    """The range of whole numbers and what is to be said, or None for one that is not known."""
    low, high = whole
    if low < 0:
        return (SIGNED, [guessed("the whole numbers -1 to 1 are read as -1:1")]) if low == -1 and high <= 1 else None
    if high == 1:
        return UNIT, [guessed("all pixels are the whole numbers 0 and 1: read as black and white (0:1)")]
    if high <= 255:
        said = (
            []
            if kind == BYTE
            else [guessed(f"{kind} pixels up to {_shown(high)} are read as 0:255", matters=kind == WIDE)]
        )
        return BYTES, said
    bits = next((bits for bits in BITS if high < 2**bits), None)
    if bits is None:
        return None
    chosen = Range(0, 2**bits - 1)
    if kind == WIDE and bits == 16:
        return chosen, []
    return chosen, [guessed(f"{kind} pixels up to {_shown(high)} are read as {bits} bits ({chosen})")]


def _floats(whole: Extent) -> tuple[Range, list[Remark]] | None:
    """The narrowest known range that holds floats, but for a tolerance; None where there is none."""
    room = TOLERANCE * (whole.high - whole.low)
    for chosen in (UNIT, SIGNED, BYTES):
        if whole.low >= chosen.low - room and whole.high <= chosen.high + room:
            return chosen, [guessed(f"floating-point pixels from {whole} are read as {chosen}", matters=False)]
    return None


def _fits(whole: Extent, chosen: Range) -> bool:
    room = TOLERANCE * (chosen.high - chosen.low)
    return whole.low >= chosen.low - room and whole.high <= chosen.high + room


def _clipped(kind: str, whole: Extent, chosen: Range) -> list[Remark]:
    """What is to be said where values lie outside of the range."""
    if whole.low >= chosen.low and whole.high <= chosen.high:
        return []
    return [changed(f"{kind} pixels from {whole} are clipped to {chosen}")]


def _dark(kind: str, own: Extents, whole: Extent, chosen: Range) -> list[Remark]:
    """What is to be said where images come out with half of 256 levels or fewer: all, or those of one part."""
    levels = _levels(whole, chosen)
    if levels <= HALF:
        text = f"{kind} pixels from {whole} of {chosen} fill {levels} of 256 levels"
        return [guessed(f"{text}: give --pixel-range if that is wrong")]
    few = [part for part, extent in own.items() if _levels(extent, chosen) <= HALF]
    alone = {part: (_floats(own[part]) if kind == FLOAT else _integers(kind, own[part])) for part in few}
    odd = [part for part in few if alone[part] is not None and alone[part][0] != chosen]
    if not odd:
        return []
    held = ", ".join(f"{part} holds {kind} pixels from {extent}" for part, extent in own.items())
    return [guessed(f"{held}: all are read as {chosen}, so {', '.join(odd)} is nearly of one shade")]


def _levels(extent: Extent, chosen: Range) -> int:
    low, high = (min(max(value, chosen.low), chosen.high) for value in extent)
    return int((high - low) / (chosen.high - chosen.low) * 255) + 1


def _shown(value: float, comma: str = ",") -> str:
    return f"{int(value):{comma}}" if value == int(value) and abs(value) < 1e15 else f"{value:.6g}"


def to_bytes(values: np.ndarray, found: Mapping[str, Range]) -> np.ndarray:
    """Images of any numbers scaled to uint8, of the same shape; what lies outside of the range is clipped.

    found: the range of each kind of number.
    """
    chosen = found[kind_of(values.dtype)]
    if values.dtype == np.uint8 and chosen == BYTES:
        return np.ascontiguousarray(values)
    made = np.empty(values.shape, np.uint8)
    for start in range(0, len(values), ROWS):
        made[start : start + ROWS] = np.clip(np.rint(_scaled(values[start : start + ROWS], chosen)), 0, 255)
    return made


def _scaled(values: np.ndarray, chosen: Range) -> np.ndarray:
    """To 0 to 255. Floats of the common ranges stay in their own precision, so that a level stays that level."""
    if chosen == BYTES:
        return values
    if values.dtype == np.float16:
        values = values.astype(np.float32)
    if values.dtype.kind == "f" and chosen in (UNIT, SIGNED):
        return values * 255.0 if chosen == UNIT else (values + 1.0) * 127.5
    return (values.astype(np.float64) - chosen.low) * (255 / (chosen.high - chosen.low))


def of_arrays(
    arrays: Mapping[str, np.ndarray], asked: str = AUTO, *, name: str, known: Mapping[str, Range] | None = None
) -> tuple[dict[str, Range], list[Remark]]:
    """The ranges of arrays of images that are one set, by the names of its parts. Raises: as `decide`."""
    parts = {}
    for part, values in arrays.items():
        try:
            kind = kind_of(values.dtype)
            parts[part] = {kind: Extent(0, 1) if kind == BOOL else extent_of(values)}
        except DataError as error:
            raise DataError(f"{name}: {part}: {error}") from error
    found, said = decide(parts, asked, name=name, known=known)
    if len(found) > 1:
        kinds = " and ".join(f"{part} {kind}" for part, extents in parts.items() for kind in extents)
        said.append(guessed(f"the pixels of {kinds} numbers are each read by their own range"))
    return found, said


def beyond_bytes(found: Mapping[str, Range], asked: str = AUTO) -> dict[str, Range]:
    """Those that later images of the same set cannot be read without: all but booleans, and bytes that are as usual."""
    usual = [BYTES] if asked == AUTO else []
    return {kind: chosen for kind, chosen in found.items() if kind != BOOL and not (kind == BYTE and chosen in usual)}
