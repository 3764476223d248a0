"""Maintenance of runs: verify their checkpoints, and delete those that are no longer needed."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gancli.core import temporary_files
from gancli.core.errors import CheckpointError
from gancli.runs import retention
from gancli.runs.run import Run


@dataclass(frozen=True)
class IntegrityReport:
    """The state of a run's checkpoints.

    Attributes: `run`; `whole`, the steps of intact ones, in order; `damaged`, a message by step; `leftovers`, temporary
    files of killed processes.
    """

    run: Run
    whole: tuple[int, ...]
    damaged: Mapping[int, str]
    leftovers: tuple[Path, ...]

    @property
    def newest(self) -> int | None:
        """The step that a resume continues from; None without an intact checkpoint."""
        return max(self.whole, default=None)

    @property
    def best(self) -> tuple[int, float] | None:
        """Step and validation score of the best intact checkpoint; None if none was scored."""
        return self.run.best(self.whole)


@dataclass(frozen=True)
class PruneItem:
    """A file that can be deleted: its `path`, the `reason`, and its `size` in bytes."""

    path: Path
    reason: str
    size: int


def check(run: Run) -> IntegrityReport:
    """Read and verify every checkpoint of a run."""
    whole, damaged = [], {}
    for step, path in run.checkpoints().items():
        try:
            run.read_checkpoint(step)
            whole.append(step)
        except CheckpointError as error:
            if path.exists() or path.is_symlink():  # else a running training has just replaced it
                damaged[step] = str(error)
    return IntegrityReport(run, tuple(whole), damaged, tuple(temporary_files.left_over(run.path)))


def prunable(report: IntegrityReport, keep: int) -> list[PruneItem]:
    """The files to delete: all intact checkpoints but the newest `keep` and the best, and the damaged ones if there is
    an intact one; temporary files of killed processes.

    Raises: ValueError if keep is less than 1.
    """
    if keep < 1:
        raise ValueError(f"keep {keep}: at least one checkpoint must stay")
    spared = {report.best[0]} if report.best else set()
    reasons = dict.fromkeys(retention.superseded(report.whole, keep=keep, spared=spared), "old")
    reasons |= dict.fromkeys(report.damaged, "damaged") if report.whole else {}
    paths, items = report.run.checkpoints(), []
    files = [(paths[step], reason) for step, reason in reasons.items() if step in paths]
    for path, reason in [*files, *((path, "left by a kill") for path in report.leftovers)]:
        with contextlib.suppress(OSError):  # another command has just deleted it
            if path.is_file():
                items.append(PruneItem(path, reason, path.lstat().st_size))
    return items


def prune(run: Run, keep: int) -> tuple[IntegrityReport, list[PruneItem]]:
    """Delete the files of `prunable`. Returns: the state before, and what was deleted.

    Raises: LockedError if the run is being trained.
    """
    run.lock.hold()
    try:
        report = check(run)
        items = prunable(report, keep)
        for item in items:
            if item.path in report.leftovers:
                temporary_files.remove(item.path)
            else:
                item.path.unlink(missing_ok=True)
    finally:
        run.lock.release()
    return report, items
