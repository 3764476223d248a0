"""The shelf of runs: all of a folder, and the one that is meant."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from gancli.errors import CheckpointError, OptionError
from gancli.runs import Run, run_number


def every(outdir: Path, *, warn: Callable[[str], None] = lambda text: None) -> list[Run]:
    """All readable runs below a folder, oldest first; `warn` is told of the others."""
    paths = sorted((path.parent for path in outdir.glob("*/run.json")), key=lambda path: (run_number(path), path.name))
    runs = []
    for path in paths:
        try:
            runs.append(Run(path))
        except CheckpointError as error:
            warn(str(error))
    return runs


def find(selector: str | None, outdir: Path, *, ability: type | None = None) -> Run:
    """The run of a number, name or path; without one the newest with a trained checkpoint and the ability.

    Raises: CheckpointError if there is none or several bear the name, OptionError if it cannot do what is asked.
    """
    if selector is None:
        able = [run for run in every(outdir) if ability is None or issubclass(run.model_class, ability)]
        for run in reversed(able):
            if max(run.checkpoints(), default=0) > 0:
                return run
        raise CheckpointError(f"no run in {outdir} can do this yet: train one with gancli train, or give --run PATH")
    run = _named(selector, outdir)
    if ability is not None and not issubclass(run.model_class, ability):
        raise OptionError(f"{run.record['model']} cannot do this: it is no {ability.__name__.lower()}")
    return run


def _named(selector: str, outdir: Path) -> Run:
    if os.path.exists(Path(selector) / "run.json"):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        return Run(Path(selector))
    runs = every(outdir)
    if selector.isdecimal():
        named = [run for run in runs if run.number == int(selector)]
    else:
        named = [run for run in runs if selector in (run.path.name, run.record["name"])][-1:]
    if len(named) == 1:
        return named[0]
    found = ", ".join(run.path.name for run in (named or runs[-5:])) or "none"
    raise CheckpointError(f"{'several runs are' if named else 'no run is'} called '{selector}' in {outdir}: {found}")
