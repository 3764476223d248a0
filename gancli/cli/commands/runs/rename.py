"""gancli runs rename: another name for a run."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output

EPILOG = """\b
Examples:
  gancli runs rename 3 wide
  gancli runs rename evening morning

The end of the folder's name changes too. A run in training cannot be renamed (exit code 7)."""


@click.command(epilog=EPILOG)
@click.argument("run_name", metavar="RUN")
@click.argument("new_name", metavar="NEW")
@flags.outdir_option
@flags.json_option
def command(run_name: str, new_name: str, outdir: Path, as_json: bool) -> None:
    """Rename a run."""
    from gancli.runs import maintenance, registry

    run = registry.find_run(run_name, outdir)
    renamed = maintenance.rename(run, new_name)
    result = {"number": renamed.number, "name": renamed.name, "path": str(renamed.path), "before": str(run.path)}
    output.report(result, [f"{run.path} is now {renamed.path}, --run {renamed.name}"], as_json=as_json)
