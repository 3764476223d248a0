"""Tables of text whose columns are as wide as what stands in them, and numbers that may not be there."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence

from gancli.core.escapes import escaped

GAP = 2  # spaces between two columns
UNDEFINED = "not defined"
ENDLESS = 100_000  # columns, where no terminal is written to


def aligned(rows: Sequence[Sequence[str]], *, least: int = 0, left: int = 1) -> list[str]:
    """A line for each row, at least two spaces between columns; short rows end early.

    least: width of the columns after the first, at least, with the gap. left: so many columns are flush left, the rest
    flush right.
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


def fitted(names: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[str] = ()) -> list[str]:
    """Lines of a table under the names of its columns, as wide as the terminal; elsewhere nothing is folded.

    right: columns that are flush right. Cells are shown as they are, but for `escaped`.
    """
    from rich.console import Console  # slow to import
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    for name in names:
        table.add_column(name, justify="right" if name in right else "left", overflow="fold")
    for row in rows:
        table.add_row(*(Text(escaped(cell)) for cell in row))
    console = Console(width=terminal_width() or ENDLESS, color_system=None)
    with console.capture() as captured:
        console.print(table)
    return [line.rstrip() for line in captured.get().rstrip("\n").split("\n")]


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
    """Columns of the terminal on standard output, or None if there is none."""
    is_terminal = sys.stdout is not None and sys.stdout.isatty()
    return shutil.get_terminal_size().columns if is_terminal else None


@contextlib.contextmanager
def told_columns(count: int) -> Iterator[None]:
    """While in it, libraries that ask the environment how wide the terminal is are told this."""
    before = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(count)
    try:
        yield
    finally:
        del os.environ["COLUMNS"]
        if before is not None:
            os.environ["COLUMNS"] = before


def spread(value: float | None, form: str = ".2g") -> str:
    """ " ± 0.12", or nothing where there is no spread to tell."""
    return "" if value is None else f" ± {value:{form}}"


def number(value: float | None, form: str, *, missing: str = UNDEFINED) -> str:
    """A number, or the words that stand for one that cannot be had."""
    return missing if value is None else f"{value:{form}}"
