"""Runs compared: the options that differ, newest metrics and scores, side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gancli.core.errors import CheckpointError, OptionError
from gancli.runs.reports import score_comparison, score_table, scores
from gancli.runs.reports.details import option_values
from gancli.runs.reports.listing import options_of
from gancli.runs.reports.score_comparison import MetricComparison
from gancli.runs.reports.score_table import ScoreTable
from gancli.runs.reports.scores import Score
from gancli.runs.reports.summary import RunSummary, losses_first, summarize
from gancli.runs.run import Run

NOT_COMPARED = ("stage", "step", "epoch", "images")  # of a record
RECIPE = ("samples", "images_of_each_set", "test_images", "reference", "of", "weights", "data")  # what must be equal


@dataclass(frozen=True)
class Comparison:
    """Runs side by side: a value for each run, None for a run that has none.

    summaries: of the runs. options: those that differ, by name; of those that only some models have, the ones that were
    changed. metrics: of the newest records. scores: of single evaluations, by kind, except those that the tables of
    `gancli eval` have too. unlike: the kinds of scores that were made in different ways, with what differs.
    eval_scores: the tables of `gancli eval`, metric by metric. left_out: what is damaged in their files.
    """

    summaries: tuple[RunSummary, ...]
    options: Mapping[str, tuple[object, ...]]
    metrics: Mapping[str, tuple[float | None, ...]]
    scores: Mapping[str, tuple[Score | None, ...]]
    unlike: Mapping[str, tuple[str, ...]]
    eval_scores: tuple[MetricComparison, ...] = ()
    left_out: tuple[str, ...] = ()


def compare(runs: Sequence[Run]) -> Comparison:
    """Compare two or more runs. Raises: CheckpointError if their files are damaged."""
    options, changed = _side_by_side([options_of(run) for run in runs]), set().union(*map(_changed, runs))
    metrics = _side_by_side([next(run.newest_metrics(), {}) for run in runs])
    tables = [score_table.read(run) for run in runs]
    found = _side_by_side([_scores_by_kind(run) for run in runs])
    repeated = {kind for kind, values in found.items() if _are_in(tables, values)}
    found = {kind: values for kind, values in found.items() if kind not in repeated}
    return Comparison(
        summaries=tuple(map(summarize, runs)),
        options={name: values for name, values in options.items() if _differ(values, is_changed=name in changed)},
        metrics={name: metrics[name] for name in losses_first(metrics) if name not in NOT_COMPARED},
        scores=found,
        unlike={kind: parts for kind, values in found.items() if (parts := _differing_recipe(values))},
        eval_scores=score_comparison.compare(tables),
        left_out=tuple(problem for table in tables if table for problem in table.problems),
    )


def _are_in(tables: Sequence[ScoreTable | None], values: Sequence[Score | None]) -> bool:
    """Whether the table of each run has its score of this kind too."""
    return all(score is None or scores.is_in(table, score) for table, score in zip(tables, values, strict=True))


def _changed(run: Run) -> set[str]:
    """The options of a run that differ from the defaults of its model; none if this version does not know them all."""
    try:
        return {option.name for option in option_values(run) if option.differs}
    except (CheckpointError, OptionError):
        return set()


def _differ(values: Sequence[object], *, is_changed: bool) -> bool:
    present = [value for value in values if value is not None]
    return any(value != present[0] for value in present) or (is_changed and len(present) < len(values))


def _side_by_side(tables: Sequence[Mapping]) -> dict:
    """The values of all tables by key, in the order of the first table that has it; None where it is absent."""
    keys = dict.fromkeys(key for table in tables for key in table)
    return {key: tuple(table.get(key) for table in tables) for key in keys}


def _scores_by_kind(run: Run) -> dict[str, Score]:
    found = {score.kind: score for score in scores.saved(run)}
    validation = scores.newest_validation(run)
    return found | ({"validation": validation} if validation else {})


def _differing_recipe(values: Sequence[Score | None]) -> tuple[str, ...]:
    present = [score for score in values if score is not None]
    parts = {name: [score.recipe.get(name) for score in present] for name in RECIPE}
    names = {score.name for score in present}
    differing = [name for name, given in parts.items() if any(one != given[0] for one in given)]
    return tuple(differing + (["metric"] if len(names) > 1 else []))
