"""gancli runs compare: runs side by side."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from gancli.cli import flags, output, path_types, tables
from gancli.cli.commands.runs import _eval_scores
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.runs.reports.comparison import Comparison
    from gancli.runs.reports.scores import Score
    from gancli.runs.run import Run

EPILOG = """\b
Examples:
  gancli runs compare 0 1
  gancli runs compare wide narrow last --seeds 0-15 --out three.png
  gancli runs compare 0 1 --no-picture

The picture has a row for each run, generated from the same seeds by its newest checkpoint, and is saved beside the
runs. Class-conditional runs generate the classes in turn. Runs that do not generate images from seeds are compared
without it. Scores of gancli eval are compared with their spread."""
DEFAULT_SEEDS = "0-7"
MOST_SEEDS, MOST_NAMED = 64, 8  # columns of the picture; runs named in its default name


@click.command(epilog=EPILOG)
@click.argument("run_names", metavar="RUN RUN...", nargs=-1, required=True)
@click.option(
    "--seeds", type=flags.SeedRanges(), default=DEFAULT_SEEDS, show_default=True, help="Seeds of the samples."
)
@click.option("--no-picture", is_flag=True, help="Compare numbers only, at once.")
@click.option("--out", type=path_types.OUTPUT, help="Output file: .png.  [default: compare-….png beside the runs]")
@flags.outdir_option
@flags.json_option
def command(
    run_names: tuple[str, ...], seeds: Any, no_picture: bool, out: Path | None, outdir: Path, as_json: bool
) -> None:
    """Compare runs: options that differ, losses, scores, samples of equal seeds."""
    flags.need_ending(out, ".png")
    if no_picture and out is not None:
        raise OptionError("--no-picture draws nothing that --out could name: leave one out")
    if len(seeds) > MOST_SEEDS:
        raise OptionError(f"--seeds: {len(seeds):,} seeds; a picture has at most {MOST_SEEDS} columns")
    from gancli.runs import registry
    from gancli.runs.reports import comparison

    runs = [registry.find_run(name, outdir) for name in run_names]
    if len({run.path.resolve() for run in runs}) < max(2, len(runs)):
        raise OptionError("two or more different runs are compared: name each once, such as gancli runs compare 0 1")
    found = comparison.compare(runs)
    titles = [_title(run) for run in runs]
    result, lines = asdict(found), [] if as_json else _table(titles, found)
    if not no_picture:
        picture, more = _draw(runs, titles, list(seeds), out)
        result, lines = result | picture, [*lines, *more]
    output.report(result, lines, as_json=as_json)


def _title(run: Run) -> str:
    number = str(run.number) if run.number >= 0 else run.path.name
    return f"{number} {run.name}".strip()


def _table(titles: Sequence[str], found: Comparison) -> list[str]:
    summaries = found.summaries
    rows = [(name, *(getattr(one, name) for one in summaries)) for name in ("model", "data", "state")]
    rows += [("step", *(f"{one.step:,}" + (f" of {one.total:,}" if one.total else "") for one in summaries))]
    rows += [("note", *(one.note for one in summaries))] if any(one.note for one in summaries) else []
    rows += _section("Options that differ", found.options.items())
    rows += _section("Newest metrics", found.metrics.items())
    rows += _section("Scores", ((_kind(kind, values), map(_score, values)) for kind, values in found.scores.items()))
    lines = tables.fitted(["", *titles], [[str(cell) for cell in row] for row in rows])
    lines += [f"{kind}: scored in different ways ({', '.join(parts)})" for kind, parts in found.unlike.items()]
    lines += _eval_scores.side_by_side(titles, found.eval_scores)
    return lines + [f"left out: {text}" for text in found.left_out]


def _section(title: str, values: Iterable[tuple[str, Iterable[object]]]) -> list[tuple[str, ...]]:
    rows = [(f"  {name}", *(tables.value_text(cell, empty="-") for cell in cells)) for name, cells in values]
    return [(title, *[""] * (len(rows[0]) - 1)), *rows] if rows else []


def _kind(kind: str, values: Sequence[Score | None]) -> str:
    return f"{next(score.name for score in values if score is not None)} ({kind})"


def _score(score: Score | None) -> str:
    if score is None:
        return "-"
    deviation = "" if score.deviation is None else f" ± {score.deviation:.2g}"
    return f"{tables.value_text(score.value, empty='-')}{deviation}"


def _draw(
    runs: Sequence[Run], titles: Sequence[str], seeds: list[int], out: Path | None
) -> tuple[dict[str, object], list[str]]:
    """The picture, as values and lines; without one where no run generates images."""
    from gancli.core import files
    from gancli.inference import run_comparison

    found = run_comparison.sample_rows(list(zip(titles, runs, strict=True)), seeds, note=output.note)
    lines = [f"not in the picture: {title}, {reason}" for title, reason in found.left_out.items()]
    result: dict[str, object] = {"out": None, "seeds": seeds, "not_in_picture": found.left_out}
    if not found.rows:
        return result, [*lines, "no picture: none of these runs generates images from seeds"]
    out = out or _default_out(runs)
    files.atomic_write(out, run_comparison.figure(found.rows, seeds))
    return result | {"out": str(out)}, [*lines, f"{out}: {len(seeds)} seeds, a row for each run"]


def _default_out(runs: Sequence[Run]) -> Path:
    from gancli.core import temporary_files

    numbers = "-".join(str(run.number) if run.number >= 0 else run.path.name for run in runs[:MOST_NAMED])
    stems = itertools.chain([f"compare-{numbers}"], (f"compare-{numbers}-({count})" for count in itertools.count(2)))
    return temporary_files.reserve(runs[0].path.parent / f"{stem}.png" for stem in stems)
