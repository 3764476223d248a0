"""Before a training: the run, the model, the data and the position; for a new run, one to go on with or go back in."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gancli import data, models
from gancli.core import files, options
from gancli.core.backend import keras, np
from gancli.core.distributed import strategy
from gancli.core.distributed.cluster import SINGLE_WORKER, Team
from gancli.core.distributed.strategy import Devices
from gancli.core.environment import device, differences, versions
from gancli.core.errors import DataError, DivergedError, OptionError
from gancli.data import Dataset
from gancli.data.remarks import why_without
from gancli.evaluation import classifier, feature_extractors
from gancli.models.base import Model, parameter_count
from gancli.runs.checkpoints import Position
from gancli.runs.null_run import NullRun
from gancli.runs.run import Run
from gancli.training.tensorboard import need_tensorboard
from gancli.training.validation import need_for_scores

CHECKPOINTS = 10  # in a training, if not told otherwise
SLOWER = 4  # the learning rate is divided by this after a divergence


class TrainingState(NamedTuple):
    """What `training.train` takes."""

    run: Run
    model: Model
    dataset: Dataset
    position: Position


class Plan(NamedTuple):
    """A training resolved but not yet given a directory."""

    model: Model
    dataset: Dataset

    def start(self, outdir: Path, name: str, argv: list[str]) -> TrainingState:
        """Make the run's directory. Raises: ResourceError if it cannot be written or the disk is too full."""
        model, run = self.model, NullRun()
        if model.devices.is_chief:
            files.need_space(outdir, needed_bytes(model))
            run = Run.create(outdir, model, name, argv)
        return TrainingState(run, model, self.dataset, Position())

    def describe(self) -> dict[str, object]:
        """Options, parameter counts, data and disk need, for --dry-run."""
        facts, chosen = self.model.data, self.model.options
        return {
            "model": self.model.name(),
            "options": options.to_mapping(chosen),
            "parameters": {name: parameter_count(network.layers)[0] for name, network in self.model.networks.items()},
            "data": {
                "name": facts.name,
                "images": facts.count,
                "shape": list(facts.shape),
                "classes": len(facts.classes),
            },
            "batches per epoch": self.model.batches_per_epoch(),
            "disk for checkpoints, MB": round(needed_bytes(self.model) / 1e6, 1),
        }


def plan(
    model_name: str,
    values: Mapping[str, object],
    *,
    data_dir: str | None,
    team: Team = SINGLE_WORKER,
    note: Callable[[str], None] = lambda text: None,
) -> Plan:
    """Check the options, load the data, build the model; what was left to us is resolved and recorded.

    Raises: OptionError, DataError; WorkerError if the others of a team do not come.
    """
    model_class = models.get(model_name)
    chosen = options.from_mapping(model_class.Options, values)
    _check(model_class, chosen, team)
    dataset = data.load(chosen.data, model_class.request(chosen, data_dir))
    for column in model_class.columns_of(chosen):
        if column not in dataset.train and (why := why_without(column, dataset.remarks)):
            raise DataError(f"{model_class.name()} needs {column} and '{dataset.name}' has none: {why}")
    facts = dataset.facts()
    lent = {
        kind: PRETRAINED_SOURCES[kind](name, data_dir, note)
        for kind, name in model_class.pretrained_sources(chosen).items()
    }
    if lent:
        chosen, facts = model_class.options_from_pretrained(chosen, facts, lent)
    warn = lambda text: note(f"warning: {text}")  # noqa: E731
    draft = model_class(chosen, facts, _gather(model_name, chosen, dataset, team, warn))
    if lent:
        draft.load_pretrained(lent)
    if draft.devices.strategy and chosen.jit == "on":
        raise OptionError("--jit on compiles for one device: with several leave it out")
    _need_enough(draft, dataset)
    length = {} if chosen.epochs is not None else {"steps": draft.total_steps()}
    resolved = draft.resolved() | {"precision": draft.precision(), "jit": "on" if draft.uses_xla() else "off", **length}
    resolved["devices"] = str(draft.devices.replicas // team.size)
    draft.options = dataclasses.replace(chosen, **resolved)
    return Plan(draft, dataset)


def _check(model_class: type[Model], chosen: Model.Options, team: Team) -> None:
    """Raise OptionError for options that do not go together or need what is not installed."""
    model_class.check(chosen)
    if chosen.tensorboard:
        need_tensorboard()
    if team.size > 1 and chosen.on_divergence == "restore":
        raise OptionError("--on-divergence restore is for one machine; with workers take stop, and then --resume")


def _need_enough(model: Model, dataset: Dataset) -> None:
    """Raise DataError for data that hold no whole batch, or too little to score with."""
    chosen, facts = model.options, model.data
    if not model.batches_per_epoch():
        count, each = facts.count - facts.validation_size(requested=chosen.hold_out), model.batches_per_step()
        needed = "a batch" if each == 1 else f"{each} batches"
        raise DataError(
            f"'{dataset.name}' has {count} images to train on, fewer than {needed} of {chosen.batch_size}: "
            "give a smaller --batch-size"
        )
    if chosen.eval_every:
        need_for_scores(model, dataset)


def _run(name: str, data_dir: str | None, note: Callable[[str], None]) -> Model:
    """The trained model of a run that a new one borrows from. Raises: OptionError, CheckpointError."""
    path = Path(name)
    if not (path / "run.json").is_file():
        raise OptionError(f"'{path}' is neither a name that this option knows nor the folder of a run to borrow from")
    return Run(path).model()[0]


def _classifier(name: str, data_dir: str | None, note: Callable[[str], None]) -> classifier.Classifier:
    """The classifier of a labelled data set. Raises: OptionError, DataError."""
    return classifier.for_dataset(data.load(name, data.Request(data_dir=data_dir)), note=note)


def _vgg19(name: str, data_dir: str | None, note: Callable[[str], None]) -> keras.Model:
    """Keras' VGG19 with its weights of ImageNet. Raises: DataError if they cannot be had."""
    return feature_extractors.vgg19()


PRETRAINED_SOURCES = {"run": _run, "classifier": _classifier, "vgg19": _vgg19}


def _gather(
    model_name: str,
    chosen: Model.Options,
    dataset: Dataset,
    team: Team,
    warn: Callable[[str], None] = lambda text: None,
) -> Devices:
    """The devices to build on, once all workers are there and have the same to do."""
    asked = {"model": model_name, "data's fingerprint": dataset.facts().fingerprint, "versions": versions()}
    team.meet(asked | options.to_mapping(chosen), warn=warn)
    return strategy.choose(chosen.devices, chosen.batch_size, team)


def resume(
    run: Run,
    values: Mapping[str, object],
    *,
    data_dir: str | None,
    warn: Callable[[str], None],
    team: Team = SINGLE_WORKER,
    tell: Callable[[Dataset], None] = lambda dataset: None,
) -> TrainingState:
    """Open a run at its newest whole checkpoint, with options that may change changed.

    values: only the options that were asked for anew. tell: says the remarks on the data, or raises an error.
    Raises: OptionError listing those that may not change, CheckpointError, DataError, LockedError, WorkerError.
    """
    chosen = _changed(run, values)
    _check(run.model_class, chosen, team)
    if team.index > 0:
        return _follow(run, chosen, data_dir, team)
    run.lock.hold()
    try:
        return _reopen(run, chosen, data_dir, warn, team, tell)
    except BaseException:
        run.lock.release()
        raise


def _follow(run: Run, chosen: Model.Options, data_dir: str | None, team: Team) -> TrainingState:
    """A worker that is not the chief reads run.json alone: weights and position come from the chief."""
    dataset = run.dataset(data_dir, _moved(run, chosen), chosen)
    model = run.model_class(chosen, run.facts, _gather(run.record["model"], chosen, dataset, team))
    return TrainingState(NullRun(run.path), model, dataset, Position())


def _reopen(
    run: Run,
    chosen: Model.Options,
    data_dir: str | None,
    warn: Callable[[str], None],
    team: Team,
    tell: Callable[[Dataset], None],
) -> TrainingState:
    recorded, here = (
        {**of["device"], **of["versions"]} for of in (run.record, {"device": device(), "versions": versions()})
    )
    if other := differences(recorded, here):
        warn(f"the run began under other conditions, so its bits may differ from here on: {'; '.join(other)}")
    status, old, new = run.status(), options.to_mapping(run.options()), options.to_mapping(chosen)
    if status["state"] == "unknown":
        warn(f"{status['reason']}; options that earlier resumes changed are as they were at the start")
    fresh = {name: value for name, value in new.items() if old[name] != value}
    if fresh:
        warn("changed for this run: " + ", ".join(f"{name} {old[name]} -> {value}" for name, value in fresh.items()))
    changes = status["changes"] | fresh
    dataset = run.dataset(data_dir, _moved(run, chosen), chosen)
    tell(dataset)
    shared = _gather(run.record["model"], chosen, dataset, team, warn)
    model, position = run.opened(lambda: run.model_class(chosen, run.facts, shared), warn=warn)
    if model.devices.replicas != run.record.get("replicas", 1):
        warn(
            f"begun on {run.record.get('replicas', 1)} device(s), going on with {model.devices.replicas}: as good, "
            "but not the same bits"
        )
    if (old["jit"] == "on") and not model.uses_xla():
        warn("the run was compiled with XLA and continues without it: the same seed draws other noise from here on")
    _need_enough(model, dataset)
    _need_steps_left(run, model, position)
    run.set_status("running", step=position.step, changes=changes)
    run.forget_after(position.step)
    return TrainingState(run, model, dataset, position)


def _moved(run: Run, chosen: Model.Options) -> str | None:
    """Where the data of a resumed run are, if it was told another place than they had."""
    return chosen.data if chosen.data != run.options().data else None


def restored(run: Run, model: Model, error: DivergedError) -> tuple[Model, Position]:
    """Take a training that went wrong back to its best checkpoint, or the newest from before the trouble.

    It goes on with a quarter of the learning rate, and the next time it stops; the run's status says so.
    """
    best, held = run.best(), list(run.checkpoints())
    step = best[0] if best else max((step for step in held if step <= error.good), default=held[0])
    changes = {"learning_rate": model.options.learning_rate / SLOWER, "on_divergence": "stop"}
    model = run.model_class(dataclasses.replace(model.options, **changes), run.facts, model.devices)
    position = run.restore(model, str(step))  # before anything is deleted
    run.rewind(step)
    run.set_status("running", step=step, changes=run.status()["changes"] | changes)  # after a kill, all of it again
    return model, position


def _need_steps_left(run: Run, model: Model, position: Position) -> None:
    stages = model.stages()
    asked = [(done, stage) for done, stage in zip(position.done, stages, strict=False) if stage.is_asked]
    too_far = any(done > stage.steps for done, stage in asked)
    has_others = len(asked) < len(stages)
    if too_far or (not any(position.left(stages)) and (has_others or run.status()["state"] == "finished")):
        done, total = sum(done for done, _ in asked), sum(stage.steps for stage in stages if stage.is_asked)
        more = "give a larger total with --steps" + (", or --stage all" if hasattr(model.options, "stage") else "")
        raise OptionError(f"{run.path} has done {done:,} of {total:,} steps: {more}")


def _changed(run: Run, values: Mapping[str, object]) -> Model.Options:
    old = run.options()
    mapping = options.to_mapping(old)
    asked = dict(values)
    if asked.get("steps") is not None or asked.get("epochs") is not None:
        asked = {"steps": None, "epochs": None} | asked
    fields = {field.name: field for field in options.fields(type(old))}
    if "data" in asked and asked["data"] != old.data and not data.is_named(asked["data"]):
        asked["data"] = os.path.abspath(os.path.expanduser(asked["data"]))  # noqa: PTH100, PTH111 (for other folders)
    different = {name: value for name, value in asked.items() if name in mapping and mapping[name] != value}
    fixed = [
        f"{name} {mapping[name]} -> {value}" for name, value in different.items() if not fields[name].rule.may_change
    ]
    if fixed:
        raise OptionError(
            f"a resumed run keeps its options, and these would change: {', '.join(fixed)}; start a new run"
        )
    for name in asked:
        if name not in mapping:
            raise OptionError(f"unknown option '{name}'" + options.did_you_mean(name, mapping))
    return dataclasses.replace(old, **different)


def save_every(chosen: Model.Options, total: int) -> int:
    """Steps between two checkpoints of a training of so many steps."""
    return chosen.save_every or max(1, total // CHECKPOINTS)


def needed_bytes(model: Model) -> int:
    """Disk that the checkpoints of a run will take, in bytes: those kept, the best, and one being written."""
    total, chosen = sum(stage.steps for stage in model.stages()), model.options
    written = 1 + total // save_every(chosen, total) + (total // chosen.eval_every if chosen.eval_every else 0)
    kept = chosen.keep + bool(chosen.eval_every) + (total // chosen.keep_every if chosen.keep_every else 0)
    written += total // chosen.keep_every if chosen.keep_every else 0
    kept = min(kept, written) + 1
    one = sum(int(np.prod(variable.shape)) * variable.dtype.size for variable in model.variables().values())
    return one * kept
