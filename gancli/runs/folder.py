"""The folder of a run: which files are where, and how they are written."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from gancli.core import VERSION, files, options, strict_json, temporary_files
from gancli.core.environment import device, now, versions
from gancli.core.errors import ResourceError
from gancli.models.base import Model
from gancli.models.config import MOST_STEPS, Settings
from gancli.runs import metadata, own_model


class RunFolder:
    """The files of a run.

        run.json              what was trained: model, options, data, versions; written once
        about.json            name and note, if they were changed after the start
        status.json           state, step, total steps, reason; options that later resumes changed
        resumes.jsonl         command line, time, version and step of each resume
        metrics.jsonl         one record per line
        checkpoints/          step-00000050.h5, by step
        samples/              train-00000050.png, by step
        losses.png, .lock     and tensorboard/, if asked for

    Attributes: `path`.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def number(self) -> int:
        """The number at the start of the folder's name, or -1."""
        return run_number(self.path)

    def about(self) -> dict[str, str]:
        """name and note, if they were changed after the start."""
        return metadata.read_about(self.path / "about.json")

    @property
    def note(self) -> str:
        """What `gancli runs note` says about the run; may be empty."""
        return self.about().get("note", "")

    def set_about(self, **changes: str) -> None:
        """Change name or note. Raises: ResourceError as `write`."""
        self.write("about.json", strict_json.dumps(self.about() | changes, indent=2) + "\n")

    def write(self, name: str, content: bytes | str) -> None:
        """Write a file of the run. Raises: ResourceError if it cannot be written, or the run's folder is gone."""
        with self._existing():
            files.atomic_write(self.path / name, content, within=self.path, is_own=True)

    def new_path(self, names: Iterable[str]) -> Path:
        """The first of these names, as a path in the run, that no file has and no other process has reserved."""
        return temporary_files.reserve(self.path / name for name in names)

    @contextlib.contextmanager
    def _existing(self) -> Iterator[None]:
        """Raise ResourceError if the run's folder is gone, before or during a write; it is not created again."""
        self._need_folder()
        try:
            yield
        except ResourceError:
            self._need_folder()
            raise

    def _need_folder(self) -> None:
        if not (self.path / "run.json").is_file():
            raise ResourceError(
                f"{self.path} is gone: it was moved or deleted during the training. If it was moved, continue with "
                "gancli train --resume --run PATH"
            )

    def changes(self) -> dict[str, object]:
        """The options that later resumes changed, by name."""
        return metadata.read_status(self.path / "status.json")["changes"]

    def checkpoints(self) -> dict[int, Path]:
        """Paths of all checkpoints by step, in order."""
        return _numbered(self.path / "checkpoints", "step", ".h5")

    def checkpoint_path(self, step: int) -> Path:
        """The path of the checkpoint of a step, whether it exists or not."""
        return self.path / "checkpoints" / f"step-{step:08}.h5"

    def pictures(self) -> dict[int, Path]:
        """Paths of the sample grids of the training by step, in order."""
        return _numbered(self.path / "samples", "train", ".png")

    def log(self, record: Mapping[str, object]) -> None:
        """Append one line to metrics.jsonl. Raises: ResourceError as `write`."""
        self.append("metrics.jsonl", strict_json.dumps(record))

    def log_command(self, argv: Sequence[str], *, step: int) -> None:
        """Append the command line of a resume at a step to resumes.jsonl. Raises: ResourceError as `write`."""
        line = {"argv": list(argv), "time": now(), "version": VERSION, "step": step}
        self.append("resumes.jsonl", strict_json.dumps(line))

    def append(self, name: str, line: str) -> None:
        """Append one line to a file of the run. Raises: ResourceError as `write`."""
        with self._existing():
            files.append_line(self.path / name, line)

    def metrics(self) -> list[dict[str, Any]]:
        """The records of metrics.jsonl in order; invalid lines are left out."""
        return metadata.read_lines(self.path / "metrics.jsonl")

    def newest_metrics(self, *, having: str = "") -> Iterator[dict[str, Any]]:
        """The records of metrics.jsonl, newest first, read as they are used. having: only those with this key."""
        return metadata.read_newest_first(self.path / "metrics.jsonl", having=having)

    def truncate(self, step: int) -> None:
        """Delete records and sample grids of later steps, before training from `step` again."""
        kept = [strict_json.dumps(record) + "\n" for record in self.metrics() if record["step"] <= step]
        self.write("metrics.jsonl", "".join(kept))
        for number, path in self.pictures().items():
            if number > step:
                path.unlink()
        temporary_files.sweep(self.path)

    def rewind(self, step: int) -> None:
        """Delete checkpoints, newest first, records and sample grids of later steps."""
        for number, path in reversed(self.checkpoints().items()):
            if number > step:
                path.unlink()
        self.truncate(step)


def run_number(path: Path) -> int:
    """The number at the start of a run folder's name, or -1."""
    match = re.match("([0-9]{1,9})-", path.name)
    return int(match[1]) if match else -1


def create_folder(outdir: Path, what: str, name: str) -> Path:
    """Create the next numbered folder, such as 00012-dcgan-mnist, with "-NAME" at the end if there is a name."""
    number = 1 + max((run_number(path) for path in outdir.iterdir()), default=-1)
    while True:
        path = outdir / f"{number:05}-{what}{f'-{name}' if name else ''}"
        try:
            path.mkdir()
            return path
        except FileExistsError:  # another training took the number, on a file system without locks
            number += 1


def new_record(model: Model, name: str, argv: list[str], given: Sequence[str]) -> dict[str, Any]:
    """The contents of a new run.json; see Run.create."""
    return {
        "format": metadata.FORMAT,
        "model": model.name(),
        "name": name,
        "id": uuid.uuid4().hex,  # also in its checkpoints
        "options": Settings(model.config, model.options).to_mapping(),
        "given": sorted(given),
        "data": dataclasses.asdict(model.data),
        "argv": argv,
        "created": now(),
        "versions": versions(),
        "device": device(),
        **own_model.record(type(model)),
        "replicas": model.devices.replicas,
        "workers": model.devices.team.size,
    }


def _numbered(folder: Path, prefix: str, ending: str) -> dict[int, Path]:
    """Files such as step-00000050.h5 by number, in order; others are skipped."""
    steps = (
        (options.whole(path.stem[len(prefix) + 1 :], MOST_STEPS), path) for path in folder.glob(f"{prefix}-*{ending}")
    )
    return dict(sorted((step, path) for step, path in steps if step is not None))
