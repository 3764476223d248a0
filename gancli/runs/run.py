"""Run: a directory that holds what was asked, what happened, and the weights."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import uuid
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from gancli import data, models
from gancli.core import files, input_files, options, strict_json, temporary_files
from gancli.core.backend import np
from gancli.core.environment import device, now, versions
from gancli.core.errors import CheckpointError, DataError, OptionError, ResourceError
from gancli.core.file_locks import Lock, numbering
from gancli.data import fingerprints, remarks
from gancli.models import config
from gancli.models.base import Model
from gancli.models.config import MOST_STEPS, Settings, TrainingConfig
from gancli.nn import memory_limit
from gancli.runs import checkpoints, metadata
from gancli.runs.checkpoints import Held, Position
from gancli.runs.metadata import best_record

LONGEST = 300  # characters of what somebody else's run.json makes us say


class Run:
    """One training's directory.

    Attributes: `path`; `record`, the contents of run.json; `lock`, held while it is trained. Raises on opening:
    CheckpointError if it is no run.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = Lock(path / ".lock")
        self.record, self.facts = metadata.read_run(path / "run.json")
        try:
            self.model_class = models.get(self.record["model"])
        except OptionError as error:
            raise CheckpointError(f"{path}/run.json is not one that gancli wrote: {error}") from error

    @staticmethod
    def create(outdir: Path, model: Model, name: str, argv: list[str]) -> Run:
        """Make the next numbered directory below `outdir` and write its run.json.

        Raises: ResourceError if it cannot be written.
        """
        files.need_writable(outdir)
        with numbering(outdir):
            path = _make_folder(outdir, f"{model.name()}-{files.safe_name(model.data.name)}", files.safe_name(name))
        record = {
            "format": metadata.FORMAT,
            "model": model.name(),
            "name": name,
            "id": uuid.uuid4().hex,  # its checkpoints bear it too
            "options": Settings(model.config, model.options).to_mapping(),
            "data": dataclasses.asdict(model.data),
            "argv": argv,
            "created": now(),
            "versions": versions(),
            "device": device(),
            "replicas": model.devices.replicas,
            "workers": model.devices.team.size,
        }
        files.atomic_write(path / "run.json", strict_json.dumps(record, indent=2) + "\n", within=path, is_own=True)
        return Run(path)

    @property
    def number(self) -> int:
        """The number at the start of the directory's name, or -1."""
        return run_number(self.path)

    def config(self) -> TrainingConfig:
        """The settings of the training, with what later resumes changed."""
        return self.settings().config

    def options(self) -> Model.Options:
        """The model's options, with what later resumes changed."""
        return self.settings().options

    def settings(self) -> Settings:
        """Both. Raises: CheckpointError if run.json holds what this version does not know."""
        values = self.record["options"] | self.status()["changes"]
        try:
            return config.from_record(self.model_class, values)
        except OptionError as error:
            raise CheckpointError(f"{self.path}/run.json does not fit this gancli: {error}") from error

    def status(self) -> dict[str, Any]:
        """state, step, reason, changes; a training that was killed is found out by its lock being free."""
        status = metadata.read_status(self.path / "status.json")
        if status["state"] == "running" and not self.lock.is_held():
            status |= {"state": "killed", "reason": "the process ended without a word"}
        return status

    def set_status(
        self, state: str, *, step: int, reason: str = "", changes: Mapping[str, object] | None = None
    ) -> None:
        """Write status.json: running, finished, interrupted, diverged or failed."""
        changes = self.status()["changes"] if changes is None else changes
        status = {"state": state, "step": step, "reason": reason, "changes": changes, "updated": now()}
        self.write("status.json", strict_json.dumps(status, indent=2) + "\n")

    def write(self, name: str, content: bytes | str) -> None:
        """Write a file of the run. Raises: ResourceError if it cannot be written, or the run's folder is gone."""
        with self._there():
            files.atomic_write(self.path / name, content, within=self.path, is_own=True)

    def new_path(self, names: Iterable[str]) -> Path:
        """The first of these names, as a path in the run, that no file has and no other process has reserved."""
        return temporary_files.reserve(self.path / name for name in names)

    @contextlib.contextmanager
    def _there(self) -> Iterator[None]:
        """Raise ResourceError if the run's folder is gone, before a write or amid it; it is not made anew."""
        self._need_folder()
        try:
            yield
        except ResourceError:
            self._need_folder()
            raise

    def _need_folder(self) -> None:
        if not (self.path / "run.json").is_file():
            raise ResourceError(
                f"{self.path} is gone: it was moved or deleted while it was trained. Where it is now, "
                "gancli train --resume --run PATH goes on with it"
            )

    def checkpoints(self) -> dict[int, Path]:
        """Every checkpoint by its step, in order."""
        return _numbered(self.path / "checkpoints", "step", ".h5")

    def save(self, model: Model, position: Position) -> None:
        """Write a checkpoint, then delete the old ones that the options do not keep; the best one always stays.

        Raises: as checkpoints.write.
        """
        path = self.path / "checkpoints" / f"step-{position.step:08}.h5"
        arrays = {name: variable.numpy() for name, variable in model.variables().items()}
        with self._there():
            checkpoints.write(path, arrays, position, run=self._id(), within=self.path)
        chosen, kept = model.config, self.checkpoints()
        spared = {position.step, *(self.best() or ())[:1]}
        for step in list(kept)[: -chosen.keep]:
            if step not in spared and not (chosen.keep_every and step and step % chosen.keep_every == 0):
                kept[step].unlink(missing_ok=True)

    def read_checkpoint(self, step: int) -> tuple[dict[str, np.ndarray], Position]:
        """The arrays and the position of a checkpoint.

        Raises: CheckpointError if it is absent, damaged, of another run, or not of the step in its name.
        """
        with self._opened(step) as held:
            return held.arrays(), held.position

    @contextlib.contextmanager
    def _opened(self, step: int) -> Iterator[Held]:
        """A checkpoint, open to read. Raises: as read_checkpoint."""
        path = self.path / "checkpoints" / f"step-{step:08}.h5"
        path = self.checkpoints().get(step, path)
        with checkpoints.opened(path, run=self._id()) as held:
            if held.position.step != step:
                raise CheckpointError(f"{path} is a checkpoint of step {held.position.step}: it was renamed")
            yield held

    def _id(self) -> str:
        """What tells this run from all others; empty for those of old."""
        return str(self.record.get("id", ""))

    def restore(
        self, model: Model, which: str = "last", *, warn: Callable[[str], None] = lambda text: None
    ) -> Position:
        """Give a model the state of a checkpoint: a step, "best", or "last", the newest whole one.

        Raises: CheckpointError if there is none, or a step was named and is damaged.
        """
        return self.opened(lambda: model, which, warn=warn)[1]

    def opened(
        self, make: Callable[[], Model], which: str = "last", *, warn: Callable[[str], None] = lambda text: None
    ) -> tuple[Model, Position]:
        """The model that `make` makes, with the state of a checkpoint as `restore` says, and the position in it.

        It is made once a whole checkpoint is open, in no more memory than that asks for. Raises: as `restore`.
        """
        input_files.reads_all(self.checkpoints().values())
        model = None
        failure, tried = f"{self.path} has no checkpoint yet: start the training anew", set()
        while (step := self._next(which, tried)) is not None:
            tried.add(step)
            try:
                with self._opened(step) as held:
                    if model is None:
                        model = self._made(make, held)
                    checkpoints.assign(held, model.variables(), name=held.name)
                    return model, held.position
            except CheckpointError as error:
                failure = str(error)
                if which == "last" and step in self.checkpoints():  # else the training that goes on took it away
                    warn(f"{error}; trying the one before")
        raise CheckpointError(failure)

    def _made(self, make: Callable[[], Model], held: Held) -> Model:
        """What `make` makes. Raises: CheckpointError for facts of data that the model cannot have been trained on."""
        try:
            with memory_limit.like(held.bytes_each(), name=held.name):
                return make()
        except DataError as error:
            raise CheckpointError(f"{self.path}/run.json does not fit its model: {str(error)[:LONGEST]}") from error

    def _next(self, which: str, tried: Container[int]) -> int | None:
        """The step of the checkpoint to try next, after those. Raises: CheckpointError if one is named that is absent.

        They are looked up each time: a training that goes on writes new ones and deletes old ones.
        """
        found = self.checkpoints()
        if which == "last":
            return max((step for step in found if step not in tried), default=None)
        step = self._need_best() if which == "best" else options.whole(which, MOST_STEPS)
        if step not in found:
            raise CheckpointError(
                f"{self.path} has no checkpoint {which}; it has {', '.join(map(str, found)) or 'none'}"
            )
        return None if step in tried else step

    def model(
        self, which: str = "last", *, weights: str | None = None, warn: Callable[[str], None] = lambda text: None
    ) -> tuple[Model, int]:
        """The model rebuilt from run.json with the weights of a checkpoint, and that checkpoint's step.

        weights: "ema" or "raw"; the moving average where one is kept if not given. Raises: OptionError if none is.
        """
        settings = self.settings()
        model, position = self.opened(lambda: self.model_class(*settings, self.facts), which, warn=warn)
        if weights == "ema" and not model.has_averages():
            raise OptionError(f"{self.path} keeps no moving average of its weights: leave --weights out")
        if weights == "raw":
            model.use_raw_weights()
        return model, position.step

    def best(self, among: Container[int] | None = None) -> tuple[int, float] | None:
        """Step and score of the best checkpoint that was scored in training (--eval-every), or None.

        among: the steps that count; all that are there if not given.
        """
        held = self.checkpoints() if among is None else among
        scored = metadata.read_lines(self.path / "metrics.jsonl", having="score")
        scored = [record for record in scored if record["step"] in held]
        best = best_record(scored, higher_is_better=self.config().higher_is_better())
        return None if best is None else (best["step"], best["score"])

    def _need_best(self) -> int:
        found = self.best()
        if found is None:
            raise CheckpointError(f"{self.path} was never scored in training (--eval-every), so none is best; try last")
        return found[0]

    def dataset(
        self, data_dir: str | None = None, source: str | None = None, settings: Settings | None = None
    ) -> data.Dataset:
        """The run's data, loaded again. source: where they are, if they were moved. settings: those of a resume.

        A test split that has changed is told in the data's remarks: scores are of what is there now. Raises: DataError
        that says what differs if what was trained on is gone or has changed, class names included.
        """
        source = source or self._source()
        if data.is_named(source):
            found_in = Path(self.facts.source).parent
            data_dir = data_dir or (str(found_in) if found_in.is_absolute() else None)
        request = self.model_class.request(*(settings or self.settings()), data_dir)
        return self._same(data.load(source, request), source, request)

    def _source(self) -> str:
        """Where the data were read from last: a name or path. Raises: DataError if nothing is there any more."""
        asked = self.config().data
        if data.is_named(asked):
            return asked
        moved = asked != self.record["options"]["data"]  # by a resume
        places = [asked, self.facts.source] if moved else [self.facts.source, asked]
        for place in places:
            if os.path.exists(os.path.expanduser(place)):  # noqa: PTH110, PTH111 (pathlib's fail for odd names)
                return place
        raise DataError(f"the data of {self.path} are no longer at {places[0]}: say with --data where they are now")

    def _same(self, dataset: data.Dataset, source: str, request: data.Request) -> data.Dataset:
        """The data as the run was trained on them. Raises: DataError if they are others."""
        if not self.facts.fingerprints:
            return self._same_as_of_old(dataset, source, request)
        trained, tests = fingerprints.differences(self.facts.fingerprints, dataset.fingerprints)
        if trained:
            raise DataError(f"{self._others(dataset)}: the {' and the '.join(trained)} differ")
        here = {"count": len(dataset), "shape": dataset.shape, "columns": tuple(dataset.train)}
        here |= {"classes": dataset.classes, "attributes": dataset.attributes, "validation": dataset.validation}
        odd = [name for name, value in here.items() if getattr(self.facts, name) != value]
        if odd:
            raise CheckpointError(f"{self.path}/run.json was changed: its {odd[0]} of the data is not that of the data")
        if not tests:
            return dataset
        said = remarks.changed(f"the {' and the '.join(tests)} are not those that {self.path} was trained beside")
        return dataclasses.replace(dataset, remarks=(*dataset.remarks, said))

    def _same_as_of_old(self, dataset: data.Dataset, source: str, request: data.Request) -> data.Dataset:
        """The data of a run whose run.json has one short fingerprint: its classes are kept, and its range of pixels."""
        for pixel_range in (request.pixel_range, *(("0:255", "0:65535") if dataset.pixel_ranges else ())):
            if pixel_range != request.pixel_range:
                dataset = data.load(source, dataclasses.replace(request, pixel_range=pixel_range))
            found = dataset.in_classes(self.facts)
            if fingerprints.of_old(found) == self.facts.fingerprint:
                return found
        raise DataError(self._others(dataset))

    def _others(self, dataset: data.Dataset) -> str:
        return f"the data at {dataset.source} are not those that {self.path} was trained on"

    def pictures(self) -> dict[int, Path]:
        """The sample pictures of the training by their steps, in order."""
        return _numbered(self.path / "samples", "train", ".png")

    def log(self, record: Mapping[str, object]) -> None:
        """Append one line to metrics.jsonl. Raises: ResourceError as `write`."""
        with self._there():
            files.append_line(self.path / "metrics.jsonl", strict_json.dumps(record))

    def metrics(self) -> list[dict[str, Any]]:
        """The records of metrics.jsonl; lines that are none are left out."""
        return metadata.read_lines(self.path / "metrics.jsonl")

    def forget_after(self, step: int) -> None:
        """Drop what was recorded beyond a step, before training from there again."""
        kept = [strict_json.dumps(record) + "\n" for record in self.metrics() if record["step"] <= step]
        self.write("metrics.jsonl", "".join(kept))
        for number, path in self.pictures().items():
            if number > step:
                path.unlink()
        temporary_files.sweep(self.path)

    def rewind(self, step: int) -> None:
        """Drop checkpoints, records and pictures beyond a step, the newest first."""
        for number, path in reversed(self.checkpoints().items()):
            if number > step:
                path.unlink()
        self.forget_after(step)


def run_number(path: Path) -> int:
    """The number at the start of a run directory's name, or -1."""
    match = re.match("([0-9]{1,9})-", path.name)
    return int(match[1]) if match else -1


def _make_folder(outdir: Path, what: str, name: str) -> Path:
    number = 1 + max((run_number(path) for path in outdir.iterdir()), default=-1)
    while True:
        path = outdir / f"{number:05}-{what}{f'-{name}' if name else ''}"
        try:
            path.mkdir()
            return path
        except FileExistsError:  # another training took the number, where there are no locks
            number += 1


def _numbered(folder: Path, prefix: str, ending: str) -> dict[int, Path]:
    """Files such as step-00000050.h5 by their number, in order; others are passed over."""
    steps = (
        (options.whole(path.stem[len(prefix) + 1 :], MOST_STEPS), path) for path in folder.glob(f"{prefix}-*{ending}")
    )
    return dict(sorted((step, path) for step, path in steps if step is not None))
