"""JSON as its standard has it: no NaN, no Infinity, and numpy's numbers as numbers. All JSON that gancli writes."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import PurePath


def dumps(value: object, *, indent: int | None = None) -> str:
    """The text of a value. Numbers that are not finite become null, numpy's scalars and arrays numbers and lists, and
    paths texts; it is ASCII without control characters. Raises: TypeError for what JSON has no form for."""
    text = json.dumps(plain(value), indent=indent, allow_nan=False)
    return text.replace("\x7f", "\\u007f")  # DEL, which json leaves as it is


def plain(value: object) -> object:
    """A value of dicts, lists, texts, finite numbers, booleans and None alone. Raises: TypeError."""
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, (str, int)):  # and booleans
        return value
    if isinstance(value, Mapping):
        return {key if isinstance(key, str) else str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset, range)):
        return [plain(one) for one in value]
    if isinstance(value, PurePath):
        return str(value)
    if hasattr(value, "tolist"):  # numpy's; this module must not import it
        return plain(value.tolist())
    raise TypeError(f"{type(value).__name__} has no form in JSON")
