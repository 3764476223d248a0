"""Run: a folder with the options of a training, its record, and its checkpoints."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gancli import data
from gancli.core import files, strict_json
from gancli.core.backend import np
from gancli.core.environment import now
from gancli.core.errors import CheckpointError, OptionError
from gancli.core.file_locks import Lock, numbering
from gancli.models import config
from gancli.models.base import Model, has_ema, use_raw_weights
from gancli.models.config import Settings, TrainingConfig
from gancli.runs import checkpoints, metadata, names, own_model, restore, retention, training_data
from gancli.runs.checkpoints import OpenCheckpoint, Position
from gancli.runs.folder import RunFolder, create_folder, new_record
from gancli.runs.protocol import TrainingRun


class Run(RunFolder, TrainingRun):
    """One training's folder.

    `record`: the contents of run.json; `facts`: of the data in it; `lock`: held while it is trained. Raises:
    CheckpointError if the folder is not a run.
    """

    memory: data.Dataset | None = None  # its data, while the program that trained it has them

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lock = Lock(path / ".lock")
        self.record, self.facts = self._read_record()
        try:
            self._model_class = own_model.of_record(self.record)
        except OptionError as error:
            raise CheckpointError(f"{path}/{self.RECORD} was not written by this gancli: {error}") from error

    def _read_record(self) -> tuple[dict[str, Any], data.DataFacts]:
        """The contents of run.json, and the facts of the data in it. Raises: CheckpointError."""
        return metadata.read_run(self.path / self.RECORD)

    @property
    def model_class(self) -> type[Model]:
        """The class of the model. Raises: OptionError if it is from outside and not here; see own_model.refuse."""
        return self._model_class or own_model.refuse(self.path, self.record)

    def can(self, ability: type | None) -> bool:
        """Whether the model has a capability (models/capabilities.py), also if it is not here."""
        if ability is None:
            return True
        if self._model_class is None:
            return ability.__name__ in own_model.capabilities(self.record)
        return issubclass(self._model_class, ability)

    @property
    def is_loaded(self) -> bool:
        """Whether the class of the model is here: not if it is in a file that the user has not named, for example."""
        return self._model_class is not None

    @staticmethod
    def create(outdir: Path, model: Model, name: str, argv: list[str], *, given: Sequence[str] = ()) -> Run:
        """Create the next numbered folder in `outdir` and write its run.json.

        name: added to the folder's name, if not empty. argv: of the command, as a record. given: names of the options
        that were not left to their defaults. Raises: OptionError as `names.check_new`, ResourceError if it cannot be
        written.
        """
        files.need_writable(outdir)
        with numbering(outdir):
            names.check_new(name, outdir)
            path = create_folder(outdir, f"{model.name()}-{files.safe_name(model.data.name)}", files.safe_name(name))
        record = new_record(model, name, argv, given)
        own_model.copy(type(model), path)
        files.atomic_write(path / "run.json", strict_json.dumps(record, indent=2) + "\n", within=path, is_own=True)
        return Run(path)

    @property
    def name(self) -> str:
        """Its name, as `gancli runs rename` changed it; may be empty."""
        return self.about().get("name", self.record["name"])

    def config(self) -> TrainingConfig:
        """The training's config, with the changes of later resumes. Raises: as `settings`."""
        return self.settings().config

    def options(self) -> Model.Options:
        """The model's options, with the changes of later resumes. Raises: as `settings`."""
        return self.settings().options

    def settings(self) -> Settings:
        """Config and options. Raises: CheckpointError if run.json contains settings that this version does not know."""
        try:
            values = self.recorded_options()
            return config.from_record(self.model_class, values) if self.is_loaded else config.as_recorded(values)
        except OptionError as error:
            raise CheckpointError(f"{self.path}/{self.RECORD} does not fit this gancli: {error}") from error

    def recorded_options(self) -> dict[str, object]:
        """The options as run.json and later resumes recorded them, unchecked, by the names of that version."""
        return self.record["options"] | self.changes()

    def status(self) -> dict[str, Any]:
        """state, step, total, reason, seconds and changes. The state is "killed" if it was running and the lock is
        free."""
        status = metadata.read_status(self.path / "status.json")
        if status["state"] == "running" and not self.lock.is_held():
            status |= {"state": "killed", "reason": "the process ended without writing its status"}
        return status

    def set_status(
        self,
        state: str,
        *,
        step: int,
        total: int | None = None,
        reason: str = "",
        seconds: float | None = None,
        changes: Mapping[str, object] | None = None,
    ) -> None:
        """Write status.json; what is not given stays as before.

        state: running, finished, interrupted, diverged or failed. total: steps of the whole training. seconds: from the
        start of the training to this step, without pauses. changes: to the options in run.json, by resumes. Raises:
        ResourceError as `write`.
        """
        before = metadata.read_status(self.path / "status.json")
        status = {
            "state": state,
            "step": step,
            "total": before["total"] if total is None else total,
            "reason": reason,
            "seconds": before["seconds"] if seconds is None else round(seconds, 1),
            "changes": before["changes"] if changes is None else changes,
            "updated": now(),
        }
        self.write("status.json", strict_json.dumps(status, indent=2) + "\n")

    def command_lines(self) -> list[dict[str, Any]]:
        """argv, time, version of gancli and step of the command that started the run, and of each that resumed it.

        Of runs of older versions only the first; lines that are damaged are left out.
        """
        first = {"argv": self.record["argv"], "time": self.record["created"]}
        first |= {"version": str(self.record["versions"].get("gancli", "")), "step": 0}
        return [first, *metadata.read_commands(self.path / "resumes.jsonl")]

    def save(self, model: Model, position: Position) -> None:
        """Write a checkpoint, then delete those that --keep, --keep-every and --snapshots do not keep, except the best.

        Raises: DivergedError before writing if a number is not finite, ResourceError.
        """
        path = self.checkpoint_path(position.step)
        arrays = {name: variable.numpy() for name, variable in model.variables().items()}
        with self._existing():
            checkpoints.write(path, arrays, position, run=self._id(), within=self.path)
        best, paths = self.best(), self.checkpoints()
        spared = {position.step, *model.config.snapshot_steps(), *([best[0]] if best else [])}
        keep, keep_every = model.config.keep, model.config.keep_every
        for step in retention.superseded(list(paths), keep=keep, keep_every=keep_every, spared=spared):
            paths[step].unlink(missing_ok=True)

    def read_checkpoint(self, step: int) -> tuple[dict[str, np.ndarray], Position]:
        """Arrays by name and the position of a checkpoint.

        Raises: CheckpointError if it is absent, damaged, of another run, or not of the step in its name.
        """
        with self.open_checkpoint(step) as checkpoint:
            return checkpoint.arrays(), checkpoint.position

    @contextlib.contextmanager
    def open_checkpoint(self, step: int) -> Iterator[OpenCheckpoint]:
        """A checkpoint, open for reading. Raises: as read_checkpoint."""
        path = self.checkpoints().get(step, self.checkpoint_path(step))
        with checkpoints.open_checkpoint(path, run=self._id()) as checkpoint:
            if checkpoint.position.step != step:
                raise CheckpointError(f"{path} is a checkpoint of step {checkpoint.position.step}: it was renamed")
            yield checkpoint

    def _id(self) -> str:
        """The identifier of this run; empty for runs of older versions."""
        return str(self.record.get("id", ""))

    def restore(
        self, model: Model, which: str = "last", *, warn: Callable[[str], None] = lambda text: None
    ) -> Position:
        """Give a model the state of a checkpoint; returns its position.

        which: a step, "best", or "last", the newest intact one. warn: called with a message for each damaged one.
        Raises: CheckpointError if there is none, or a step was named and is damaged.
        """
        return restore.build_and_restore(self, lambda: model, which, warn=warn)[1]

    def build_and_restore(
        self, build: Callable[[], Model], which: str = "last", *, warn: Callable[[str], None] = lambda text: None
    ) -> tuple[Model, Position]:
        """The model that `build` returns, with the state of a checkpoint, and the position in it; as `restore`."""
        return restore.build_and_restore(self, build, which, warn=warn)

    def model(
        self, which: str = "last", *, weights: str | None = None, warn: Callable[[str], None] = lambda text: None
    ) -> tuple[Model, int]:
        """The model rebuilt from run.json with the weights of a checkpoint, and that checkpoint's step.

        which, warn: as `restore`. weights: "ema" or "raw"; EMA if it is kept, if not given. Raises: CheckpointError;
        OptionError for "ema" if none is kept.
        """
        settings = self.settings()
        if text := own_model.difference(self.path, self.record):
            warn(text)
        model, position = self.build_and_restore(lambda: self.model_class(*settings, self.facts), which, warn=warn)
        restore.need_ema(self, weights, is_kept=has_ema(model))
        if weights == "raw":
            use_raw_weights(model)
        return model, position.step

    def outline(self, settings: Settings | None = None) -> Model:
        """The model without networks: what run.json alone decides; TensorFlow is not imported.

        settings: those of a resume. Raises: CheckpointError if run.json does not fit the model.
        """
        return restore.outline(self, settings or self.settings())

    def need_checkpoint(self, which: str, weights: str | None = None) -> None:
        """Raise what `model` would raise for a checkpoint or weights that do not exist; TensorFlow is not imported."""
        restore.need_step(self, which)
        restore.need_ema(self, weights, is_kept=bool(self.options().ema and self.model_class.ema_networks))

    def best(self, among: Container[int] | None = None) -> tuple[int, float] | None:
        """Step and validation score of the best checkpoint among these steps, by default all; None without scores."""
        steps = self.checkpoints() if among is None else among
        records = metadata.read_lines(self.path / "metrics.jsonl", having="score")
        records = [record for record in records if record["step"] in steps]
        best = metadata.best_record(records, higher_is_better=self.config().higher_is_better())
        return None if best is None else (best["step"], best["score"])

    def dataset(
        self, data_dir: str | None = None, source: str | data.Dataset | None = None, settings: Settings | None = None
    ) -> data.Dataset:
        """The run's data set, loaded again.

        source: where it is, if it was moved, or the data set itself. settings: those of a resume. If the test split has
        changed, the data set's remarks say so: scores refer to the current one. Raises: DataError that says what
        differs if the training data, class names included, are gone or have changed.
        """
        return training_data.load(self, data_dir, source, settings)
