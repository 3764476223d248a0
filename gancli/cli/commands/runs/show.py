"""gancli runs show: everything about one run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gancli.cli import flags, output, tables
from gancli.cli.commands.runs import _eval_scores, _next_commands
from gancli.core.progress import clock

if TYPE_CHECKING:
    from gancli.runs.reports.details import OptionValue, RunDetails
    from gancli.runs.run import Run

EPILOG = """\b
Examples:
  gancli runs show
  gancli runs show 3
  gancli runs show evening --json

Options that differ from the defaults of the model come first."""
MAX_TEXT = 60  # characters of a text in the recipe of a score


@click.command(epilog=EPILOG)
@click.argument("run_name", metavar="[RUN]", default="last")
@flags.outdir_option
@flags.json_option
def command(run_name: str, outdir: Path, as_json: bool) -> None:
    """Print options, state, scores and files of a run, by default of the newest."""
    from gancli.runs import registry
    from gancli.runs.reports import details

    run = registry.find_run(run_name, outdir)
    found = details.describe(run)
    output.report(asdict(found), _lines(run, found, details.option_values(run)), as_json=as_json)


def _lines(run: Run, found: RunDetails, options: Sequence[OptionValue]) -> list[str]:
    differing = [option for option in options if option.differs]
    parts = [_state(run, found), _section(f"Options that differ from the defaults of {found.model}", differing)]
    for group in dict.fromkeys(option.group for option in options):
        others = [option for option in options if option.group == group and not option.differs]
        parts.append(_section(f"{group} (defaults)", others))
    parts += [_newest(found), _scores(run, found), _files(run, found)]
    parts.append(["How to continue", *(f"  {line}" for line in _next_commands.lines(run, found))])
    return [line for number, part in enumerate(filter(None, parts)) for line in ([""] if number else []) + part]


def _state(run: Run, found: RunDetails) -> list[str]:
    total = "" if found.total is None else f" of {found.total:,}"
    left = "" if found.seconds_left is None else f", {clock(found.seconds_left)} left"
    shape = "x".join(str(run.facts.shape[at]) for at in (1, 0, 2)[: len(run.facts.shape)]) if run.facts.shape else ""
    images = f"{run.facts.count:,}" + (f" of {shape}" if len(run.facts.shape) == 3 else "")
    rows = [
        ("number", str(found.number)),
        ("name", found.name),
        ("note", found.note),
        ("model", found.model),
        ("data", f"{found.data} ({images})"),
        ("state", f"{found.state} at step {found.step:,}{total}{left}"),
        ("reason", found.reason),
        ("started", found.started.replace("+00:00", "Z")),
        ("command", found.argv and _next_commands.shell("gancli", found.argv)),
        *((f"resumed at {one['step']:,}", _next_commands.shell("gancli", one["argv"])) for one in found.resumes),
    ]
    return tables.aligned([row for row in rows if row[1]], left=2)


def _section(title: str, options: Sequence[OptionValue]) -> list[str]:
    rows = []
    for option in options:
        default = f"(default {tables.value_text(option.default)})" if option.differs else ""
        rows.append((f"  {option.name}", tables.value_text(option.value), default))
    return [title, *tables.aligned(rows, left=3)] if rows else []


def _newest(found: RunDetails) -> list[str]:
    from gancli.runs.reports.summary import losses_first

    if not found.last:
        return []
    names = [name for name in losses_first(found.last) if name not in ("step", "stage")]
    rows = [(f"  {name}", tables.value_text(found.last[name])) for name in names]
    return [f"Metrics at step {found.last['step']:,}", *tables.aligned(rows, left=2)]


def _scores(run: Run, found: RunDetails) -> list[str]:
    from gancli.runs.reports import score_table

    table = score_table.read(run)
    lines = _eval_scores.of_run(table) if table else []
    if found.best:
        lines.append(
            f"  best checkpoint: step {found.best['step']:,}, validation score {tables.value_text(found.best['score'])}"
        )
    for score in found.scores:
        value = "not defined" if score["value"] is None else tables.value_text(score["value"])
        deviation = "" if score["deviation"] is None else f" ± {score['deviation']:.2g}"
        lines.append(f"  {score['name']} {value}{deviation} ({score['kind']}, step {score['step']:,})")
        known = (score["value"], score["deviation"])
        recipe = {name: one for name, one in score["recipe"].items() if one not in known}
        lines.append(f"      {'; '.join(_recipe(recipe.items()))}")
    return ["Scores", *lines] if lines else []


def _recipe(values: Iterable[tuple[str, Any]], *, of: str = "") -> list[str]:
    """Values that say how a score was made, "name value"; those of tables and lists are left out."""
    texts = []
    for name, value in values:
        if isinstance(value, dict):
            texts += _recipe(value.items(), of=f"{name} ") if name in ("features", "classifier", "rows") else []
        elif isinstance(value, (str, int, float)) and name not in ("run", "step", "sha256", "out"):
            text = tables.value_text(value)
            texts.append(f"{of}{name.replace('_', ' ')} {text if len(text) <= MAX_TEXT else f'{text[:MAX_TEXT]}…'}")
    return texts


def _files(run: Run, found: RunDetails) -> list[str]:
    pictures = list(run.pictures().values())
    checkpoints = ", ".join(f"{step:,}" for step in found.checkpoints) or "none"
    places = [run.path / "samples" / "growing.gif", *pictures[-1:], run.path / "losses.png"]
    names = [str(place.relative_to(run.path)) for place in places if place.exists()]
    names += [f"eval/{score['kind']}.json" for score in found.scores] + ["eval/scores.json"] * bool(found.eval_scores)
    rows = [("  folder", str(run.path), f"{found.megabytes:,} MB"), ("  checkpoints", checkpoints)]
    rows += [("  in it" if number == 0 else "", name) for number, name in enumerate(names)]
    return ["Files", *tables.aligned(rows, left=2)]
