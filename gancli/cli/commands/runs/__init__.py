"""gancli runs: list, show, compare, rename, note, verify, prune and delete runs."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli.command_groups import SubcommandFolder
from gancli.cli.commands.runs import _list_options

EPILOG = """\b
Examples:
  gancli runs                            the list; more about it: gancli runs list --help
  gancli runs --sort -score --filter model=dcgan
  gancli runs show last                  options, scores, files, and commands to continue with
  gancli runs compare 0 1                options, losses and scores side by side, and a picture
  gancli runs rename 3 wide
  gancli runs note wide "twice the width, half the rate"
  gancli runs rm 4 5
  gancli runs prune --dry-run

A run is selected by its number, its name or the beginning of it, the path of its folder, last (the newest) or last-1
(the one before)."""


@click.group(cls=SubcommandFolder, package=__name__, invoke_without_command=True, epilog=EPILOG)
@_list_options.list_options
@click.pass_context
def command(
    ctx: click.Context, outdir: Path, sort: str | None, filters: tuple[str, ...], columns: str | None, as_json: bool
) -> None:
    """List runs. The subcommands show, compare, rename, prune and delete them."""
    if ctx.invoked_subcommand is None:
        _list_options.print_list(outdir, sort, filters, columns, as_json=as_json)
