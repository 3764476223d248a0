"""gancli runs: what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gancli.cli import flags, tables
from gancli.core.errors import CheckpointError, LockedError

if TYPE_CHECKING:
    from gancli.runs.maintenance import IntegrityReport, PruneItem
    from gancli.runs.run import Run

EPILOG = """\b
Examples:
  gancli runs
  gancli runs show 3
  gancli runs verify
  gancli runs prune --dry-run
  gancli runs --json"""


SHOW_EPILOG = """\b
Examples:
  gancli runs show 3
  gancli runs show demo --json"""


VERIFY_EPILOG = """\b
Examples:
  gancli runs verify
  gancli runs verify 3 demo --json

Exit code 4 says that something is damaged. A resume, and every command without --checkpoint, passes over damaged
checkpoints with a warning and takes the newest whole one."""

PRUNE_EPILOG = """\b
Examples:
  gancli runs prune --dry-run
  gancli runs prune 3 --keep 2
  gancli runs prune demo --json

What stays: the newest whole checkpoints, the one with the best score, and all of a run that has no whole one. What
goes: the other checkpoints, those of --keep-every too, damaged ones, and what a kill left half written. A run that
is being trained is left alone."""


@click.group(cls=flags.Group, invoke_without_command=True, epilog=EPILOG)
@flags.outdir_option
@flags.json_option
@click.pass_context
def command(ctx: click.Context, outdir: Path, as_json: bool) -> None:
    """List the runs; show, verify or prune them."""
    if ctx.invoked_subcommand is not None:
        return
    from gancli.runs import registry

    rows = [_row(run) for run in registry.every(outdir, warn=lambda text: flags.note(f"warning: {text}"))]
    flags.report({"runs": rows}, _table(rows) if rows else [f"no runs in {outdir}"], as_json=as_json)


def _row(run: Run) -> dict[str, Any]:
    from gancli.core import files

    status = run.status()
    size = sum(map(files.size_of, run.path.rglob("*")))
    return {
        "number": run.number,
        "name": run.record["name"],
        "model": run.record["model"],
        "data": run.facts.name,
        "step": status["step"],
        "status": status["state"],
        "started": run.record["created"],
        "megabytes": round(size / 1e6, 1),
        "path": str(run.path),
    }


def _table(rows: list[dict[str, Any]]) -> list[str]:
    cells = [
        (
            *(str(row[name]) for name in ("number", "name", "model", "data")),
            f"{row['step']:,}",
            row["status"],
            row["started"].replace("+00:00", "Z"),
            f"{row['megabytes']:,} MB",
        )
        for row in rows
    ]
    names = ("number", "name", "model", "data", "step", "status", "started", "size")
    return tables.fitted(names, cells, right=("number", "step", "size"))


@command.command(epilog=SHOW_EPILOG)
@click.argument("run_name", metavar="RUN")
@flags.outdir_option
@flags.json_option
def show(run_name: str, outdir: Path, as_json: bool) -> None:
    """Print what a run was asked, how it stands, and its last numbers."""
    from gancli.runs import registry

    run = registry.find(run_name, outdir, note=flags.note)
    status, metrics = run.status(), run.metrics()
    result = _row(run) | {"reason": status.get("reason", ""), "options": run.settings().to_mapping()}
    best = dict(zip(("step", "score"), run.best() or (), strict=False))
    result |= {"checkpoints": list(run.checkpoints()), "best": best, "last": metrics[-1] if metrics else {}}
    result |= {"argv": run.record["argv"], "versions": run.record["versions"], "device": run.record["device"]}
    flags.report(result, _lines(result), as_json=as_json)


def _lines(result: dict[str, Any]) -> list[str]:
    return [
        f"{name}: {', '.join(f'{k} {v}' for k, v in value.items()) if isinstance(value, dict) else value}".rstrip()
        for name, value in result.items()
    ]


@command.command(epilog=VERIFY_EPILOG)
@click.argument("run_names", metavar="[RUN]...", nargs=-1)
@flags.outdir_option
@flags.json_option
def verify(run_names: tuple[str, ...], outdir: Path, as_json: bool) -> None:
    """Check the checksum of every checkpoint of runs, all if none is named; say what could be resumed."""
    from gancli.runs import maintenance

    runs, unreadable = _named(run_names, outdir)
    found = [maintenance.check(run) for run in runs]
    results = [_checked(checkup) for checkup in found]
    lines = [line for checkup in found for line in _verdict(checkup)] or [f"no runs in {outdir}"]
    flags.report({"runs": results, "unreadable": unreadable}, lines, as_json=as_json)
    damaged = sum(len(checkup.damaged) for checkup in found)
    if damaged or unreadable:
        raise CheckpointError(
            f"damaged checkpoints: {damaged}; runs that cannot be read: {len(unreadable)}; "
            "gancli runs prune deletes damaged checkpoints where a whole one is left"
        )


def _named(names: tuple[str, ...], outdir: Path) -> tuple[list[Run], list[str]]:
    """The runs of these names, or all, and what is wrong with those that cannot be read."""
    from gancli.runs import registry

    unreadable: list[str] = []
    runs = [registry.find(name, outdir, note=flags.note) for name in names] or registry.every(
        outdir, warn=unreadable.append
    )
    for reason in unreadable:
        flags.note(f"warning: {reason}")
    return runs, unreadable


def _checked(found: IntegrityReport) -> dict[str, Any]:
    best = dict(zip(("step", "score"), found.best or (), strict=False))
    return {
        "path": str(found.run.path),
        "state": found.run.status()["state"],
        "whole": list(found.whole),
        "damaged": dict(found.damaged),
        "leftovers": [str(path) for path in found.leftovers],
        "resumes_from": found.newest,
        "best": best,
    }


def _verdict(found: IntegrityReport) -> list[str]:
    count = len(found.whole) + len(found.damaged)
    goes_on = "there is nothing to resume" if found.newest is None else f"a resume goes on from step {found.newest:,}"
    best = f", best {found.best[0]:,} (score {found.best[1]:.4g})" if found.best else ""
    left = f", {len(found.leftovers)} files left by a kill" if found.leftovers else ""
    lines = [f"{found.run.path}: {len(found.whole)} of {count} checkpoints whole, {goes_on}{best}{left}"]
    return lines + [f"  damaged: {reason}" for reason in found.damaged.values()]


@command.command(epilog=PRUNE_EPILOG)
@click.argument("run_names", metavar="[RUN]...", nargs=-1)
@click.option(
    "--keep", type=click.IntRange(1), default=1, show_default=True, help="Newest whole checkpoints that stay."
)
@click.option("--dry-run", is_flag=True, help="Say what would go and how much that frees, and delete nothing.")
@flags.outdir_option
@flags.json_option
def prune(run_names: tuple[str, ...], keep: int, dry_run: bool, outdir: Path, as_json: bool) -> None:
    """Delete old checkpoints of runs, all if none is named; never the best or the only whole one."""
    results, lines = [], []
    for run in _named(run_names, outdir)[0]:
        try:
            found, gone = _pruned(run, keep, dry_run)
        except (LockedError, OSError) as error:  # it is trained, or may only be read
            if run_names:
                raise
            flags.note(f"warning: {error}; it is left alone")
            continue
        results.append(_checked(found) | {"removed": [_removed(removal) for removal in gone]})
        lines += _told(found, gone, "would go" if dry_run else "gone")
    freed = sum(removal["megabytes"] for result in results for removal in result["removed"])
    lines.append(f"{freed:,.1f} MB {'would be ' if dry_run else ''}freed")
    flags.report({"runs": results, "megabytes": round(freed, 3), "dry_run": dry_run}, lines, as_json=as_json)


def _pruned(run: Run, keep: int, dry_run: bool) -> tuple[IntegrityReport, list[PruneItem]]:
    from gancli.runs import maintenance

    if not dry_run:
        return maintenance.prune(run, keep)
    if run.lock.is_held():
        raise LockedError(f"{run.path} is being trained")
    found = maintenance.check(run)
    return found, maintenance.prunable(found, keep)


def _removed(removal: PruneItem) -> dict[str, Any]:
    return {"file": str(removal.path), "reason": removal.reason, "megabytes": round(removal.size / 1e6, 3)}


def _told(found: IntegrityReport, gone: list[PruneItem], word: str) -> list[str]:
    lines = [f"{found.run.path}: {len(gone)} files {word}"]
    return lines + [f"  {removal.path.name} ({removal.reason}, {removal.size / 1e6:,.1f} MB)" for removal in gone]
