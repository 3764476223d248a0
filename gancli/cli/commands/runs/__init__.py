"""gancli runs: list runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output, tables
from gancli.cli.command_groups import SubcommandFolder

if TYPE_CHECKING:
    from gancli.runs.summary import RunSummary

EPILOG = """\b
Examples:
  gancli runs
  gancli runs show 3
  gancli runs verify
  gancli runs prune --dry-run
  gancli runs --json"""


@click.group(cls=SubcommandFolder, package=__name__, invoke_without_command=True, epilog=EPILOG)
@flags.outdir_option
@flags.json_option
@click.pass_context
def command(ctx: click.Context, outdir: Path, as_json: bool) -> None:
    """List runs. The subcommands show, verify and prune them."""
    if ctx.invoked_subcommand is not None:
        return
    from dataclasses import asdict

    from gancli.runs import registry, summary

    rows = [summary.summarize(run) for run in registry.list_runs(outdir, warn=output.warn)]
    lines = _table(rows) if rows else [f"no runs in {outdir}"]
    output.report({"runs": [asdict(row) for row in rows]}, lines, as_json=as_json)


def _table(rows: Sequence[RunSummary]) -> list[str]:
    cells = [
        (
            str(row.number),
            row.name,
            row.model,
            row.data,
            f"{row.step:,}",
            row.status,
            row.started.replace("+00:00", "Z"),
            f"{row.megabytes:,} MB",
        )
        for row in rows
    ]
    names = ("number", "name", "model", "data", "step", "status", "started", "size")
    return tables.fitted(names, cells, right=("number", "step", "size"))
