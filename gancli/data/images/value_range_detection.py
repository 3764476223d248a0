"""Detection of value ranges: which values are black and white, decided once for a whole data set.

A file does not say whether its 16-bit numbers are 12-bit measurements, or whether its floats run from 0 to 1 or from -1
to 1. The lowest and highest value of the whole set decide (train and test together, all files of a folder together),
separately for each kind of number (KINDS). Remarks say what was decided.
"""

from __future__ import annotations

from collections.abc import Mapping

from gancli.core.backend import np
from gancli.core.errors import DataError
from gancli.data.images.value_ranges import (
    AUTO,
    BOOL,
    BYTE,
    BYTES,
    FLOAT,
    KINDS,
    SIGNED,
    UNIT,
    WIDE,
    Extent,
    Extents,
    Range,
    extent_of,
    kind_of,
    number_text,
    parse,
)
from gancli.data.remarks import Remark, changed, guessed

DIGITS = Range(0, 16)  # of scikit-learn's digits, which count the dark pixels in squares of 4x4
SIGNED_BITS = (8, 16)  # whole numbers around 0, as bytes less 128
BITS = (10, 12, 14, 16)  # of cameras, scanners and microscopes, stored in 16 bits or more
TOLERANCE = 0.05  # of the span of values: interpolation overshoots by as much
HALF = 128  # levels of 256


def is_settled(kind: str, extent: Extent | None) -> bool:
    """Whether further images of this kind change nothing: booleans, and bytes that span more than half of 0 to 255."""
    return kind == BOOL or (kind == BYTE and extent is not None and _count_levels(extent, BYTES) > HALF)


def detect(
    parts: Mapping[str, Extents],
    pixel_range: str = AUTO,
    *,
    name: str,
    known: Mapping[str, Range] | None = None,
    stretches: bool = False,
) -> tuple[dict[str, Range], list[Remark]]:
    """The range of each kind of number in a set, and remarks on it.

    parts: the extent of each kind of number, by part of the set (x_train, x_test; or one for all files). pixel_range:
    the option --pixel-range. known: ranges of a set that these images belong to, used if they hold all values.
    stretches: values of no known range are stretched from the lowest to the highest of the set, instead of refused.
    Raises: DataError for values of no known range, OptionError for an invalid option.
    """
    requested = parse(pixel_range)
    ranges: dict[str, Range] = {}
    remarks: list[Remark] = []
    for kind in (kind for kind in KINDS if any(kind in extents for extents in parts.values())):
        extents = {part: own[kind] for part, own in parts.items() if kind in own}
        total = Extent(min(extent.low for extent in extents.values()), max(extent.high for extent in extents.values()))
        if kind == BOOL:
            ranges[kind] = UNIT
            continue
        chosen, more = _choose(kind, total, requested, (known or {}).get(kind), name=name, stretches=stretches)
        ranges[kind] = chosen
        remarks += [*more, *_clipping_remarks(kind, total, chosen), *_contrast_remarks(kind, extents, total, chosen)]
    return ranges, remarks


def detect_in_arrays(
    arrays: Mapping[str, np.ndarray], pixel_range: str = AUTO, *, name: str, known: Mapping[str, Range] | None = None
) -> tuple[dict[str, Range], list[Remark]]:
    """The ranges of arrays of images that are one set, by the names of its parts. Raises: as `detect`."""
    parts = {}
    for part, values in arrays.items():
        try:
            kind = kind_of(values.dtype)
            parts[part] = {kind: Extent(0, 1) if kind == BOOL else extent_of(values)}
        except DataError as error:
            raise DataError(f"{name}: {part}: {error}") from error
    ranges, remarks = detect(parts, pixel_range, name=name, known=known)
    if len(ranges) > 1:
        kinds = " and ".join(f"{part} {kind}" for part, extents in parts.items() for kind in extents)
        remarks.append(guessed(f"the pixels of {kinds} numbers are each scaled by their own range"))
    return ranges, remarks


def _choose(
    kind: str, total: Extent, requested: Range | None, known: Range | None, *, name: str, stretches: bool
) -> tuple[Range, list[Remark]]:
    if requested is not None:
        return requested, []
    if known is not None and _fits(total, known):
        return known, []
    guess = _guess_floats(total) if kind == FLOAT else _guess_integers(kind, total)
    if guess is not None:
        return guess
    if not stretches:
        raise DataError(
            f"{name}: pixels from {number_text(total.low, '')} to {number_text(total.high, '')}; expected 0 to 255, 0 "
            "to 1 or -1 to 1: give another --pixel-range LOW:HIGH"
        )
    chosen = Range(total.low, total.high if total.high > total.low else total.low + 1)
    text = f"{kind} pixels from {total} are of no known range: the lowest of all is read as black, the highest as white"
    return chosen, [guessed(f"{text} (--pixel-range for another)")]


def _guess_integers(kind: str, total: Extent) -> tuple[Range, list[Remark]] | None:
    """The range of whole numbers and remarks, or None if it is not known."""
    low, high = total
    if low < 0:
        return _guess_signed(total)
    if high == 1:
        return UNIT, [guessed("all pixels are the whole numbers 0 and 1: read as black and white (0:1)")]
    if tuple(total) == DIGITS:
        return DIGITS, [guessed(f"{kind} pixels from {total} are read as {DIGITS}, as in scikit-learn's digits")]
    if high <= 255:
        text = f"{kind} pixels up to {number_text(high)} are read as 0:255"
        return BYTES, [] if kind == BYTE else [guessed(text, matters=kind == WIDE)]
    bits = next((bits for bits in BITS if high < 2**bits), None)
    if bits is None:
        return None
    chosen = Range(0, 2**bits - 1)
    if kind == WIDE and bits == 16:
        return chosen, []
    return chosen, [guessed(f"{kind} pixels up to {number_text(high)} are read as {bits} bits ({chosen})")]


def _guess_signed(total: Extent) -> tuple[Range, list[Remark]] | None:
    """The range of whole numbers below and above 0: -1 to 1, or signed numbers that fill most of their bits."""
    low, high = total
    if low == -1 and high <= 1:
        return SIGNED, [guessed("the whole numbers -1 to 1 are read as -1:1")]
    for bits in SIGNED_BITS:
        chosen = Range(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
        if low >= chosen.low and high <= chosen.high and _count_levels(total, chosen) > HALF:
            return chosen, [guessed(f"whole numbers from {total} are read as signed numbers of {bits} bits ({chosen})")]
    return None


def _guess_floats(total: Extent) -> tuple[Range, list[Remark]] | None:
    """The narrowest common range that holds floats, within a tolerance; None if there is none."""
    if tuple(total) == DIGITS:
        return DIGITS, [
            guessed(f"floating-point pixels from {total} are read as {DIGITS}, as in scikit-learn's digits")
        ]
    room = TOLERANCE * (total.high - total.low)
    for chosen in (UNIT, SIGNED, BYTES):
        if total.low >= chosen.low - room and total.high <= chosen.high + room:
            return chosen, [guessed(f"floating-point pixels from {total} are read as {chosen}", matters=False)]
    return None


def _fits(total: Extent, chosen: Range) -> bool:
    room = TOLERANCE * (chosen.high - chosen.low)
    return total.low >= chosen.low - room and total.high <= chosen.high + room


def _clipping_remarks(kind: str, total: Extent, chosen: Range) -> list[Remark]:
    if total.low >= chosen.low and total.high <= chosen.high:
        return []
    return [changed(f"{kind} pixels from {total} are clipped to {chosen}")]


def _contrast_remarks(kind: str, extents: Extents, total: Extent, chosen: Range) -> list[Remark]:
    """A remark if images, or those of one part, use half of 256 levels or fewer."""
    levels = _count_levels(total, chosen)
    if levels <= HALF:
        text = f"{kind} pixels from {total} of {chosen} fill {levels} of 256 levels"
        return [guessed(f"{text}: give --pixel-range if that is wrong")]
    few = [part for part, extent in extents.items() if _count_levels(extent, chosen) <= HALF]
    alone = {
        part: _guess_floats(extents[part]) if kind == FLOAT else _guess_integers(kind, extents[part]) for part in few
    }
    odd = [part for part in few if alone[part] is not None and alone[part][0] != chosen]
    if not odd:
        return []
    text = ", ".join(f"{part} holds {kind} pixels from {extent}" for part, extent in extents.items())
    return [guessed(f"{text}: all are read as {chosen}, so {', '.join(odd)} has hardly any contrast")]


def _count_levels(extent: Extent, chosen: Range) -> int:
    low, high = (min(max(value, chosen.low), chosen.high) for value in extent)
    return int((high - low) / (chosen.high - chosen.low) * 255) + 1
