"""One line of progress for a given width: count and time left always, then a bar, then facts as far as they fit."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from gancli.core.progress import clock

LEAST_BAR, MOST_BAR = 8, 40  # columns
DONE, LEFT = "━", "─"
PLAIN_DONE, PLAIN_LEFT = "#", "-"  # where the terminal shows ASCII alone
ELLIPSIS = ".."


@dataclass(frozen=True)
class ProgressLine:
    """What a line of progress contains.

    label: the work, cut if there is no room. done, total: parts; total 0 if unknown. seconds_left: None if unknown.
    facts: in the order of importance.
    """

    label: str
    done: int
    total: int
    seconds_left: float | None
    facts: Sequence[str] = ()

    def parts(self, width: int) -> tuple[str, int, int, str]:
        """The line in `width` columns: the text before the bar, the done columns and all columns of the bar, 0 without
        one, and the text behind it."""
        count = f"{self.done:,}/{self.total:,}"
        left = f"{clock(self.seconds_left)} left"
        room = width - len(count) - len(left) - 2
        label = _cut(self.label, room)
        start = f"{label} {count}" if label else count
        room = width - columns(start) - len(left) - 2  # for the bar and its space, and the facts
        if room < LEAST_BAR:
            return start, 0, 0, left
        behind, room = left, room - LEAST_BAR
        for fact in self.facts:
            if len(fact) + 1 > room:
                break
            behind, room = f"{behind} {fact}", room - len(fact) - 1
        bar = min(LEAST_BAR + max(room, 0), MOST_BAR)
        share = min(self.done / self.total, 1.0) if self.total else 0.0
        return start, int(share * bar), bar, behind


def text(line: ProgressLine, width: int) -> str:
    """The line as plain ASCII text, at most `width` characters."""
    start, done, bar, behind = line.parts(width)
    drawn = f" {PLAIN_DONE * done}{PLAIN_LEFT * (bar - done)} " if bar else " "
    return f"{start}{drawn}{behind}"


def columns(label: str) -> int:
    """The columns that a label takes in a terminal: letters of East Asian scripts take two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in label)


def _cut(label: str, room: int) -> str:
    """The start of a label that fits into the room, with an ellipsis if it is not the whole label."""
    if columns(label) <= room:
        return label
    while label and columns(label) > room - len(ELLIPSIS):
        label = label[:-1]
    return f"{label}{ELLIPSIS}" if label else ""
