"""Maintenance of runs: verify checkpoints, delete those that are no longer needed, rename and delete runs."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gancli.core import files, temporary_files
from gancli.core.errors import CheckpointError, OptionError, ResourceError
from gancli.core.file_locks import numbering
from gancli.runs import names, retention
from gancli.runs.run import Run

LAST_DELETED = ("run.json", ".lock")  # what is left by a kill is still a run, and can be deleted again


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
    old = [(paths[step], reason) for step, reason in reasons.items() if step in paths]
    for path, reason in [*old, *((path, "left by a kill") for path in report.leftovers)]:
        with contextlib.suppress(OSError):  # another command has just deleted it
            if path.is_file():
                items.append(PruneItem(path, reason, path.lstat().st_size))
    return items


def prune(run: Run, keep: int) -> tuple[IntegrityReport, list[PruneItem]]:
    """Delete the files of `prunable`. Returns: the state before, and what was deleted.

    Raises: LockedError if the run is being trained.
    """
    with _held(run):
        report = check(run)
        items = prunable(report, keep)
        for item in items:
            if item.path in report.leftovers:
                temporary_files.remove(item.path)
            else:
                item.path.unlink(missing_ok=True)
    return report, items


def rename(run: Run, name: str) -> Run:
    """Give a run another name, which its folder gets too; returns the renamed run.

    Raises: OptionError as `names.check_new`, LockedError if it is being trained, ResourceError.
    """
    outdir = run.path.parent
    with _held(run), numbering(outdir):
        names.check_new(name, outdir, run=run.path)
        path = outdir / _folder(run, name)
        if path != run.path and path.exists():
            raise OptionError(f"name '{name}': {path} already exists; choose another name")
        run.set_about(name=name)
        with _as_resource_error(f"rename {run.path} to {path}"):
            run.path.rename(path)
    return Run(path)


def _folder(run: Run, name: str) -> str:
    """The name of a run's folder with another name of the run at its end; a folder that was named by hand keeps its."""
    number, before = run.path.name.partition("-")[0], files.safe_name(run.name)
    what = f"{run.record['model']}-{files.safe_name(run.facts.name)}"
    if run.number < 0 or run.path.name != f"{number}-{what}{f'-{before}' if before else ''}":
        return run.path.name
    return f"{number}-{what}-{files.safe_name(name)}"


def size(run: Run) -> int:
    """Bytes of the files in a run's folder; links are not followed."""
    return sum(path.lstat().st_size for path in run.path.rglob("*") if path.is_symlink() or path.is_file())


def delete(run: Run) -> None:
    """Delete a run's folder. Raises: LockedError if it is being trained, ResourceError if files cannot be deleted."""
    folder = run.path.absolute()  # also if it is the working directory
    with _held(run), _as_resource_error(f"delete {run.path}"):
        for path in sorted(folder.iterdir(), key=lambda path: path.name in LAST_DELETED):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
        folder.resolve().rmdir()
        if folder.is_symlink():
            folder.unlink()


def need_trash() -> None:
    """Raise OptionError if the package that moves files to the trash is not installed."""
    if importlib.util.find_spec("send2trash") is None:
        raise OptionError("--trash needs a package that is not installed: pip install 'gancli[trash]'")


def move_to_trash(run: Run) -> None:
    """Move a run's folder to the trash of the system.

    Raises: LockedError if it is being trained, OptionError as `need_trash`, ResourceError if there is no trash.
    """
    need_trash()
    from send2trash import send2trash

    with _held(run), _as_resource_error(f"delete {run.path}"):
        send2trash(run.path.absolute())


@contextlib.contextmanager
def _held(run: Run) -> Iterator[None]:
    """Hold the lock of a run. Raises: LockedError if it is being trained."""
    run.lock.hold()
    try:
        yield
    finally:
        run.lock.release()


@contextlib.contextmanager
def _as_resource_error(action: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        where = f": {error.filename}" if error.filename else ""
        raise ResourceError(f"cannot {action}: {error.strerror or error}{where}") from error
