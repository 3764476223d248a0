"""The shelf of runs: all of a folder, and the one that is meant."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from gancli.core.errors import CheckpointError, OptionError
from gancli.core.options import whole
from gancli.runs.run import Run, run_number

MOST_NUMBER = 999_999_999  # of a run
SHOWN = 5  # names, where none is the one that was asked for


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


def find(
    selector: str | None,
    outdir: Path,
    *,
    ability: type | None = None,
    prefer: Callable[[Run], bool] = lambda run: True,
    note: Callable[[str], None] = lambda text: None,
) -> Run:
    """The run of a number, name or path; without one the newest with a trained checkpoint and the ability.

    prefer: of the newest ones, says which are better; where it likes none, the newest is taken. note: is told which
    others bear the name of the run.

    Raises: CheckpointError if there is none or several bear the number, OptionError if it cannot do what is asked.
    """
    if selector is None:
        able = [run for run in every(outdir) if ability is None or issubclass(run.model_class, ability)]
        trained = [run for run in reversed(able) if max(run.checkpoints(), default=0) > 0]
        if trained:
            return next(filter(prefer, trained), trained[0])
        raise CheckpointError(f"no run in {outdir} can do this yet: train one with gancli train, or give --run PATH")
    run = _named(selector, outdir, note)
    if ability is not None and not issubclass(run.model_class, ability):
        raise OptionError(f"{run.record['model']} cannot do this: {ability.missing_message}")
    return run


def _named(selector: str, outdir: Path, note: Callable[[str], None]) -> Run:
    if os.path.exists(Path(selector) / "run.json"):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        return Run(Path(selector))
    runs = every(outdir)
    number = whole(selector, MOST_NUMBER)
    named = _called(selector, runs, note) if number is None else [run for run in runs if run.number == number]
    if len(named) == 1:
        return named[0]
    shown = named or runs[-SHOWN:]
    more = f" and {len(runs) - SHOWN} older" if not named and len(runs) > SHOWN else ""
    found = (", ".join(run.path.name for run in shown) or "none") + more
    raise CheckpointError(f"{'several runs are' if named else 'no run is'} called '{selector}' in {outdir}: {found}")


def _called(name: str, runs: list[Run], note: Callable[[str], None]) -> list[Run]:
    """The run whose folder is called so, or the newest of that name, if there is one."""
    folders = [run for run in runs if run.path.name == name]
    *others, newest = folders or [run for run in runs if run.record["name"] == name] or [None]
    if others:
        shown = ", ".join(run.path.name for run in others[-SHOWN:])
        shown += f" and {len(others) - SHOWN} older" if len(others) > SHOWN else ""
        note(f"note: {newest.path.name} is the newest of the runs called '{name}'; the others: {shown}")
    return [newest] if newest else []
