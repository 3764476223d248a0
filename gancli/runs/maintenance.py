"""The upkeep of runs: which checkpoints are whole, what a resume would go on from, and what can go to free space."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gancli.core import temporary_files
from gancli.core.errors import CheckpointError
from gancli.runs.run import Run


@dataclass(frozen=True)
class IntegrityReport:
    """What was found of a run's checkpoints.

    whole: their steps, in order. damaged: by step, in words. leftovers: files that a kill left half written.
    """

    run: Run
    whole: tuple[int, ...]
    damaged: Mapping[int, str]
    leftovers: tuple[Path, ...]

    @property
    def newest(self) -> int | None:
        """The step that a resume goes on from."""
        return max(self.whole, default=None)

    @property
    def best(self) -> tuple[int, float] | None:
        """Step and score of the best one that is whole, if any was scored in training."""
        return self.run.best(self.whole)


@dataclass(frozen=True)
class PruneItem:
    """A file that can go: which, why, and how many bytes that frees."""

    path: Path
    reason: str
    size: int


def check(run: Run) -> IntegrityReport:
    """Read every checkpoint of a run whole."""
    whole, damaged = [], {}
    for step, path in run.checkpoints().items():
        try:
            run.read_checkpoint(step)
            whole.append(step)
        except CheckpointError as error:
            if path.exists() or path.is_symlink():  # else the training that goes on has just replaced it
                damaged[step] = str(error)
    return IntegrityReport(run, tuple(whole), damaged, tuple(temporary_files.left_over(run.path)))


def prunable(found: IntegrityReport, keep: int) -> list[PruneItem]:
    """What can go: all but the newest `keep` whole checkpoints and the best; the damaged ones if a whole one is left.

    Raises: ValueError if nothing would be kept.
    """
    if keep < 1:
        raise ValueError(f"keep {keep}: at least one checkpoint must stay")
    spared = {*found.whole[-keep:], *(found.best or ())[:1]}
    reasons = {step: "old" for step in found.whole if step not in spared}
    reasons |= dict.fromkeys(found.damaged, "damaged") if found.whole else {}
    held, removals = found.run.checkpoints(), []
    files = [(held[step], reason) for step, reason in reasons.items() if step in held]
    for path, reason in [*files, *((path, "left by a kill") for path in found.leftovers)]:
        with contextlib.suppress(OSError):  # another command has just taken it away
            if path.is_file():
                removals.append(PruneItem(path, reason, path.lstat().st_size))
    return removals


def prune(run: Run, keep: int) -> tuple[IntegrityReport, list[PruneItem]]:
    """Delete what can go, as `removable` says; what was found before, and what is gone.

    Raises: LockedError if the run is being trained.
    """
    run.lock.hold()
    try:
        found = check(run)
        removals = prunable(found, keep)
        for removal in removals:
            if removal.path in found.leftovers:
                temporary_files.remove(removal.path)
            else:
                removal.path.unlink(missing_ok=True)
    finally:
        run.lock.release()
    return found, removals
