"""The run as workers other than the chief see it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gancli.models.base import Model
from gancli.runs.checkpoints import Position
from gancli.runs.protocol import Holdable, TrainingRun


class NullLock(Holdable):
    """A lock without effect: the chief holds the real one."""

    def hold(self) -> None:
        """Do nothing."""

    def release(self) -> None:
        """Do nothing."""


class NullRun(TrainingRun):
    """Null object used in place of `Run` on workers other than the chief: it has no files, and writes do nothing.

    Attributes: `path`, the run's name in messages; `lock`, a NullLock.
    """

    def __init__(self, path: Path = Path("RUN")) -> None:
        self.path, self.lock = path, NullLock()

    def status(self) -> dict[str, Any]:
        """The status of a run that has just begun."""
        return {"state": "running", "step": 0, "total": 0, "reason": "", "changes": {}}

    def set_status(self, state: str, *, step: int, total: int | None = None, reason: str = "") -> None:
        """Do nothing."""

    def save(self, model: Model, position: Position) -> None:
        """Do nothing."""

    def checkpoints(self) -> dict[int, Path]:
        """No checkpoints."""
        return {}
