"""Preparation of a new training: options, data, model and devices, before there is a run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from gancli import data, models
from gancli.core import files
from gancli.core.backend import np
from gancli.core.distributed import strategy
from gancli.core.distributed.cluster import SINGLE_WORKER, Team
from gancli.core.distributed.strategy import Devices
from gancli.core.environment import versions
from gancli.core.errors import DataError, OptionError
from gancli.data import Dataset
from gancli.data.remarks import why_without
from gancli.models import config
from gancli.models.base import Model, parameter_count
from gancli.models.config import Settings, TrainingConfig
from gancli.models.precision import compute_precision, uses_xla
from gancli.runs.checkpoints import Position
from gancli.runs.null_run import NullRun
from gancli.runs.run import Run
from gancli.training import pretrained, throughput
from gancli.training.tensorboard import need_tensorboard
from gancli.training.validation import need_for_scores

CHECKPOINTS = 10  # in a training, unless --save-every says otherwise


class TrainingState(NamedTuple):
    """The arguments of `training.loop.train`: a run, its model and data, and the position to start from."""

    run: Run
    model: Model
    dataset: Dataset
    position: Position


class Plan(NamedTuple):
    """A prepared training that has no directory yet. given: names of the options that were set."""

    model: Model
    dataset: Dataset
    given: tuple[str, ...] = ()

    def start(self, outdir: Path, name: str, argv: list[str]) -> TrainingState:
        """Create the run's directory. Raises: ResourceError if it cannot be written or the disk is too full."""
        model, run = self.model, NullRun()
        if model.devices.is_chief:
            self.need_space(outdir)
            run = Run.create(outdir, model, name, argv, given=self.given)
        return TrainingState(run, model, self.dataset, Position())

    def need_space(self, outdir: Path) -> None:
        """Raise ResourceError if the disk of `outdir` is too full for the checkpoints."""
        files.need_space(outdir, needed_bytes(self.model))

    def describe(self) -> dict[str, object]:
        """Options, parameter counts, data and disk space, for --dry-run."""
        model, facts = self.model, self.model.data
        return {
            "model": model.name(),
            "options": Settings(model.config, model.options).to_mapping(),
            "parameters": {name: parameter_count(network.model)[0] for name, network in model.networks.items()},
            "data": {
                "name": facts.name,
                "images": facts.count,
                "shape": list(facts.shape),
                "classes": len(facts.classes),
            },
            "batches per epoch": model.pipeline.batches_per_epoch(),
            "disk for checkpoints, MB": round(needed_bytes(model) / 1e6, 1),
        }


def prepare(
    model_name: str,
    values: Mapping[str, object],
    *,
    data_dir: str | None,
    team: Team = SINGLE_WORKER,
    note: Callable[[str], None] = lambda text: None,
    dataset: Dataset | None = None,
) -> Plan:
    """Check the options, load the data and build the model. Automatic options are resolved and recorded.

    dataset: the data, if they are loaded already. Raises: OptionError, DataError; WorkerError if other workers of the
    team do not arrive.
    """
    model_class = models.get(model_name)
    settings = config.from_mapping(model_class, values)
    check_settings(model_class, settings, team)
    settings, dataset = _load(model_class, settings, dataset, data_dir)
    need_columns(model_class, settings, dataset)
    facts = dataset.facts()
    sources = pretrained.load_all(model_class, settings.options, data_dir, note)
    if sources:
        chosen, facts = model_class.options_from_pretrained(*settings, facts, sources)
        settings = settings._replace(options=chosen)

    devices = gather_devices(model_class, settings, dataset, team, lambda text: note(f"warning: {text}"))

    def build(settings: Settings) -> Model:
        model = model_class(*settings, facts, devices)
        if sources:
            model.load_pretrained(sources)
        return model

    model = build(settings)
    if model.devices.strategy and model.config.jit == "on":
        raise OptionError("--jit on compiles for one device: with several leave it out")
    need_enough_data(model, dataset)
    if throughput.is_open(settings.config):
        settings = settings.replace({"steps": throughput.estimate_steps(model, dataset)})
        model = build(settings)
    model.config, model.options = settings.replace(_resolved(model, team))
    return Plan(model, dataset, tuple(values))


def _load(
    model_class: type[Model], settings: Settings, dataset: Dataset | None, data_dir: str | None
) -> tuple[Settings, Dataset]:
    """The data in the size that the model needs, and the settings with the source that a run records."""
    request = model_class.data_requirements(settings.options).request(settings.config, data_dir)
    if dataset is not None:
        return _load_given(model_class, settings, dataset, data_dir)
    settings = settings.replace({"data": data.record_as(settings.config.data, data_dir)})
    return settings, data.load(settings.config.data, request)


def _load_given(
    model_class: type[Model], settings: Settings, dataset: Dataset, data_dir: str | None
) -> tuple[Settings, Dataset]:
    """A data set that is loaded already, and the settings with what a run records to find it again.

    Raises: OptionError for one that was resized, if the model needs images at their own sizes.
    """
    found, usual = data.options_of(dataset), model_class.Config()
    requirements = model_class.data_requirements(settings.options)
    resized = [f"{name}={found[name]}" for name in ("image_size", "crop") if name in found]
    if requirements.native_resolution and resized:
        raise OptionError(
            f"{model_class.name()} needs images at their own sizes, and '{dataset.name}' was loaded with "
            f"{' and '.join(resized)}: load it without"
        )
    settings = settings.replace(
        {name: value for name, value in found.items() if getattr(settings.config, name) == getattr(usual, name)}
        | {"data": found["data"]}
    )
    return settings, data.fitted(dataset, requirements.request(settings.config, data_dir))


def _resolved(model: Model, team: Team) -> dict[str, object]:
    """Values of the options that were left to the model and this machine."""
    length = {} if model.config.epochs is not None else {"steps": model.total_steps()}
    devices = str(model.devices.replicas // team.size)
    jit = "on" if uses_xla(model) else "off"
    return (
        model.resolved_options()
        | {"precision": compute_precision(model.config), "jit": jit, "devices": devices}
        | length
    )


def check_settings(model_class: type[Model], settings: Settings, team: Team) -> None:
    """Raise OptionError for options that contradict one another or need a package that is not installed."""
    model_class.check(*settings)
    if settings.config.tensorboard:
        need_tensorboard()
    if team.size > 1 and settings.config.on_divergence == "restore":
        raise OptionError("--on-divergence restore works on one machine only; with workers use stop, then --resume")
    if team.size > 1 and settings.config.minutes is not None:
        raise OptionError("--minutes works on one machine only; with workers give --steps")


def check_given(model_name: str, values: Mapping[str, object], dataset: Dataset) -> None:
    """Check the options and the columns of a data set that is loaded already; TensorFlow is not imported.

    Raises: as `prepare`.
    """
    model_class = models.get(model_name)
    settings = config.from_mapping(model_class, values)
    check_settings(model_class, settings, SINGLE_WORKER)
    need_columns(model_class, settings, dataset)


def need_columns(model_class: type[Model], settings: Settings, dataset: Dataset) -> None:
    """Raise DataError for data without a column that the model needs, and say why if it is known."""
    requirements = model_class.data_requirements(settings.options)
    for column in requirements.columns:
        if column not in dataset.train and (why := why_without(column, dataset.remarks)):
            raise DataError(f"{model_class.name()} needs {column}, but '{dataset.name}' has none: {why}")
    has_partners = requirements.paired and "map" in dataset.train  # which are the maps in colors
    requirements.need_columns(dataset, (*dataset.train, *(["other"] if has_partners else [])), model_class.name())


def need_enough_data(model: Model, dataset: Dataset) -> None:
    """Raise DataError for data that fill no batch, or are too few to evaluate on."""
    facts = model.data
    if not model.pipeline.batches_per_epoch():
        count, each = facts.count - facts.validation_size(requested=model.config.hold_out), model.batches_per_step()
        needed = "a batch" if each == 1 else f"{each} batches"
        raise DataError(
            f"'{dataset.name}' has {count} images to train on, fewer than {needed} of {model.options.batch_size}: "
            "give a smaller --batch-size"
        )
    if model.config.eval_every:
        need_for_scores(model, dataset)


def gather_devices(
    model_class: type[Model],
    settings: Settings,
    dataset: Dataset,
    team: Team,
    warn: Callable[[str], None] = lambda text: None,
) -> Devices:
    """The devices to build on, once all workers have arrived and agree on what to train."""
    agreed = {
        "model": models.identity(model_class),
        "data's fingerprint": dataset.facts().fingerprint,
        "versions": versions(),
    }
    team.rendezvous(agreed | settings.to_mapping(), warn=warn)
    return strategy.choose(settings.config.devices, settings.options.batch_size, team)


def save_every(settings: TrainingConfig, total: int) -> int:
    """Steps between two checkpoints of a training of this many steps."""
    return settings.save_every or max(1, total // CHECKPOINTS)


def needed_bytes(model: Model) -> int:
    """Disk space of a run's checkpoints, in bytes: those kept, the best, and one being written."""
    total, chosen = sum(stage.steps for stage in model.stages()), model.config
    written = 1 + total // save_every(chosen, total) + (total // chosen.eval_every if chosen.eval_every else 0)
    extra = sum(step < total for step in chosen.snapshot_steps())
    extra += total // chosen.keep_every if chosen.keep_every else 0
    kept, written = chosen.keep + bool(chosen.eval_every) + extra, written + extra
    kept = min(kept, written) + 1
    one = sum(int(np.prod(variable.shape)) * variable.dtype.size for variable in model.variables().values())
    return one * kept
