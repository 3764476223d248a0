"""gancli train: train a model, or resume a run."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING

import click

from gancli.api.progress import preview
from gancli.cli import command_groups, flags, output, path_types, tables
from gancli.cli.commands.train import _arguments
from gancli.cli.commands.train._command import DEFAULT_MODEL, TrainCommand, complete_model
from gancli.cli.commands.train._epilog import EPILOG
from gancli.cli.commands.train._option_flags import SettingType
from gancli.core import progress
from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.cli.commands.train._arguments import TrainArguments
    from gancli.core.distributed.cluster import Team
    from gancli.training.setup import Plan, TrainingState


@click.command(cls=TrainCommand, epilog=EPILOG)
@click.option(
    "--model",
    type=path_types.SOURCE,
    metavar="MODEL",
    shell_complete=complete_model,
    help=f"Model to train (see gancli models), or its file, mine.py, to execute.  [default: {DEFAULT_MODEL}]",
)
@click.option("--preset", metavar="NAME", help="Named set of options, such as paper or original (see gancli models).")
@flags.data_dir_option
@flags.outdir_option
@click.option("--name", default="", help="Name of the run, which other commands accept as --run.")
@click.option("--resume", is_flag=True, help="Resume a run exactly where it stopped.")
@click.option(
    "--run",
    "run_name",
    metavar="RUN",
    help="Number, name or path of the run to resume, or last.  [default: newest unfinished run]",
)
@click.option("--config", type=path_types.INPUT, help="JSON or TOML file of options, such as a run.json.")
@click.option(
    "--set",
    "settings",
    type=SettingType(),
    multiple=True,
    metavar="NAME=VALUE",
    help="Set an option, such as batch_size=32; repeatable.",
)
@click.option(
    "--workers",
    metavar="HOST:PORT,…",
    help="Addresses of all workers, chief first (trusted networks only).  [env: TF_CONFIG]",
)
@click.option(
    "--worker",
    type=flags.IntRange(0),
    metavar="N",
    help="Index of this worker.  [default: SLURM_PROCID, or by host name]",
)
@click.option("--dry-run", is_flag=True, help="Print options, parameter counts, data and disk space, without training.")
@click.option("-q", "--quiet", is_flag=True, help="Print no progress.")
@click.option(
    "--preview",
    type=click.Choice(preview.CHOICES, case_sensitive=False),
    default="auto",
    show_default=True,
    help="Sample images in terminals that show pictures (kitty, iTerm2, sixel).",
)
@click.option(
    "-v",
    "--verbose",
    is_flag=True,
    callback=command_groups.show_log,
    help="Print metrics every --log-every steps, and TensorFlow's log.",
)
@flags.strict_option
@flags.json_option
@click.pass_context
def command(ctx: click.Context, **_: object) -> None:
    """Train a model on a data set.

    Each training writes a run: a numbered folder with checkpoints, sample images and metrics. Ctrl-C saves and stops;
    --resume continues. A resumed run may change its length, intervals and learning rate.
    """
    from gancli.core import files
    from gancli.core.distributed import cluster

    arguments = _arguments.read(ctx)
    if arguments.quiet:
        ctx.with_resource(progress.shown_by(None))
    team = cluster.SINGLE_WORKER if arguments.dry_run else cluster.find(arguments.workers, arguments.worker)
    if arguments.resume:
        _train(_resume(arguments, team), arguments)
        return
    if team.index == 0:  # the chief alone writes
        files.need_place(arguments.outdir, "--outdir")
    plan = _plan(arguments, team)
    if arguments.dry_run:
        plan.need_space(arguments.outdir)
        result = plan.describe()
        output.report(result, tables.nested_values(result), as_json=arguments.as_json)
        return
    _train(plan.start(arguments.outdir, arguments.name, sys.argv[1:]), arguments)


def _plan(arguments: TrainArguments, team: Team) -> Plan:
    from gancli import models
    from gancli.models import config
    from gancli.runs import names

    if team.index == 0:  # the chief, which creates the run
        names.check_new(arguments.name, arguments.outdir)
    model_class = models.get(arguments.model)
    model_class.check(*config.from_mapping(model_class, arguments.changes))  # before the slow imports
    from gancli.training import setup

    plan = setup.prepare(arguments.model, arguments.changes, data_dir=arguments.data_dir, team=team, note=output.note)
    output.print_dataset_remarks(plan.dataset)
    return plan


def _resume(arguments: TrainArguments, team: Team) -> TrainingState:
    from gancli import models
    from gancli.runs import resumable
    from gancli.training.resume import resume_run

    run = resumable.find_resumable(arguments.run, arguments.outdir, note=output.note)
    if run.model_class is not models.get(arguments.model):
        model = run.record["model"]
        raise OptionError(f"{run.path} is a run of {model}, not of {arguments.model}: leave --model out")
    return resume_run(
        run,
        arguments.changes,
        data_dir=arguments.data_dir,
        warn=output.warn,
        team=team,
        tell=output.print_dataset_remarks,
        argv=sys.argv[1:],
    )


def _train(state: TrainingState, arguments: TrainArguments) -> None:
    from gancli.api.progress import training

    started = time.monotonic()
    is_chief = state.model.devices.is_chief
    is_quiet = arguments.quiet or not is_chief
    if not is_quiet:
        output.note(*training.opening_lines(state))
    verbosity = -1 if is_quiet else int(arguments.verbose)
    training.show(state, verbosity=verbosity, render=None if is_quiet else _preview(arguments))
    if is_chief:
        result, lines = training.result(state.run, time.monotonic() - started)
        output.report(result, lines, as_json=arguments.as_json)


def _preview(arguments: TrainArguments) -> preview.Render | None:
    """What shows sample images in this terminal. If it was asked for and cannot be done, a note says why."""
    if arguments.preview == "off" or arguments.verbose:
        return None
    render, reason = preview.find()
    if reason and arguments.asks_for_preview:
        output.note(f"note: {reason}")
    return render
