"""Tables of text whose columns are as wide as what stands in them, and numbers that may not be there."""

from __future__ import annotations

from collections.abc import Sequence

GAP = 2  # spaces between two columns
UNDEFINED = "not defined"


def aligned(rows: Sequence[Sequence[str]], *, least: int = 0, left: int = 1) -> list[str]:
    """A line for each row, at least two spaces between columns; short rows end early.

    least: width of the columns after the first, at least, with the gap. left: so many columns are flush left, the rest
    flush right.
    """
    count = max(map(len, rows), default=0)
    widths = [max((len(row[at]) for row in rows if at < len(row)), default=0) for at in range(count)]
    lines = []
    for row in rows:
        line = ""
        for at, cell in enumerate(row):
            gap = GAP * (at > 0)
            width = max(widths[at] + gap, least if at else 0)
            line += " " * gap + cell.ljust(width - gap) if at < left else cell.rjust(width)
        lines.append(line.rstrip())
    return lines


def spread(value: float | None, form: str = ".2g") -> str:
    """ " ± 0.12", or nothing where there is no spread to tell."""
    return "" if value is None else f" ± {value:{form}}"


def number(value: float | None, form: str, *, missing: str = UNDEFINED) -> str:
    """A number, or the words that stand for one that cannot be had."""
    return missing if value is None else f"{value:{form}}"
