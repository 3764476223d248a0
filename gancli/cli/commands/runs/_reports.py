"""What `gancli runs verify` and `gancli runs prune` share: the named runs, and integrity reports as JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from gancli.cli import output

if TYPE_CHECKING:
    from gancli.runs.maintenance import IntegrityReport
    from gancli.runs.run import Run


def select(names: tuple[str, ...], outdir: Path) -> tuple[list[Run], list[str]]:
    """The named runs, or all runs without a name; and why some cannot be read, which is printed as a warning."""
    from gancli.runs import registry

    unreadable: list[str] = []
    if names:
        return [registry.find_run(name, outdir) for name in names], unreadable
    runs = registry.list_runs(outdir, warn=unreadable.append)
    for reason in unreadable:
        output.warn(reason)
    return runs, unreadable


def as_dict(report: IntegrityReport) -> dict[str, Any]:
    """An integrity report as plain values."""
    return {
        "path": str(report.run.path),
        "state": report.run.status()["state"],
        "whole": list(report.whole),
        "damaged": dict(report.damaged),
        "leftovers": [str(path) for path in report.leftovers],
        "resumes_from": report.newest,
        "best": dict(zip(("step", "score"), report.best or (), strict=False)),
    }
