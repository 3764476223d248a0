"""Runs renamed, and deleted or moved to the trash."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator

from gancli.core import files
from gancli.core.errors import OptionError, ResourceError
from gancli.core.file_locks import numbering
from gancli.runs import names
from gancli.runs.run import Run

LAST_DELETED = ("run.json", ".lock")  # what is left by a kill is still a run, and can be deleted again


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
