"""gancli runs verify: checksums of checkpoints."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gancli.cli import flags, output
from gancli.cli.commands.runs import _reports
from gancli.core.errors import CheckpointError

if TYPE_CHECKING:
    from gancli.runs.maintenance import IntegrityReport

EPILOG = """\b
Examples:
  gancli runs verify
  gancli runs verify 3 demo --json

Exit code 4 means that a checkpoint is damaged. Resuming, and every command without --checkpoint, skips damaged
checkpoints with a warning and takes the newest intact one."""


@click.command(epilog=EPILOG)
@click.argument("run_names", metavar="[RUN]...", nargs=-1)
@flags.outdir_option
@flags.json_option
def command(run_names: tuple[str, ...], outdir: Path, as_json: bool) -> None:
    """Verify the checksums of checkpoints.

    Checks the named runs, or all runs, and prints the step from which each can be resumed.
    """
    from gancli.runs import maintenance

    runs, unreadable = _reports.select(run_names, outdir)
    reports = [maintenance.check(run) for run in runs]
    lines = [line for report in reports for line in _lines(report)] or [f"no runs in {outdir}"]
    result = {"runs": [_reports.as_dict(report) for report in reports], "unreadable": unreadable}
    output.report(result, lines, as_json=as_json)
    damaged = sum(len(report.damaged) for report in reports)
    if damaged or unreadable:
        raise CheckpointError(
            f"damaged checkpoints: {damaged}; unreadable runs: {len(unreadable)}; gancli runs prune deletes damaged "
            "checkpoints of runs that have an intact one"
        )


def _lines(report: IntegrityReport) -> list[str]:
    total = len(report.whole) + len(report.damaged)
    resume = "nothing to resume from" if report.newest is None else f"resumes from step {report.newest:,}"
    resume = "published, for inference" if report.run.is_published else resume
    best = f", best {report.best[0]:,} (score {report.best[1]:.4g})" if report.best else ""
    partial = f", partial files of killed processes: {len(report.leftovers)}" if report.leftovers else ""
    lines = [f"{report.run.path}: {len(report.whole)} of {total} checkpoints intact, {resume}{best}{partial}"]
    return lines + [f"  damaged: {reason}" for reason in report.damaged.values()]
