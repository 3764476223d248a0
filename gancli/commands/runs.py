"""gancli runs: what was trained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gancli.console import flags

if TYPE_CHECKING:
    from gancli.runs import Run

EPILOG = """\b
Examples:
  gancli runs
  gancli runs show 3
  gancli runs --json"""


SHOW_EPILOG = """\b
Examples:
  gancli runs show 3
  gancli runs show demo --json"""


@click.group(invoke_without_command=True, epilog=EPILOG)
@flags.outdir_option
@flags.json_option
@click.pass_context
def command(ctx: click.Context, outdir: Path, as_json: bool) -> None:
    """List the runs; `show` one."""
    ctx.obj = outdir
    if ctx.invoked_subcommand is not None:
        return
    from gancli import shelf

    rows = [_row(run) for run in shelf.every(outdir, warn=lambda text: flags.note(f"warning: {text}"))]
    flags.report({"runs": rows}, _table(rows) if rows else f"no runs in {outdir}", as_json=as_json)


def _row(run: Run) -> dict[str, Any]:
    status = run.status()
    size = sum(path.stat().st_size for path in run.path.rglob("*") if path.is_file())
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


def _table(rows: list[dict[str, Any]]) -> str:
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, pad_edge=False)
    for name in ("number", "name", "model", "data", "step", "status", "started", "size"):
        table.add_column(name, justify="right" if name in ("number", "step", "size") else "left")
    for row in rows:
        cells = [row["number"], row["name"], row["model"], row["data"], f"{row['step']:,}", row["status"]]
        table.add_row(*map(str, cells), row["started"].replace("+00:00", "Z"), f"{row['megabytes']:,} MB")
    console = Console()
    with console.capture() as captured:
        console.print(table)
    return captured.get().rstrip()


@command.command(epilog=SHOW_EPILOG)
@click.argument("run_name", metavar="RUN")
@flags.json_option
@click.pass_context
def show(ctx: click.Context, run_name: str, as_json: bool) -> None:
    """Print what a run was asked, how it stands, and its last numbers."""
    from gancli import options, shelf

    run = shelf.find(run_name, ctx.obj)
    status, metrics = run.status(), run.metrics()
    result = _row(run) | {"reason": status.get("reason", ""), "options": options.to_mapping(run.options())}
    best = dict(zip(("step", "score"), run.best() or (), strict=False))
    result |= {"checkpoints": list(run.checkpoints()), "best": best, "last": metrics[-1] if metrics else {}}
    result |= {"argv": run.record["argv"], "versions": run.record["versions"], "device": run.record["device"]}
    flags.report(result, "\n".join(_lines(result)), as_json=as_json)


def _lines(result: dict[str, Any]) -> list[str]:
    return [
        f"{name}: {', '.join(f'{k} {v}' for k, v in value.items()) if isinstance(value, dict) else value}"
        for name, value in result.items()
    ]
