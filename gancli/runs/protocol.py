"""What a training loop needs of a run, on the chief and on the other workers."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

from gancli.models.base import Model
from gancli.runs.checkpoints import Position


class Holdable(Protocol):
    """A lock that one process holds at a time."""

    def hold(self) -> None:
        """Hold it. Raises: LockedError if another process does."""

    def release(self) -> None:
        """Release it, if it is held."""


class TrainingRun(Protocol):
    """A run that is being trained: `Run` on the chief, `NullRun` on the other workers.

    Attributes: `path` of its folder, `lock`, held during the training.
    """

    path: Path
    lock: Holdable

    def status(self) -> dict[str, Any]:
        """state, step, total, reason and changes, as in status.json."""

    def set_status(self, state: str, *, step: int, total: int | None = None, reason: str = "") -> None:
        """Write state, step, total steps and reason to status.json. Raises: ResourceError."""

    def save(self, model: Model, position: Position) -> None:
        """Write a checkpoint of the model at a position. Raises: DivergedError, ResourceError."""

    def checkpoints(self) -> dict[int, Path]:
        """Paths of all checkpoints by step, in order."""
