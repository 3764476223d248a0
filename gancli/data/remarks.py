"""Remarks: what a reader of data guessed, changed and left out, returned with the data.

A reader collects them in a list; `Dataset.remarks` carries them. `gancli data check` prints all of them, training and
scores print those that matter, and `--strict` turns those into an error.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

GUESSED = "guessed"
CHANGED = "changed"
LEFT_OUT = "left out"
KINDS = (GUESSED, CHANGED, LEFT_OUT)
MAX_NAMES = 5  # names in a remark


class Remark(NamedTuple):
    """One sentence about data, without a full stop.

    kind: GUESSED (what the file does not say: a value range, the purpose of a folder), CHANGED (values that differ from
    the file) or LEFT_OUT (files, rows, classes that are not used). matters: whether training and scores print it;
    otherwise only `gancli data check` does. column: the column that is missing for this reason, if any.
    """

    kind: str
    text: str
    matters: bool = True
    column: str = ""


def guessed(text: str, *, matters: bool = True, column: str = "") -> Remark:
    """A remark on what was guessed; see Remark for the arguments."""
    return Remark(GUESSED, text, matters, column)


def changed(text: str, *, matters: bool = True) -> Remark:
    """A remark on values that were changed."""
    return Remark(CHANGED, text, matters)


def left_out(text: str, *, matters: bool = True, column: str = "") -> Remark:
    """A remark on what is not used."""
    return Remark(LEFT_OUT, text, matters, column)


def why_without(column: str, remarks: Iterable[Remark]) -> str:
    """Why data lack a column; "" if no remark says."""
    return "; ".join(remark.text for remark in remarks if remark.column == column)


def some(names: Sequence[str], most: int = MAX_NAMES) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def merged(*groups: Iterable[Remark]) -> tuple[Remark, ...]:
    """The remarks of all groups in order, without repetitions."""
    return tuple(dict.fromkeys(remark for group in groups for remark in group))


def from_json(rows: Iterable[object]) -> tuple[Remark, ...]:
    """Remarks from lists of kind, text, whether it matters, and an optional column. Raises: ValueError for others."""
    found = []
    for row in rows:
        if not (isinstance(row, list) and len(row) in (3, 4) and row[0] in KINDS):
            raise ValueError("expected a kind, a text, and whether it matters")
        if not (isinstance(row[2], bool) and all(isinstance(text, str) for text in (row[1], *row[3:]))):
            raise ValueError("expected a kind, a text, and whether it matters")
        found.append(Remark(*row))
    return tuple(found)
