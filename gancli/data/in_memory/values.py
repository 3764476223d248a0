"""Arrays from whatever a program has: NumPy arrays, tensors of any library, lists of arrays, data frames' columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from gancli.core.backend import np
from gancli.core.errors import DataError, first_line

EXPECTED = "expected a NumPy array, a tensor in main memory, or a list of arrays of one shape"


def array_of(values: object, what: str) -> np.ndarray:
    """The values as an array of numbers or texts, not copied if they are one. what: their name in messages.

    Raises: DataError for what is no array, for lists of different shapes, masked values and Python objects.
    """
    if isinstance(values, np.ma.MaskedArray):
        if hidden := int(np.ma.getmaskarray(values).sum()):
            raise DataError(f"{what} has {hidden:,} masked values: give them a value, as {what}.filled(0) does")
        values = values.data
    if isinstance(values, dict | set | frozenset):
        raise DataError(f"{what} is {_kind(values)}: {EXPECTED}")
    try:
        found = _stacked(values, what) if isinstance(values, list | tuple) else np.asarray(values)
    except (TypeError, ValueError, RuntimeError) as error:  # of the library that the values are of
        why = first_line(error).split(". ")[0].rstrip(".")
        raise DataError(f"{what}: {_kind(values)} cannot be read ({why}): {EXPECTED}") from error
    found = _plain(found, what) if found.dtype.hasobject else found
    if found.dtype.kind == "V" and found.dtype.names is None and found.dtype.itemsize <= 2:
        found = found.astype(np.float32)  # bfloat16 and smaller floats, which NumPy itself does not have
    return found


def _kind(values: object) -> str:
    """The type of an object, with its article, for a message."""
    name = type(values).__name__
    return f"{'an' if name[0].lower() in 'aeio' else 'a'} {name}"


def _stacked(values: Sequence, what: str) -> np.ndarray:
    """A list as an array. Raises: DataError for items of different shapes."""
    if not values or isinstance(values[0], str | bytes | bool | int | float | None):
        return np.asarray(values)
    items = [np.asarray(one) for one in values]
    first = items[0].shape
    for number, item in enumerate(items):
        if item.shape != first:
            raise DataError(
                f"{what}: item 0 has shape {first}, item {number} has shape {item.shape}; expected one shape: resize "
                "or crop them before, or give a folder of picture files"
            )
    return np.stack(items)


def _plain(values: np.ndarray, what: str) -> np.ndarray:
    """An array of Python objects as numbers, texts or one array. Raises: DataError for others."""
    if values.ndim == 0:
        _refuse(f"{what} is {_kind(values.item())}")
    items = values.ravel().tolist()
    if all(isinstance(one, str) for one in items):
        return values.astype(str)
    absent = [number for number, one in enumerate(items) if not isinstance(one, str)]
    if len(absent) < len(items):
        _refuse(f"{what}: item {absent[0]:,} is {items[absent[0]]!r}, and others are texts")
    if values.ndim == 1 and items and all(hasattr(one, "__array__") or isinstance(one, list) for one in items):
        return _stacked(items, what)
    odd = next((one for one in items if not isinstance(one, bool | int | float)), None)
    if odd is not None or None in items or not items:
        _refuse(f"{what} holds Python objects, such as {_kind(odd)}")
    return np.asarray(values.tolist())


def _refuse(text: str) -> NoReturn:
    raise DataError(f"{text}: {EXPECTED}")
