"""gancli train: a new run, or a run to go on with."""

from __future__ import annotations

import functools
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from gancli.cli import flags, path_types
from gancli.core import options
from gancli.core.errors import CheckpointError, OptionError

if TYPE_CHECKING:
    from gancli.core.distributed.cluster import Team
    from gancli.models.base import Model
    from gancli.models.config import Settings
    from gancli.runs.run import Run
    from gancli.training.setup import TrainingState

DEFAULT_MODEL = "dcgan"
STRENGTH = (ParameterSource.COMMANDLINE, ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP)

EPILOG = """\b
Examples:
  gancli train --model dcgan --data mnist
  gancli train --model gan --data fashion_mnist --epochs 20 --seed 3
  gancli train --model acgan --data mnist     told the digit: draws what it is asked for
  gancli train --model dcgan --conditional --loss hinge --d-steps 2
  gancli train --model vae --data mnist       with an encoder: gancli encode, reconstruct, traverse
  gancli train --model lapgan --data cifar10 --level-steps 4000,2000,1000
  gancli train --model toy --data ring8 --loss minimax --warmup-loss non-saturating:500
  gancli train --data photos/ --image-size 64 --width 64 --steps 20000
  gancli train --resume                      go on with the newest unfinished run
  gancli train --resume --steps 30000        and make it longer: --steps is the total
  gancli train --devices all --batch-size 256       share each batch among the GPUs
  gancli train --config runs/00000-dcgan-mnist/run.json --seed 1

\b
Order of precedence: command line, environment (GANCLI_TRAIN_BATCH_SIZE=32), --config FILE, default.
The step is compiled first (some seconds). Losses near 0.69 and 0.69 with D(x) and D(G(z)) near 0.5 mean balance.
Workers prove GANCLI_WORKERS_TOKEN to each other; TensorFlow's own ports obey anybody who reaches them.
A game without probabilities tells the discriminator's outputs or its estimate, `distance` or `divergence`, which
falls as images improve."""


class TrainCommand(click.Command):
    """The options of `train` are its own and those of the model that is named."""

    def make_context(
        self, info_name: str, args: list[str], parent: click.Context | None = None, **extra: object
    ) -> click.Context:
        """Find the model before the rest is parsed."""
        try:
            model, config = _scan(args, parent, is_completing=bool(extra.get("resilient_parsing")))
        except OptionError:
            if not extra.get("resilient_parsing"):
                raise
            model, config = DEFAULT_MODEL, {}
        extra["default_map"] = config
        extra["obj"] = model
        spelled = args if extra.get("resilient_parsing") else _spell_out(args, model)
        return super().make_context(info_name, spelled, parent, **extra)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """The flags of `train`, then those of the model."""
        own = super().get_params(ctx)
        return own[:-1] + _flags_of(ctx.obj if isinstance(ctx.obj, str) else DEFAULT_MODEL) + own[-1:]


@functools.cache
def _flags_of(model: str) -> list[click.Option]:
    made = [flags.flag(field) for field in _fields_of(model)]
    next(flag for flag in made if flag.name == "steps").help += f"  [default: {_default_steps(model):,}]"
    return made


def _scan(args: list[str], parent: click.Context | None, *, is_completing: bool) -> tuple[str, dict[str, object]]:
    """The model's name and the configuration's values, from a first look at the arguments."""
    scanner = click.Command(
        "train",
        params=[
            click.Option(["--model"]),
            click.Option(["--config"], type=path_types.INPUT),
            click.Option(["--resume"], is_flag=True),
            click.Option(["--run"]),
            click.Option(["--outdir"], default="runs", envvar="GANCLI_OUTDIR", type=click.Path(path_type=Path)),
            click.Option(["-h", "--help"], is_flag=True),
        ],
        context_settings={"ignore_unknown_options": True, "allow_extra_args": True},
        add_help_option=False,
    )
    seen = scanner.make_context("train", list(args), parent=parent, resilient_parsing=is_completing).params
    config = options.read_config(seen["config"]) if seen.get("config") else {}
    model = next((said for said in (seen.get("model"), config.get("model")) if said is not None), DEFAULT_MODEL)
    if seen.get("resume") and not seen.get("model"):
        model = _model_of_run(seen.get("run"), seen["outdir"]) or model
    config = {"model": model} | options.renamed(config, _fields_of(str(model)))
    _settings(str(model), {name: value for name, value in config.items() if name != "model"})
    return str(model), config


def _fields_of(model: str) -> tuple[options.Field, ...]:
    from gancli import models  # imports numpy
    from gancli.models import config

    return config.fields_of(models.get(model))


def _settings(model: str, values: Mapping[str, object]) -> Settings:
    from gancli import models
    from gancli.models import config

    return config.from_mapping(models.get(model), values)


def _default_steps(model: str) -> int:
    from gancli import models

    return models.get(model).default_steps


def _model_of_run(selector: str | None, outdir: Path) -> str | None:
    try:
        return _find(selector, outdir).record["model"]
    except CheckpointError:
        return None  # said again, and aloud, by the command itself


def _spell_out(args: list[str], model: str) -> list[str]:
    """Turn --set NAME=VALUE into --name VALUE, so that both are one."""
    spelled, rest = [], iter(args)
    for arg in rest:
        if arg != "--set" and not arg.startswith("--set="):
            spelled.append(arg)
            continue
        setting = arg.removeprefix("--set=") if arg != "--set" else next(rest, "")
        ((name, value),) = options.parse_settings([setting], _fields_of(model)).items()
        dashed = name.replace("_", "-")
        if isinstance(value, bool):
            spelled.append(f"--{dashed}" if value else f"--no-{dashed}")
        else:
            spelled.append(f"--{dashed}={value}")
    return spelled


def _find(selector: str | None, outdir: Path, note: Callable[[str], None] = lambda text: None) -> Run:
    """The run to go on with: the one named, else the newest unfinished one, else the newest."""
    from gancli.runs import registry

    if selector is not None:
        return registry.find(selector, outdir, note=note)
    found = [run for run in registry.every(outdir) if run.checkpoints()]
    if not found:
        raise CheckpointError(f"no run in {outdir} to go on with")
    return next((run for run in reversed(found) if run.status()["state"] != "finished"), found[-1])


@click.command(cls=TrainCommand, epilog=EPILOG)
@click.option("--model", metavar="MODEL", help=f"What to train; gancli models lists them.  [default: {DEFAULT_MODEL}]")
@flags.data_dir_option
@flags.outdir_option
@click.option("--name", default="", help="A name for the run, to use with --run.")
@click.option(
    "--resume",
    is_flag=True,
    help="Go on with a run, to the same bits as if it had never stopped. Length, intervals and step size may change.",
)
@click.option(
    "--run", "run_name", metavar="RUN", help="With --resume: number, name or path; the newest unfinished if not given."
)
@click.option("--config", type=path_types.INPUT, help="Options from a JSON or TOML file; a run.json is one.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE", help="Set an option by its name in files.")
@click.option(
    "--workers",
    metavar="HOST:PORT,…",
    help="Addresses of all workers, chief first; on a trusted network only (README).  [env: TF_CONFIG]",
)
@click.option(
    "--worker",
    type=click.IntRange(0),
    help="Number of this worker, from 0.  [default: SLURM_PROCID, or by host name]",
)
@click.option(
    "--dry-run",
    is_flag=True,
    help="Print the resolved options of a new run, its parameters, data and disk need, and stop.",
)
@click.option("-q", "--quiet", is_flag=True, help="No progress.")
@click.option("-v", "--verbose", is_flag=True, help="A plain line for every record.")
@flags.strict_option
@flags.json_option
@click.pass_context
def command(ctx: click.Context, **flag: object) -> None:
    """Train a model on a data set.

    Each training gets a numbered folder, a run, with its checkpoints, sample pictures and numbers. Ctrl-C saves and
    stops; --resume goes on. The options after --run are those of the model named by --model.
    """
    from gancli import models
    from gancli.cli import progress
    from gancli.core.distributed import cluster

    given, team = (
        _given(ctx),
        cluster.SINGLE_WORKER if flag["dry_run"] else cluster.find(flag["workers"], flag["worker"]),
    )
    if flag["resume"]:
        started = _resumed(flag, given, ctx.obj, team)
    else:
        if flag["run_name"]:
            raise OptionError("--run names a run to go on with: add --resume, or use --name for a new one")
        models.get(ctx.obj).check(*_settings(ctx.obj, given))  # before the slow imports
        from gancli.training import setup

        plan = setup.prepare(ctx.obj, given, data_dir=flag["data_dir"], team=team, note=flags.note)
        flags.tell(plan.dataset)
        if flag["dry_run"]:
            described = plan.describe()
            flags.report(described, _as_lines(described), as_json=flag["as_json"])
            return
        started = plan.start(flag["outdir"], flag["name"], sys.argv[1:])
    from gancli.training import loop

    began = time.monotonic()
    is_quiet = flag["quiet"] or not started.model.devices.is_chief
    if not is_quiet:
        flags.note(_opening(started))
    verbosity = -1 if is_quiet else int(flag["verbose"])
    progress.show(lambda note: loop.train(*started, note=note), verbosity=verbosity)
    if started.model.devices.is_chief:
        _report(started.run, time.monotonic() - began, as_json=flag["as_json"])


def _resumed(flag: dict[str, object], given: dict[str, object], model: str, team: Team) -> TrainingState:
    from gancli.training.resume import resume_run

    run = _find(flag["run_name"], flag["outdir"], flags.note)
    if run.record["model"] != model:
        raise OptionError(f"{run.path} is a {run.record['model']}, not a {model}; --resume keeps the model")
    if flag["dry_run"]:
        raise OptionError("--dry-run is for a new run")
    warn = lambda text: flags.note(f"warning: {text}")  # noqa: E731 (said once, here)
    return resume_run(run, given, data_dir=flag["data_dir"], warn=warn, team=team, tell=flags.tell)


def _given(ctx: click.Context) -> dict[str, object]:
    """The options that somebody set, by command line, environment or file."""
    names = [field.name for field in _fields_of(ctx.obj)]
    sources = {name: ctx.get_parameter_source(name) for name in names}
    given = {name: ctx.params[name] for name in names if sources[name] is not ParameterSource.DEFAULT}
    if given.get("steps") is not None and given.get("epochs") is not None and sources["steps"] != sources["epochs"]:
        weaker = max("steps", "epochs", key=lambda name: STRENGTH.index(sources[name]))
        given[weaker] = None  # --epochs on the command line beats the steps of a file
    return given


def _opening(started: TrainingState) -> str:
    run, model, dataset, position = started
    what = {"point": "points", "sentence": "sentences"}.get(next(iter(dataset.train)))
    what = what or f"images {dataset.shape[1]}x{dataset.shape[0]}x{dataset.shape[2]}"
    begin = f"from step {position.step:,} " if position.step else ""
    total = position.step + sum(position.left(model.stages()))
    count = model.devices.replicas
    shared = f", shared by {count} devices" if count > 1 else ""
    return (
        f"{run.path}: {model.name()} on {model.training_count():,} {what} of "
        f"'{dataset.name}', {begin}to step {total:,}, {_arithmetic(model)}{shared}; compiling"
    )


def _arithmetic(model: Model) -> str:
    """What --precision and --jit were taken for."""
    return model.precision() + (" with XLA" if model.uses_xla() else " without XLA")


def _report(run: Run, seconds: float, *, as_json: bool) -> None:
    status = run.status()
    pictures = run.path / "samples" / "growing.gif"
    result = {"run": str(run.path), "state": status["state"], "step": status["step"], "seconds": round(seconds, 1)}
    result |= {"samples": str(run.path / "samples"), "last": (run.metrics() or [{}])[-1]}
    lines = [f"{run.path}: {status['state']} at step {status['step']:,} after {seconds / 60:.1f} minutes"]
    lines.append(f"pictures: {run.path / 'samples'}" + (" (growing.gif)" if pictures.exists() else ""))
    flags.report(result, [*lines, f"losses:   {run.path / 'losses.png'}"], as_json=as_json)


def _as_lines(described: dict[str, object], indent: str = "") -> list[str]:
    lines = []
    for name, value in described.items():
        if isinstance(value, dict):
            lines += [f"{indent}{name}:", *_as_lines(value, indent + "  ")]
        else:
            lines.append(f"{indent}{name}: {f'{value:,}' if isinstance(value, int) and value > 9999 else value}")
    return lines
