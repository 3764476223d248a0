"""A run as a worker sees it that is not the chief."""

from __future__ import annotations

from pathlib import Path
from typing import Any


class NullRun:
    """Stands where a Run stands, and writes nothing: the chief keeps the run.

    Attributes: `path`, a name to speak of; `lock`, which it holds as little as it writes.
    """

    def __init__(self, path: Path = Path("RUN")) -> None:
        self.path, self.lock = path, self

    def hold(self) -> None:
        """Nothing is kept from others."""

    def release(self) -> None:
        """Nothing was kept from them."""

    def set_status(self, state: str, **facts: object) -> None:
        """The chief writes it."""

    def status(self) -> dict[str, Any]:
        """As of a run that is new."""
        return {"state": "running", "step": 0, "reason": "", "changes": {}}

    def save(self, model: object, position: object) -> None:
        """The chief writes it."""

    def log(self, record: object) -> None:
        """The chief writes it."""

    def checkpoints(self) -> dict[int, Path]:
        """None of its own."""
        return {}

    def pictures(self) -> dict[int, Path]:
        """None of its own."""
        return {}

    def metrics(self) -> list[dict[str, Any]]:
        """None of its own."""
        return []
