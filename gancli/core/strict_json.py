"""Standard JSON, without NaN and Infinity, from Python and numpy values. gancli writes all of its JSON with it."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import PurePath


def dumps(value: object, *, indent: int | None = None) -> str:
    """JSON text of a value, in ASCII without control characters.

    Non-finite numbers become null, numpy scalars and arrays become numbers and lists, and paths become strings.
    Raises: TypeError for other types.
    """
    text = json.dumps(plain(value), indent=indent, allow_nan=False)
    return text.replace("\x7f", "\\u007f")  # DEL, which json does not escape


def plain(value: object) -> object:
    """A value made of dicts, lists, strings, finite numbers, booleans and None only. Raises: TypeError."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):  # bool is an int
        return value
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return [plain(one) for one in value]
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):  # numpy values; this module does not import numpy
        return plain(value.tolist())
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")


def nests_deeper(value: object, most: int) -> bool:
    """Whether more than `most` lists and objects are within one another, too deep for recursion."""
    level = [value]
    for _ in range(most):
        nested = [one for one in level if isinstance(one, (list, dict))]
        level = [inner for one in nested for inner in (one.values() if isinstance(one, dict) else one)]
    return any(isinstance(one, (list, dict)) for one in level)
