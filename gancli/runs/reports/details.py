"""Everything about one run."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Any

from gancli.models import config
from gancli.models.base import Model
from gancli.runs.reports import score_table, scores
from gancli.runs.reports.summary import RunSummary, summarize
from gancli.runs.run import Run

AUTOMATIC = (None, "auto")  # defaults that a training replaces by what it chose
CHOSEN_BY_OLDER = ("precision", "jit")  # by older versions, which did not record the options that were given


@dataclass(frozen=True)
class OptionValue:
    """An option of a run: its `group` in help, `name`, `value`, `default` of the model, and whether a value other than
    that was chosen by hand (`differs`)."""

    group: str
    name: str
    value: object
    default: object
    differs: bool


@dataclass(frozen=True)
class RunDetails(RunSummary):
    """Everything about a run that `gancli runs show` prints.

    reason: why the training ended. best: step and score of the best checkpoint, empty without scores. last: the last
    line of metrics.jsonl. differing: names of the options that differ from the model's defaults. scores: those saved in
    eval/ by single evaluations, oldest first; eval_scores: the table of `gancli eval`, None without one. argv: the
    command line that started the run; resumes: argv, time, version and step of each that resumed it.
    """

    reason: str
    options: dict[str, object]
    differing: list[str]
    checkpoints: list[int]
    best: dict[str, float]
    last: dict[str, float]
    scores: list[dict[str, Any]]
    eval_scores: dict[str, Any] | None
    argv: list[str]
    resumes: list[dict[str, object]]
    versions: dict[str, str]
    device: dict[str, object]


def describe(run: Run) -> RunDetails:
    """Read everything about a run. Raises: CheckpointError if its files are damaged."""
    return RunDetails(
        **asdict(summarize(run)),
        reason=run.status().get("reason", ""),
        options=run.settings().to_mapping(),
        differing=[option.name for option in option_values(run) if option.differs],
        checkpoints=list(run.checkpoints()),
        best=dict(zip(("step", "score"), run.best() or (), strict=False)),
        last=next(run.newest_metrics(), {}),
        scores=[asdict(score) for score in scores.saved(run)],
        eval_scores=asdict(table) if (table := score_table.read(run)) else None,
        argv=run.record["argv"],
        resumes=run.command_lines()[1:],
        versions=run.record["versions"],
        device=run.record["device"],
    )


def option_values(run: Run) -> list[OptionValue]:
    """The options of a run, by group in the order of help. Those of a model whose file is not loaded have no default.

    Raises: CheckpointError if run.json contains settings that this version does not know.
    """
    values, given, found = run.settings().to_mapping(), _given(run), []
    for field in config.fields_of(run.model_class if run.is_loaded else Model):
        default = run.model_class.default_steps if run.is_loaded and field.name == "steps" else field.default
        value = values.pop(field.name, default)
        is_chosen = field.default not in AUTOMATIC or field.name in given
        found.append(OptionValue(field.rule.group, field.name, value, default, is_chosen and value != default))
    found += [OptionValue(config.GROUPS[-1], name, value, None, name in given) for name, value in values.items()]
    return sorted(found, key=lambda option: config.GROUPS.index(option.group))


def _given(run: Run) -> Collection[str]:
    """The names of the options that were chosen by hand, at the start or in a resume."""
    given = run.record.get("given")
    if not isinstance(given, list):
        given = [name for name in run.recorded_options() if name not in CHOSEN_BY_OLDER]
    return {*map(str, given), *run.changes()}
