"""The command line of `gancli train` as one typed value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from gancli.cli.commands.train._option_flags import FieldOption
from gancli.core.errors import OptionError

PRECEDENCE = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)

SAME_NAMES = ["data_dir", "outdir", "name", "resume", "workers", "worker", "dry_run", "quiet"]
SAME_NAMES += ["preview", "verbose", "as_json"]


@dataclass(frozen=True)
class TrainArguments:
    """What `gancli train` was called with.

    changes: the options that the command line, the environment or a file set, by name; all others have their defaults
    or, in a resumed run, the values of the run. asks_for_preview: whether --preview was given.
    """

    model: str
    changes: dict[str, object]
    data_dir: str | None
    outdir: Path
    name: str
    resume: bool
    run: str | None
    workers: str | None
    worker: int | None
    dry_run: bool
    quiet: bool
    preview: str
    asks_for_preview: bool
    verbose: bool
    as_json: bool


def read(ctx: click.Context) -> TrainArguments:
    """The arguments of a parsed command line. Raises: OptionError for contradictions."""
    params = ctx.params
    if params["run_name"] and not params["resume"]:
        raise OptionError("--run names a run to resume: add --resume, or use --name for a new run")
    if params["resume"] and ctx.get_parameter_source("name") is ParameterSource.COMMANDLINE:
        raise OptionError(f"--name is for a new run: resume a run of this name with --run {params['name']}")
    if params["resume"] and params["preset"]:
        raise OptionError("--preset is for a new run: a resumed one keeps its options")
    if params["resume"] and params["dry_run"]:
        raise OptionError("--dry-run is for a new run")
    return TrainArguments(
        model=ctx.obj,
        changes=_changes(ctx),
        run=params["run_name"],
        asks_for_preview=ctx.get_parameter_source("preview") is not ParameterSource.DEFAULT,
        **{name: params[name] for name in SAME_NAMES},
    )


def _changes(ctx: click.Context) -> dict[str, object]:
    """The options that are not left at their defaults, by name. Raises: OptionError for one that is given twice."""
    names = [param.name for param in ctx.command.get_params(ctx) if isinstance(param, FieldOption)]
    sources = {name: ctx.get_parameter_source(name) for name in names}
    changes = {name: ctx.params[name] for name in names if sources[name] is not ParameterSource.DEFAULT}
    for name, value in ctx.params["settings"]:
        if sources[name] is ParameterSource.COMMANDLINE:
            raise OptionError(f"{name} is given twice, with --set and as a flag: give it once")
        sources[name], changes[name] = ParameterSource.COMMANDLINE, value
    return changes | _overridden_lengths(changes, sources)


def _overridden_lengths(changes: dict[str, object], sources: dict[str, ParameterSource]) -> dict[str, object]:
    """None for each length of the training that another one overrides: --epochs the steps of a file.

    Raises: OptionError for two on the command line. A run.json may hold minutes and the steps that they came to.
    """
    given = [name for name in ("steps", "epochs", "minutes") if changes.get(name) is not None]
    ranks = {name: PRECEDENCE.index(sources[name]) for name in given}
    strongest = [name for name in given if ranks[name] == min(ranks.values())]
    if len(strongest) > 1 and sources[strongest[0]] is not ParameterSource.DEFAULT_MAP:
        names = " and ".join(f"--{name}" for name in strongest[:2])
        raise OptionError(f"{names} both give the length of the training: give one")
    return {name: None for name in given if name not in strongest}
