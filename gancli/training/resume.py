"""Resuming a run at its newest intact checkpoint, and rolling one back after a divergence."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from gancli import data
from gancli.core import options
from gancli.core.distributed.cluster import SINGLE_WORKER, Team
from gancli.core.environment import device, differences, versions
from gancli.core.errors import CheckpointError, DivergedError, OptionError
from gancli.data import Dataset
from gancli.models import config
from gancli.models.base import Model
from gancli.models.config import Settings
from gancli.models.learning_rates import divided
from gancli.models.precision import uses_xla
from gancli.runs import own_model, restore
from gancli.runs.checkpoints import Position
from gancli.runs.null_run import NullRun
from gancli.runs.run import Run
from gancli.training import throughput
from gancli.training.setup import TrainingState, check_settings, gather_devices, need_enough_data

LENGTHS = ("steps", "epochs", "minutes")  # options of which one replaces the others
SLOWER = 4  # the learning rates are divided by this after a divergence


class _Request(NamedTuple):
    """What a resume asks for, and how it reports."""

    settings: Settings
    data_dir: str | None
    team: Team
    warn: Callable[[str], None]
    tell: Callable[[Dataset], None]
    argv: Sequence[str]
    dataset: Dataset | None = None


def resume_run(
    run: Run,
    values: Mapping[str, object],
    *,
    data_dir: str | None,
    warn: Callable[[str], None],
    team: Team = SINGLE_WORKER,
    tell: Callable[[Dataset], None] = lambda dataset: None,
    argv: Sequence[str] = (),
    dataset: Dataset | None = None,
) -> TrainingState:
    """Open a run at its newest intact checkpoint, with changes of those options that may change.

    values: the options given with --resume, and no others. tell: prints the remarks on the data, or raises an error.
    argv: of the command, as a record. dataset: the data, if they are loaded already. What the run's files decide is
    checked before TensorFlow is imported. Raises: OptionError listing options that may not change, CheckpointError,
    DataError, LockedError, WorkerError.
    """
    if run.is_published:
        raise CheckpointError(
            f"{run.path} is a published model, without the state of its optimizers: resume the run that it is from, or "
            f"start a new one with gancli train --config {run.path}/{run.RECORD}"
        )
    request = _Request(_changed(run, values, data_dir), data_dir, team, warn, tell, argv, dataset)
    check_settings(run.model_class, request.settings, team)
    _need_minutes_left(run, request.settings)
    if not throughput.is_open(request.settings.config):
        _need_steps_left(run, request.settings)
    if team.index > 0:
        return _follow(run, request)
    run.lock.hold()
    try:
        return _reopen(run, request)
    except BaseException:
        run.lock.release()
        raise


def _follow(run: Run, request: _Request) -> TrainingState:
    """A worker other than the chief reads run.json only: weights and position come from the chief."""
    settings = request.settings
    dataset = run.dataset(request.data_dir, _moved(run, settings), settings)
    devices = gather_devices(run.model_class, settings, dataset, request.team)
    return TrainingState(NullRun(run.path), run.model_class(*settings, run.facts, devices), dataset, Position())


def _reopen(run: Run, request: _Request) -> TrainingState:
    settings, warn = request.settings, request.warn
    dataset = run.dataset(request.data_dir, request.dataset or _moved(run, settings), settings)
    request.tell(dataset)
    _warn_of_environment(run, warn)  # imports TensorFlow
    devices = gather_devices(run.model_class, settings, dataset, request.team, warn)
    if throughput.is_open(settings.config):
        model, position = run.build_and_restore(lambda: run.model_class(*settings, run.facts, devices))
        steps = throughput.estimate_steps(model, dataset, position, run.status()["seconds"])
        settings = settings.replace({"steps": steps})
    changes = _recorded_changes(run, settings, warn)
    model, position = run.build_and_restore(lambda: run.model_class(*settings, run.facts, devices), warn=warn)
    _warn_of_other_bits(run, model, warn)
    need_enough_data(model, dataset)
    run.set_status("running", step=position.step, changes=changes)
    run.truncate(position.step)
    run.log_command(request.argv, step=position.step)
    return TrainingState(run, model, dataset, position)


def _need_minutes_left(run: Run, settings: Settings) -> None:
    minutes, seconds = settings.config.minutes, run.status()["seconds"]
    if minutes is not None and seconds >= 60 * minutes:
        raise OptionError(
            f"{run.path} has trained for {seconds / 60:.1f} of {minutes:g} minutes: give a larger total with --minutes "
            "or --steps"
        )


def _warn_of_environment(run: Run, warn: Callable[[str], None]) -> None:
    recorded = {**run.record["device"], **run.record["versions"]}
    if other := differences(recorded, {**device(), **versions()}):
        warn(f"the run began under other conditions, so its bits may differ from here on: {'; '.join(other)}")
    if text := own_model.difference(run.path, run.record):
        warn(text)


def _recorded_changes(run: Run, settings: Settings, warn: Callable[[str], None]) -> dict[str, object]:
    """All options that resumes have changed so far, with those of this one."""
    status = run.status()
    old = run.settings().to_mapping()
    new = settings.to_mapping()
    if status["state"] == "unknown":
        warn(f"{status['reason']}; options that earlier resumes changed are as they were at the start")
    fresh = {name: value for name, value in new.items() if old[name] != value}
    if changes := _changes_in_words(run, settings, fresh):
        warn(f"changed for this run: {', '.join(changes)}")
    if "learning_rate" in fresh and None not in (new.get("g_learning_rate"), new.get("d_learning_rate")):
        warn("--learning-rate has no effect: both --g-learning-rate and --d-learning-rate are set")
    return status["changes"] | fresh


def _changes_in_words(run: Run, settings: Settings, fresh: Mapping[str, object]) -> list[str]:
    """What differs from the run so far, by value: the length in steps, whichever option gives it."""
    old, lengths = run.settings().to_mapping(), [run.outline(one).total_steps() for one in (run.settings(), settings)]
    words = [f"steps {lengths[0]:,} -> {lengths[1]:,}"] if lengths[0] != lengths[1] else []
    others = {name: value for name, value in fresh.items() if name not in LENGTHS}
    return words + [f"{name} {_in_words(old[name])} -> {_in_words(value)}" for name, value in others.items()]


def _in_words(value: object) -> str:
    return "default" if value is None else "none" if value == "" else str(value)


def _warn_of_other_bits(run: Run, model: Model, warn: Callable[[str], None]) -> None:
    replicas = run.record.get("replicas", 1)
    if model.devices.replicas != replicas:
        warn(f"begun on {replicas} device(s), going on with {model.devices.replicas}: as good, but not the same bits")
    if run.config().jit == "on" and not uses_xla(model):
        warn("the run was compiled with XLA and continues without it: the same seed draws other noise from here on")


def _moved(run: Run, settings: Settings) -> str | None:
    """The new place of a resumed run's data, if --data names one."""
    return settings.config.data if settings.config.data != run.config().data else None


def rollback(run: Run, model: Model, error: DivergedError) -> tuple[Model, Position]:
    """Restore a diverged training from its best checkpoint, or the newest from before the divergence.

    It continues at a quarter of the learning rate, and stops at the next divergence; the run's status records both.
    """
    best, paths = run.best(), list(run.checkpoints())
    step = best[0] if best else max((step for step in paths if step <= error.good), default=paths[0])
    changes = divided(model.options, SLOWER) | {"on_divergence": "stop"}
    settings = Settings(model.config, model.options).replace(changes)
    model = run.model_class(*settings, run.facts, model.devices)
    position = run.restore(model, str(step))  # before anything is deleted
    run.rewind(step)
    run.set_status("running", step=step, changes=run.status()["changes"] | changes)  # after a kill, all of it again
    return model, position


def _need_steps_left(run: Run, settings: Settings) -> None:
    """Raise OptionError for a run that has done all steps of these settings, or more; no network is built."""
    position = restore.newest_position(run)
    if position is None:
        return  # an error of its own, later
    stages = run.outline(settings).stages()
    pairs = [(done, stage) for done, stage in zip(position.done, stages, strict=False) if stage.is_asked]
    too_far = any(done > stage.steps for done, stage in pairs)
    has_others = len(pairs) < len(stages)
    if too_far or (not any(position.left(stages)) and (has_others or run.status()["state"] == "finished")):
        done, total = sum(done for done, _ in pairs), sum(stage.steps for stage in stages if stage.is_asked)
        of = f" of {', '.join(stage.name for _, stage in pairs)}"
        what = f"has done all {total:,} steps{of}" if has_others else f"is finished at step {done:,}"
        what = f"has done {done:,} steps, more than {total:,}" if done > total else what
        stage = ", or with --stage all" if hasattr(settings.options, "stage") else ""
        raise OptionError(f"{run.path} {what}: train longer with --steps N, N above {done:,}{stage}")


def _changed(run: Run, values: Mapping[str, object], data_dir: str | None) -> Settings:
    """The run's settings with these values. Raises: OptionError, and DataError for data that do not exist."""
    settings, known = run.settings(), config.fields_of(run.model_class)
    mapping, flags = settings.to_mapping(), dict(values)
    options.need_known(flags, known)
    if any(flags.get(name) is not None for name in LENGTHS):
        flags = dict.fromkeys(LENGTHS) | flags
    if "data" in flags and flags["data"] != mapping["data"]:
        flags["data"] = data.absolute(flags["data"], data_dir)
    different = {name: value for name, value in flags.items() if mapping[name] != value}
    may_change = {field.name for field in known if field.rule.may_change}
    fixed = [
        f"{name} {_in_words(mapping[name])} -> {_in_words(value)}"
        for name, value in different.items()
        if name not in may_change
    ]
    if fixed:
        raise OptionError(
            f"a resumed run keeps its options, and these would change: {', '.join(fixed)}; start a new run"
        )
    return settings.replace(different)
