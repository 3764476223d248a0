"""Which run to resume."""

from __future__ import annotations

from pathlib import Path

from gancli.core.errors import CheckpointError
from gancli.runs import registry
from gancli.runs.run import Run


def find_resumable(selector: str | None, outdir: Path) -> Run:
    """The named run; without a name the newest unfinished run, or if all are finished the newest.

    selector: as in `registry.find_run`. Raises: CheckpointError if there is no such run, or none with a checkpoint.
    """
    if selector is not None:
        return registry.find_run(selector, outdir)
    runs = [run for run in registry.list_runs(outdir) if run.checkpoints()]
    if not runs:
        raise CheckpointError(f"no run in {outdir} to resume: start one with gancli train, or give --outdir")
    return next((run for run in reversed(runs) if run.status()["state"] != "finished"), runs[-1])
