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
    else it is for `gancli data check` alone.
    """

    kind: str
    text: str
    matters: bool = True


def guessed(text: str, *, matters: bool = True) -> Remark:
    """A remark on what was guessed."""
    return Remark(GUESSED, text, matters)


def changed(text: str, *, matters: bool = True) -> Remark:
    """A remark on values that were changed."""
    return Remark(CHANGED, text, matters)


def left_out(text: str, *, matters: bool = True) -> Remark:
    """A remark on what is not used."""
    return Remark(LEFT_OUT, text, matters)


def some(names: Sequence[str], most: int = SHOWN) -> str:
    """The first names of a list, and how many more there are."""
    return ", ".join(names[:most]) + (f" and {len(names) - most:,} more" if len(names) > most else "")


def merged(*groups: Iterable[Remark]) -> tuple[Remark, ...]:
    """All remarks in order, each once."""
    return tuple(dict.fromkeys(remark for group in groups for remark in group))


def from_json(held: Iterable[object]) -> tuple[Remark, ...]:
    """Remarks from lists of kind, text and whether it matters. Raises: ValueError for anything else."""
    found = []
    for row in held:
        if not (isinstance(row, list) and len(row) == 3 and row[0] in KINDS):
            raise ValueError("expected a kind, a text, and whether it matters")
        if not (isinstance(row[1], str) and isinstance(row[2], bool)):
            raise ValueError("expected a kind, a text, and whether it matters")
        found.append(Remark(*row))
    return tuple(found)
