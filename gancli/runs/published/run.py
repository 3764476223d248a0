"""PublishedRun: a published model, opened like the run that it was exported from."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, NoReturn

from gancli.core import temporary_files
from gancli.core.errors import CheckpointError, DataError, OptionError, ResourceError
from gancli.data import Dataset, is_named
from gancli.data.dataset import DataFacts
from gancli.models.base import Model
from gancli.models.config import MOST_STEPS, Settings
from gancli.runs import checkpoints, metadata, restore
from gancli.runs.checkpoints import Position
from gancli.runs.protocol import Holdable
from gancli.runs.published import tensor_file
from gancli.runs.published.tensor_file import OpenTensors
from gancli.runs.published.weights import complete, inference_variables
from gancli.runs.run import Run

RECORD, WEIGHTS, CARD = "config.json", "model.safetensors", "README.md"
LIBRARY = "gancli"  # under library_name in config.json
PUBLISHED = {
    "step": int,
    "total": int,
    "weights": str,
    "sha256": str,
    "updates": dict,
}  # the table `published` of config.json
UNPUBLISHED = {"argv": [], "device": {}}  # of a run.json


class PublishedRun(Run):
    """A model as a folder for model hubs: weights for inference, without training data and optimizer state.

        config.json           what run.json holds, without paths and facts about the machine; step, kind and checksum
                              of the weights
        model.safetensors     the weights, by NETWORK/LAYER/VARIABLE
        README.md             the model card
        samples.png           images of fixed seeds, if it generates images
        NAME.py               the file of a model from outside of the package

    It has one checkpoint, and is never changed. Raises: CheckpointError if the folder holds no such model.
    """

    RECORD = RECORD
    is_published = True

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.lock = _Unchangeable(path)

    def _read_record(self) -> tuple[dict[str, Any], DataFacts]:
        path = self.path / RECORD
        record = metadata.read_json(path)
        if record.get("library_name") != LIBRARY:
            raise CheckpointError(f"{path} is not of a model that gancli exported: it names no library_name {LIBRARY}")
        metadata.need_kinds(record, {"published": dict}, name=str(path))
        published = record["published"]
        metadata.need_kinds(published, PUBLISHED, name=f"{path}: published")
        is_plausible = 0 <= published["step"] < MOST_STEPS and published["weights"] in ("ema", "raw")
        counts = published["updates"].values()
        is_plausible &= all(type(count) is int and 0 <= count < MOST_STEPS for count in counts)
        if not is_plausible or not re.fullmatch("[0-9a-f]{64}", published["sha256"]):
            raise CheckpointError(f"{path}: published: expected a step, weights ema or raw, a SHA-256, and updates")
        return metadata.checked_run(record | UNPUBLISHED, path)

    @property
    def step(self) -> int:
        """The step of the weights."""
        return self.record["published"]["step"]

    def changes(self) -> dict[str, object]:
        """None: the options are those of the last resume."""
        return {}

    def status(self) -> dict[str, Any]:
        """step and total steps; the state is "published"."""
        total = self.record["published"]["total"]
        return {"state": "published", "step": self.step, "total": total, "reason": "", "seconds": 0.0, "changes": {}}

    def checkpoints(self) -> dict[int, Path]:
        """The file of weights, by its step."""
        path = self.path / WEIGHTS
        return {self.step: path} if os.path.lexists(path) else {}

    def checkpoint_path(self, step: int) -> Path:
        """The file of weights."""
        return self.path / WEIGHTS

    @contextlib.contextmanager
    def open_checkpoint(self, step: int) -> Iterator[OpenTensors]:
        """The weights, open for reading. Raises: CheckpointError as `tensor_file.open_tensors`."""
        sha256 = self.record["published"]["sha256"]
        with tensor_file.open_tensors(self.path / WEIGHTS, sha256=sha256, position=Position((self.step,))) as tensors:
            yield tensors

    def build_and_restore(
        self, build: Callable[[], Model], which: str = "last", *, warn: Callable[[str], None] = lambda text: None
    ) -> tuple[Model, Position]:
        """The model that `build` returns with the published weights, and their position. Raises: CheckpointError."""
        self.need_checkpoint(which)
        with self.open_checkpoint(self.step) as tensors:
            model = restore.build_within(self, build, tensors)
            checkpoints.assign(tensors, inference_variables(model), name=tensors.name)
        complete(model, self.record["published"]["updates"])
        return model, tensors.position

    def need_checkpoint(self, which: str, weights: str | None = None) -> None:
        """Raise CheckpointError for another checkpoint, OptionError for weights that were not published."""
        restore.need_step(self, which)
        published = self.record["published"]["weights"]
        if weights not in (None, published):
            raise OptionError(f"{self.path} was published with {published} weights only: leave --weights out")

    def model(
        self, which: str = "last", *, weights: str | None = None, warn: Callable[[str], None] = lambda text: None
    ) -> tuple[Model, int]:
        """The model with the published weights, and their step. Raises: as `need_checkpoint`."""
        self.need_checkpoint(which, weights)
        return super().model(which, warn=warn)

    def dataset(
        self, data_dir: str | None = None, source: str | Dataset | None = None, settings: Settings | None = None
    ) -> Dataset:
        """The data set that the model was trained on. Raises: DataError if it is not given and has no name."""
        if source is None and not is_named(self.config().data):
            raise DataError(
                f"{self.path} is a published model, without its data ({self.facts.name}): give them with --data PATH"
            )
        return super().dataset(data_dir, source, settings)

    def new_path(self, names: Iterable[str]) -> Path:
        """A free path in the current folder: what is in the model's own is published with it."""
        return temporary_files.reserve(Path(f"{self.path.name}-{Path(name).name}") for name in names)

    def write(self, name: str, content: bytes | str) -> None:
        """Raise ResourceError: nothing is written into a published model."""
        raise ResourceError(f"{self.path} is a published model, which is not changed")

    def set_about(self, **changes: str) -> None:
        """Raise CheckpointError: a published model is not renamed and has no note."""
        self.lock.hold()


class _Unchangeable(Holdable):
    """The lock of a published model, which cannot be held."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def hold(self) -> NoReturn:
        """Raise CheckpointError."""
        raise CheckpointError(
            f"{self.path} is a published model, which commands do not train or change: use the run that it is from"
        )

    def release(self) -> None:
        """Do nothing."""

    def is_held(self) -> bool:
        """No."""
        return False


def is_published(path: Path) -> bool:
    """Whether a folder is a published model, or damaged, rather than a run."""
    return os.path.lexists(path / RECORD) and not os.path.lexists(path / "run.json")
