"""gancli runs show: everything about one run."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from gancli.cli import flags, output, tables

EPILOG = """\b
Examples:
  gancli runs show 3
  gancli runs show demo --json"""


@click.command(epilog=EPILOG)
@click.argument("run_name", metavar="RUN")
@flags.outdir_option
@flags.json_option
def command(run_name: str, outdir: Path, as_json: bool) -> None:
    """Print options, state, checkpoints and last metrics of a run."""
    from gancli.runs import registry, summary

    result = asdict(summary.describe(registry.find_run(run_name, outdir, note=output.note)))
    output.report(result, tables.named_values(result), as_json=as_json)
