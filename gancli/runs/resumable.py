"""Which run to resume."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from gancli.core.errors import CheckpointError
from gancli.runs import registry
from gancli.runs.run import Run


def find_resumable(selector: str | None, outdir: Path, *, note: Callable[[str], None] = lambda text: None) -> Run:
    """The named run; without a name the newest unfinished run, or if all are finished the newest.

    selector: as in `registry.find_run`. note: receives that all runs are finished. Raises: CheckpointError if there is
    no such run, or none with a checkpoint.
    """
    if selector is not None:
        return registry.find_run(selector, outdir)
    runs = [run for run in registry.list_runs(outdir) if run.checkpoints()]
    if not runs:
        raise CheckpointError(f"no run in {outdir} to resume: start one with gancli train, or give --outdir")
    unfinished = [run for run in runs if run.status()["state"] != "finished"]
    if not unfinished:
        note(f"note: every run in {outdir} is finished; the newest is {runs[-1].path.name}")
    return (unfinished or runs)[-1]
