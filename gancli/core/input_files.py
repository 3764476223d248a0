"""The input files of a command, by identity: it never overwrites them, whatever path leads to them."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from gancli.core.errors import OptionError

Identity: TypeAlias = tuple[int, int]  # device and inode: equal for every link to a file and every spelling of its path
RUN_FILES = ("run.json", "about.json", "status.json", "resumes.jsonl", "metrics.jsonl", ".lock")


@dataclass
class _Inputs:
    read: set[Identity] = field(default_factory=set)
    listed: list[Path] = field(default_factory=list)  # not in `read` yet: there may be many


_commands: list[_Inputs] = []  # the innermost last


@contextlib.contextmanager
def guard() -> Iterator[None]:
    """Around a command: within it, no input file is overwritten."""
    _commands.append(_Inputs())
    try:
        yield
    finally:
        _commands.pop()


def reads(*paths: Path) -> None:
    """Register input files, which the command then never overwrites; files that do not exist are skipped."""
    if _commands:
        _commands[-1].read.update(filter(None, map(_identity, paths)))


def reads_all(paths: Iterable[Path]) -> None:
    """As `reads`, for many files: their identities are only determined when an existing file would be overwritten."""
    if _commands:
        _commands[-1].listed.extend(paths)


def _identity(path: Path) -> Identity | None:
    """The identity of a file, following links; None if it does not exist."""
    try:
        status = os.stat(path)  # noqa: PTH116 (pathlib's is slower, and folders hold many files)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def forget(path: Path) -> None:
    """Allow the command to overwrite this input file: it was damaged, and is created again."""
    if _commands:
        _commands[-1].read.discard(_identity(path))


def need_free(path: Path) -> None:
    """Raise OptionError if `path` must not be overwritten: an input file, a pipe or device, or a file that a run needs.

    Folders are accepted.
    """
    try:
        _need_outside_of_runs(path)
        status = path.stat() if path.exists() else None
    except (OSError, RuntimeError):  # a name that is too long, or a loop of links: writing reports it
        return
    if status is None or stat.S_ISDIR(status.st_mode):
        return
    if _commands:
        reads(*_commands[-1].listed)
        _commands[-1].listed.clear()
        if (status.st_dev, status.st_ino) in _commands[-1].read:
            raise OptionError(f"{path} is an input of this command: choose another output path")
    if not stat.S_ISREG(status.st_mode):
        raise OptionError(f"{path} is not a regular file: choose another output path")


def _need_outside_of_runs(path: Path) -> None:
    """Raise OptionError for a path among a run's checkpoints or record files, as written and with links resolved."""
    for place in {Path(os.path.abspath(path)), path.resolve()}:  # noqa: PTH100 (which keeps links)
        above = [place, *place.parents]
        for run in [folder for folder in above if (folder / "run.json").is_file()][:1]:
            is_record = place.parent == run and place.name in RUN_FILES
            if is_record or {run / "checkpoints", (run / "checkpoints").resolve()} & {*above}:
                raise OptionError(f"{path} belongs to the run {run}: choose another output path")
