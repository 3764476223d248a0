"""gancli runs prune: delete old checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gancli.cli import flags, output
from gancli.cli.commands.runs import _reports
from gancli.core.errors import LockedError

if TYPE_CHECKING:
    from gancli.runs.maintenance import IntegrityReport, PruneItem
    from gancli.runs.run import Run

EPILOG = """\b
Examples:
  gancli runs prune --dry-run
  gancli runs prune 3 --keep 2
  gancli runs prune demo --json

Kept: the newest intact checkpoints, the one with the best score, and all checkpoints of a run without an intact one.
Deleted: all other checkpoints, those of --keep-every too, damaged ones, and partial files of killed processes. Runs in
training are skipped."""


@click.command(epilog=EPILOG)
@click.argument("run_names", metavar="[RUN]...", nargs=-1)
@click.option(
    "--keep",
    type=flags.IntRange(1),
    metavar="N",
    default=1,
    show_default=True,
    help="Number of newest intact checkpoints to keep.",
)
@click.option("--dry-run", is_flag=True, help="Print what would be deleted and the space it takes; delete nothing.")
@flags.outdir_option
@flags.json_option
def command(run_names: tuple[str, ...], keep: int, dry_run: bool, outdir: Path, as_json: bool) -> None:
    """Delete old checkpoints.

    Prunes the named runs, or all runs. The best checkpoint and the only intact one of a run are never deleted.
    """
    results: list[dict[str, Any]] = []
    lines: list[str] = []
    for run in _reports.select(run_names, outdir)[0]:
        try:
            report, items = _prune(run, keep, dry_run)
        except (LockedError, OSError) as error:  # in training, or read-only
            if run_names:
                raise
            output.warn(f"{error}; skipped")
            continue
        results.append(_reports.as_dict(report) | {"removed": [_as_dict(item) for item in items]})
        lines.append(f"{run.path}: {len(items)} files {'would be deleted' if dry_run else 'deleted'}")
        lines += [f"  {item.path.name} ({item.reason}, {item.size / 1e6:,.1f} MB)" for item in items]
    freed = sum(item["megabytes"] for result in results for item in result["removed"])
    lines.append(f"{freed:,.1f} MB {'would be ' if dry_run else ''}freed")
    output.report({"runs": results, "megabytes": round(freed, 3), "dry_run": dry_run}, lines, as_json=as_json)


def _prune(run: Run, keep: int, dry_run: bool) -> tuple[IntegrityReport, list[PruneItem]]:
    from gancli.runs import maintenance

    if not dry_run:
        return maintenance.prune(run, keep)
    if run.lock.is_held():
        raise LockedError(f"{run.path} is in training")
    report = maintenance.check(run)
    return report, maintenance.prunable(report, keep)


def _as_dict(item: PruneItem) -> dict[str, Any]:
    return {"file": str(item.path), "reason": item.reason, "megabytes": round(item.size / 1e6, 3)}
