"""Options of `gancli runs` and `gancli runs list`, and the table that both print."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from gancli.cli import flags, output, tables
from gancli.core.errors import OptionError
from gancli.core.progress import clock

if TYPE_CHECKING:
    from gancli.runs.reports.listing import Row

AGES = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))  # seconds of a unit
ALL = "all"


class Column(NamedTuple):
    """A column of the table: the values of a summary that it shows, the first of which it is sorted by; whether it is
    aligned right."""

    keys: tuple[str, ...]
    right: bool = False


COLUMNS = {
    "number": Column(("number",), right=True),
    "name": Column(("name",)),
    "model": Column(("model",)),
    "data": Column(("data",)),
    "step": Column(("step", "total"), right=True),
    "left": Column(("seconds_left",), right=True),
    "state": Column(("state",)),
    "loss": Column(("loss", "loss_name"), right=True),
    "score": Column(("score", "score_name")),
    "when": Column(("started",)),
    "note": Column(("note",)),
    "size": Column(("megabytes",), right=True),
    "path": Column(("path",)),
}
IMPORTANCE = ("number", "name", "state", "step", "model", "score", "loss", "data", "left", "when", "note")
WRAPPED = ("name", "data", "note")  # where the terminal is narrow
OPTIONAL = ("left", "note")  # shown only where a run has one


def _filter(ctx: click.Context, param: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    for text in texts:
        key, equals, _ = text.partition("=")
        if not (key.strip() and equals):
            raise OptionError(f"--filter {text}: expected KEY=VALUE, such as model=dcgan or width=32")
    return texts


def list_options(function: Callable) -> Callable:
    """--sort, --filter, --columns, --outdir and --json."""
    for option in (
        flags.json_option,
        flags.outdir_option,
        click.option("--columns", metavar="KEY,…", help="Columns or options of the runs to show, or all."),
        click.option(
            "--filter",
            "filters",
            multiple=True,
            callback=_filter,
            metavar="KEY=VALUE",
            help="Show only runs with this value of a column or option; repeatable.",
        ),
        click.option("--sort", metavar="KEY", help="Column or option to sort by; -KEY for descending order."),
    ):
        function = option(function)
    return function


def print_list(outdir: Path, sort: str | None, filters: Sequence[str], columns: str | None, *, as_json: bool) -> None:
    """Print the runs of a folder. Raises: OptionError for an unknown column or option."""
    from gancli.runs import registry
    from gancli.runs.reports import listing

    found = listing.rows(registry.list_runs(outdir, warn=output.warn))
    pairs = [(_key(key), value) for key, _, value in (text.partition("=") for text in filters)]
    chosen = list(COLUMNS) if columns == ALL else [_name(name) for name in columns.split(",")] if columns else []
    keys = [*chosen, *(key for key, _ in pairs), *([_key(sort).removeprefix("-")] if sort else [])]
    listing.need_known(keys, found, tuple(COLUMNS))
    rows = listing.matching(found, pairs)
    rows = listing.in_order(rows, _key(sort)) if sort else rows
    result = {"runs": [_as_dict(row, chosen) for row in rows]}
    if rows and not as_json:
        lines = _table(rows, list(dict.fromkeys(["number", *chosen])) if chosen else [])
    else:
        lines = [f"no runs in {outdir}{' match the filters' if found else ''}"]
    output.report(result, lines, as_json=as_json)


def _name(text: str) -> str:
    return text.strip().replace("-", "_")


def _key(text: str) -> str:
    """The value of a summary that a column is sorted and filtered by; any other key as it is. A leading "-" stays."""
    sign, name = ("-", text[1:]) if text.startswith("-") else ("", text)
    name = _name(name)
    return sign + (COLUMNS[name].keys[0] if name in COLUMNS else name)


def _as_dict(row: Row, chosen: Sequence[str]) -> dict[str, Any]:
    """All values of a summary, or those of the chosen columns and options."""
    if not chosen:
        return vars(row.summary)
    return {key: row[key] for name in chosen for key in (COLUMNS[name].keys if name in COLUMNS else (name,))}


def _table(rows: Sequence[Row], chosen: Sequence[str]) -> list[str]:
    names = list(chosen) or [name for name in IMPORTANCE if name not in OPTIONAL or any(map(_has(name), rows))]
    names = names if chosen else [name for name in COLUMNS if name in names]
    is_terminal = tables.terminal_width() is not None
    cells = [[_cell(row, name, is_terminal=is_terminal) for name in names] for row in rows]
    whole = [] if chosen else [name for name in names if name not in WRAPPED]
    shown = names if chosen else tables.affordable(names, cells, IMPORTANCE, whole=whole)
    hidden = [name for name in names if name not in shown]
    cells = [[cell for name, cell in zip(names, line, strict=True) if name in shown] for line in cells]
    right = [name for name in shown if name not in COLUMNS or COLUMNS[name].right]
    more = [f"not shown: {', '.join(hidden)} (--columns, --json)"] if hidden else []
    return [*tables.fitted(shown, cells, right=right, whole=whole), *more]


def _has(name: str) -> Callable[[Row], bool]:
    return lambda row: row[COLUMNS[name].keys[0]] not in (None, "")


def _cell(row: Row, name: str, *, is_terminal: bool) -> str:
    if name in CELLS:
        return CELLS[name](vars(row.summary))
    if name == "when":
        return _age(row["started"]) if is_terminal else row["started"].replace("+00:00", "Z")
    value = row[name]
    return "" if value is None else tables.four_digits(value) if isinstance(value, float) else str(value)


def _step(values: Mapping[str, Any]) -> str:
    total = "" if values["total"] is None else f" of {values['total']:,}"
    return f"{values['step']:,}{total}"


def _score(values: Mapping[str, Any]) -> str:
    value = "" if values["score"] is None else f"{tables.four_digits(values['score'])} "
    return f"{value}{values['score_name']}"


CELLS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "number": lambda values: str(values["number"]) if values["number"] >= 0 else "",
    "step": _step,
    "left": lambda values: "" if values["seconds_left"] is None else clock(values["seconds_left"]),
    "loss": lambda values: "" if values["loss"] is None else tables.four_digits(values["loss"]),
    "score": _score,
    "size": lambda values: f"{values['megabytes']:,} MB",
}


def _age(started: str) -> str:
    """How long ago a time in ISO 8601 was, such as "3 h ago"; the text itself if it is no time."""
    try:
        start = datetime.datetime.fromisoformat(started)
        seconds = max(1.0, (datetime.datetime.now(datetime.UTC) - start).total_seconds())
    except (TypeError, ValueError):
        return started
    length, unit = next(pair for pair in AGES if seconds >= pair[0])
    return f"{seconds // length:.0f} {unit} ago"
