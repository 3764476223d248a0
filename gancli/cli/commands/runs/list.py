"""gancli runs list: a table of all runs."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli.commands.runs import _list_options

EPILOG = """\b
Examples:
  gancli runs list --sort -score
  gancli runs list --filter model=dcgan --filter state=finished
  gancli runs list --filter name='even*' --columns name,score,width,learning-rate
  gancli runs list --columns all
  gancli runs list --json

Columns: number, name, model, data, step (of the total), left (time left), state, loss (the newest of the main loss),
score (the last, and its kind), when (start), note, size, path. A narrow terminal shows the most important ones."""


@click.command(epilog=EPILOG)
@_list_options.list_options
def command(outdir: Path, sort: str | None, filters: tuple[str, ...], columns: str | None, as_json: bool) -> None:
    """List runs."""
    _list_options.print_list(outdir, sort, filters, columns, as_json=as_json)
