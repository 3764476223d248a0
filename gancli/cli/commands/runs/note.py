"""gancli runs note: a note about a run."""

from __future__ import annotations

from pathlib import Path

import click

from gancli.cli import flags, output
from gancli.core.errors import OptionError

EPILOG = """\b
Examples:
  gancli runs note 3 "twice the width, half the rate"
  gancli runs note 3
  gancli runs note 3 --clear

gancli runs and gancli runs show print the note."""
LONGEST = 10_000  # characters


@click.command(epilog=EPILOG)
@click.argument("run_name", metavar="RUN")
@click.argument("text", required=False)
@click.option("--clear", is_flag=True, help="Delete the note.")
@flags.outdir_option
@flags.json_option
def command(run_name: str, text: str | None, clear: bool, outdir: Path, as_json: bool) -> None:
    """Write a note about a run, or print it."""
    if clear and text is not None:
        raise OptionError("--clear deletes the note: leave out the text, or --clear")
    if text is not None and len(text) > LONGEST:
        raise OptionError(f"the note has {len(text):,} characters: at most {LONGEST:,} are kept")
    from gancli.runs import registry

    run = registry.find_run(run_name, outdir)
    if clear or text is not None:
        run.set_about(note=text or "")
    result = {"number": run.number, "name": run.name, "path": str(run.path), "note": run.note}
    output.report(result, [f"{run.path}: {run.note or 'no note'}"], as_json=as_json)
