"""Names of runs: which name a run may be given."""

from __future__ import annotations

import contextlib
import itertools
import re
from pathlib import Path

from gancli.core.errors import CheckpointError, OptionError
from gancli.runs import metadata

LAST = re.compile("last(?:-([0-9]{1,9}))?")  # selects the newest run, or the one so many before it


def check_new(name: str, outdir: Path, *, run: Path | None = None) -> None:
    """Raise OptionError for a name that another run in the folder has, or that selects a run by its number.

    run: the run that is to be renamed, if it is not a new one.
    """
    if name.isascii() and name.isdecimal():
        raise OptionError(f"name '{name}': digits alone select a run by its number; choose another, such as run-{name}")
    if LAST.fullmatch(name):
        raise OptionError(f"name '{name}' always selects the newest run or one before it; choose another name")
    owner = _owners(outdir).get(name)
    if owner is not None and owner != run:
        raise OptionError(f"name '{name}' is taken by {owner}; the next free name is {free(name, outdir)}")


def free(name: str, outdir: Path) -> str:
    """This name if no run in the folder has it, else the first free one of NAME-2, NAME-3, …; a number at its end, such
    as that of NAME-2, is counted up."""
    taken, stem = _owners(outdir), re.sub("(?<=.)-[0-9]{1,9}$", "", name)
    names = itertools.chain([name], (f"{stem}-{number}" for number in itertools.count(2)))
    return next(one for one in names if one not in taken)


def _owners(outdir: Path) -> dict[str, Path]:
    """The run that each name belongs to: those that were given, and those of the folders."""
    owners = {}
    for file in sorted(outdir.glob("*/run.json")):
        owners[file.parent.name] = file.parent
        with contextlib.suppress(CheckpointError):
            name = (metadata.read_json(file) | metadata.read_about(file.parent / "about.json")).get("name")
            if isinstance(name, str) and name:
                owners[name] = file.parent
    return owners
