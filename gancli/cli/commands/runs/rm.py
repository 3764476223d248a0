"""gancli runs rm: delete runs."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output
from gancli.core.errors import LockedError, OptionError

if TYPE_CHECKING:
    from gancli.runs.run import Run

EPILOG = """\b
Examples:
  gancli runs rm 4
  gancli runs rm 4 5 evening --yes
  gancli runs rm last --trash

Asks first, unless there is --yes. A run in training is not deleted (exit code 7). gancli runs prune only deletes old
checkpoints. --trash needs the extra gancli[trash]."""


@click.command(epilog=EPILOG)
@click.argument("run_names", metavar="RUN...", nargs=-1, required=True)
@click.option("-y", "--yes", is_flag=True, help="Delete without asking.")
@click.option("--trash", is_flag=True, help="Move to the trash of the system instead of deleting.")
@flags.outdir_option
@flags.json_option
def command(run_names: tuple[str, ...], yes: bool, trash: bool, outdir: Path, as_json: bool) -> None:
    """Delete runs with all their files."""
    from gancli.runs import maintenance, registry

    if trash:
        maintenance.need_trash()
    runs = list({run.path.resolve(): run for run in (registry.find_run(name, outdir) for name in run_names)}.values())
    for run in runs:
        if run.lock.is_held():
            raise LockedError(f"{run.path} is in training: stop it first (Ctrl-C); nothing is deleted")
    sizes = [maintenance.size(run) for run in runs]
    if not yes and not _is_confirmed(runs, sizes, trash=trash):
        output.report({"runs": [], "bytes": 0, "trash": trash}, ["nothing is deleted"], as_json=as_json)
        return
    for run in runs:
        (maintenance.move_to_trash if trash else maintenance.delete)(run)
    done = "moved to the trash" if trash else "deleted"
    lines = [f"{run.path}: {done}, {_megabytes(size)}" for run, size in zip(runs, sizes, strict=True)]
    removed = [{"path": str(run.path), "bytes": size} for run, size in zip(runs, sizes, strict=True)]
    output.report({"runs": removed, "bytes": sum(sizes), "trash": trash}, lines, as_json=as_json)


def _is_confirmed(runs: Sequence[Run], sizes: Sequence[int], *, trash: bool) -> bool:
    """Ask on the terminal. Raises: OptionError without a terminal."""
    if sys.stdin is None or not sys.stdin.isatty():
        raise OptionError("standard input is not a terminal, so the question cannot be answered: add --yes to delete")
    for run, size in zip(runs, sizes, strict=True):
        output.note(f"{run.path}: {run.status()['state']} at step {run.status()['step']:,}, {_megabytes(size)}")
    what = f"{len(runs)} runs" if len(runs) > 1 else "this run"
    verb = "Move" if trash else "Delete"
    return click.confirm(f"{verb} {what}, {_megabytes(sum(sizes))}{' to the trash' if trash else ''}?", err=True)


def _megabytes(size: int) -> str:
    return f"{size / 1e6:,.1f} MB"
