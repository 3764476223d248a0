"""Text tables with columns as wide as their content, and text for numbers that may be undefined."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence

from gancli.core.streams import escaped

GAP = 2  # spaces between two columns
NARROWEST = 16  # columns that a long cell is wrapped to before others are left out
LARGE = 1e12  # written with an exponent from here on
UNDEFINED = "not defined"
UNLIMITED = 100_000  # columns, if the output is not a terminal


def aligned(rows: Sequence[Sequence[str]], *, least: int = 0, left: int = 1) -> list[str]:
    """A line for each row, with at least two spaces between columns; rows may have fewer cells.

    least: minimum width of the columns after the first, including the gap. left: number of left-aligned columns; all
    others are right-aligned.
    """
    rows = [[escaped(cell) for cell in row] for row in rows]
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


def fitted(
    names: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = (), whole: Sequence[str] = ()
) -> list[str]:
    """Lines of a table with a header, wrapped at the width of the terminal, or not wrapped without a terminal.

    right: names of the right-aligned columns. whole: names of those that are not wrapped. Control characters in cells
    are escaped.
    """
    from rich.console import Console  # slow to import
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in names:
        justify = "right" if name in right else "left"
        table.add_column(name, justify=justify, overflow="fold", no_wrap=name in whole)
    for row in rows:
        table.add_row(*(Text(escaped(cell)) for cell in row))
    console = Console(width=terminal_width() or UNLIMITED, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().rstrip("\n").split("\n")]


def affordable(
    names: Sequence[str], rows: Sequence[Sequence[str]], importance: Sequence[str], *, whole: Sequence[str]
) -> list[str]:
    """The columns that the terminal has room for, in their order: the first two of `importance`, then as many as fit.

    importance: names, the most important first. whole: columns that need their width; others need NARROWEST where their
    cells are longer. Without a terminal there is room for all.
    """
    from rich.cells import cell_len  # slow to import

    width = terminal_width()
    if width is None:
        return list(names)
    room, kept = width + GAP, set()
    for name in sorted(names, key=importance.index):
        longest = max((cell_len(escaped(row[names.index(name)])) for row in rows), default=0)
        needed = GAP + max(len(name), longest if name in whole else min(NARROWEST, longest))
        if needed <= room or len(kept) < 2:
            kept.add(name)
            room -= needed
    return [name for name in names if name in kept]


def four_digits(value: float) -> str:
    """A number with four digits, or as many as it has before the point, with separators of thousands."""
    return f"{value:,.0f}" if isinstance(value, int) or 1000 <= abs(value) < LARGE else f"{value:.4g}"


def value_text(value: object, *, empty: str = "none") -> str:
    """A value of an option or metric: numbers with four digits, words for yes and no, and for what is empty."""
    if value is None or value == "":
        return empty
    if isinstance(value, bool):
        return "yes" if value else "no"
    return four_digits(value) if isinstance(value, (int, float)) else str(value)


def named_values(values: Mapping[str, object]) -> list[str]:
    """A line "name: value" for each entry; nested tables on one line."""
    lines = []
    for name, value in values.items():
        text = ", ".join(f"{key} {one}" for key, one in value.items()) if isinstance(value, Mapping) else value
        lines.append(f"{name}: {text}".rstrip())
    return lines


def nested_values(values: Mapping[str, object], *, indent: str = "") -> list[str]:
    """A line "name: value" for each entry; nested tables indented below their names."""
    lines = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            lines += [f"{indent}{name}:", *nested_values(value, indent=indent + "  ")]
        else:
            lines.append(f"{indent}{name}: {f'{value:,}' if isinstance(value, int) and value > 9999 else value}")
    return lines


def terminal_width() -> int | None:
    """Width of the terminal on standard output in columns; None if the output is not a terminal."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal else None


@contextlib.contextmanager
def fixed_width(count: int) -> Iterator[None]:
    """Set the terminal width in the environment, where libraries read it, for the duration of the context."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(count)
    try:
        yield
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before


def spread(value: float | None, form: str = ".2g") -> str:
    """ " ± 0.12", or "" for None."""
    return "" if value is None else f" ± {value:{form}}"


def number(value: float | None, form: str, *, missing: str = UNDEFINED) -> str:
    """A formatted number, or the text for one that is undefined."""
    return missing if value is None else f"{value:{form}}"
