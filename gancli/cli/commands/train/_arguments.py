"""The command line of `gancli train` as one typed value."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click
from click.core import ParameterSource

from gancli.cli.commands.train._option_flags import FieldOption
from gancli.core.errors import OptionError

PRECEDENCE = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)

SAME_NAMES = ["data_dir", "outdir", "name", "resume", "workers", "worker", "dry_run", "quiet", "verbose", "as_json"]


@dataclass(frozen=True)
class TrainArguments:
    """What `gancli train` was called with.

    changes: the options that the command line, the environment or a file set, by name; all others have their defaults
    or, in a resumed run, the values of the run.
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
    verbose: bool
    as_json: bool


def read(ctx: click.Context) -> TrainArguments:
    """The arguments of a parsed command line. Raises: OptionError for contradictions."""
    params = ctx.params
    if params["run_name"] and not params["resume"]:
        raise OptionError("--run names a run to resume: add --resume, or use --name for a new run")
    if params["resume"] and ctx.get_parameter_source("name") is ParameterSource.COMMANDLINE:
        raise OptionError(f"--name is for a new run: resume a run of this name with --run {params['name']}")
    if params["resume"] and params["dry_run"]:
        raise OptionError("--dry-run is for a new run")
    return TrainArguments(
        model=ctx.obj,
        changes=_changes(ctx),
        run=params["run_name"],
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
    has_both = changes.get("steps") is not None and changes.get("epochs") is not None
    if has_both and sources["steps"] != sources["epochs"]:
        weaker = max("steps", "epochs", key=lambda name: PRECEDENCE.index(sources[name]))
        changes[weaker] = None  # --epochs on the command line overrides the steps of a file
    return changes
