"""Remarks: what a reader of data guessed, changed and left out, returned beside the data.

A reader collects them in a list while it reads; `Dataset.remarks` carries them. `gancli data check` prints all,
training and scores print those that matter, and `--strict` turns those into an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

GUESSED, CHANGED, LEFT_OUT = KINDS = ("guessed", "changed", "left out")
SHOWN = 5  # names in a remark


class Remark(NamedTuple):
    """One sentence about data, without a full stop.

    kind: GUESSED (what the file does not say: a range of pixels, what a folder is for), CHANGED (values that are not as
    in the file) or LEFT_OUT (files, rows, classes that are not used). matters: whether training and scores say it;
    else it is for `gancli data check` alone. column: the column that the data lack for this reason, if they lack one.
    """

    kind: str
    text: str
    matters: bool = True
    column: str = ""


def guessed(text: str, *, matters: bool = True, column: str = "") -> Remark:
    """A remark on what was guessed."""
    return Remark(GUESSED, text, matters, column)


def changed(text: str, *, matters: bool = True) -> Remark:
    """A remark on values that were changed."""
    return Remark(CHANGED, text, matters)


def left_out(text: str, *, matters: bool = True, column: str = "") -> Remark:
    """A remark on what is not used."""
    return Remark(LEFT_OUT, text, matters, column)


def why_without(column: str, remarks: Iterable[Remark]) -> str:
    """Why data lack a column, as their reader said; "" where it said nothing."""
    return "; ".join(remark.text for remark in remarks if remark.column == column)


def some(names: Sequence[str], most: int = SHOWN) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def merged(*groups: Iterable[Remark]) -> tuple[Remark, ...]:
    """All remarks in order, each once."""
    return tuple(dict.fromkeys(remark for group in groups for remark in group))


def from_json(held: Iterable[object]) -> tuple[Remark, ...]:
    """Remarks from lists of kind, text, whether it matters, and perhaps a column. Raises: ValueError for others."""
    found = []
    for row in held:
        if not (isinstance(row, list) and len(row) in (3, 4) and row[0] in KINDS):
            raise ValueError("expected a kind, a text, and whether it matters")
        if not (isinstance(row[2], bool) and all(isinstance(text, str) for text in (row[1], *row[3:]))):
            raise ValueError("expected a kind, a text, and whether it matters")
        found.append(Remark(*row))
    return tuple(found)
