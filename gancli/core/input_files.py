"""The files that a command reads, by their identity: it writes nothing over them, whatever they are called."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from gancli.core.errors import OptionError

Identity: TypeAlias = tuple[int, int]  # device and inode: one for every link to a file, and every spelling of its path
OF_A_RUN = ("run.json", "status.json", "metrics.jsonl", ".lock")


@dataclass
class _Kept:
    read: set[Identity] = field(default_factory=set)
    listed: list[Path] = field(default_factory=list)  # read too, not looked at yet: folders hold hundreds of thousands


_kept: list[_Kept] = []


@contextlib.contextmanager
def kept() -> Iterator[None]:
    """While a command works, nothing is written over what it reads."""
    _kept.append(_Kept())
    try:
        yield
    finally:
        _kept.pop()


def reads(*paths: Path) -> None:
    """From now on the command writes nothing over these files; those that are not there are passed over."""
    if _kept:
        _kept[-1].read.update(filter(None, map(_identity, paths)))


def reads_all(paths: Iterable[Path]) -> None:
    """As `reads`, for so many that they are only looked at when something is to be written over a file."""
    if _kept:
        _kept[-1].listed.extend(paths)


def _identity(path: Path) -> Identity | None:
    """What tells a file from all others, through links; None where there is none."""
    try:
        status = os.stat(path)  # noqa: PTH116 (pathlib's is slower, and folders hold many)
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino


def forget(path: Path) -> None:
    """The command may write over this file again: it was damaged, and is made anew."""
    if _kept:
        _kept[-1].read.discard(_identity(path))


def need_free(path: Path) -> None:
    """Raise OptionError for a place that may not be written: a file that is read, no file, or what makes a run a run.

    Folders are passed over.
    """
    try:
        _need_outside_of_runs(path)
        status = path.stat() if path.exists() else None
    except (OSError, RuntimeError):  # a name that is too long, links in a circle: writing says so
        return
    if status is None or stat.S_ISDIR(status.st_mode):
        return
    if _kept:
        reads(*_kept[-1].listed)
        _kept[-1].listed.clear()
        if (status.st_dev, status.st_ino) in _kept[-1].read:
            raise OptionError(f"{path} is what is read: name another place")
    if not stat.S_ISREG(status.st_mode):
        raise OptionError(f"{path} is not a file: name another place")


def _need_outside_of_runs(path: Path) -> None:
    """Raise OptionError for a place among the checkpoints of a run, or for a file of its records, as it is spelled and
    where links lead."""
    for place in {Path(os.path.abspath(path)), path.resolve()}:  # noqa: PTH100 (which keeps links)
        above = [place, *place.parents]
        for run in [folder for folder in above if (folder / "run.json").is_file()][:1]:
            is_record = place.parent == run and place.name in OF_A_RUN
            if is_record or {run / "checkpoints", (run / "checkpoints").resolve()} & {*above}:
                raise OptionError(f"{path} is among the files that make {run} a run: name another place")
