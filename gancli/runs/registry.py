"""The runs of a folder: list them all, find one."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from gancli import models
from gancli.core.errors import CheckpointError, OptionError
from gancli.core.options import whole
from gancli.models.base import Model
from gancli.runs.folder import run_number
from gancli.runs.run import Run

MOST_NUMBER = 999_999_999  # of a run
MAX_NAMES = 5  # names of runs in a message
DEFAULT_MODEL, FEW_MODELS = "dcgan", 4  # the example in a message; models listed in it


def list_runs(outdir: Path, *, warn: Callable[[str], None] = lambda text: None) -> list[Run]:
    """All readable runs in a folder, oldest first. warn: called with a message for each that cannot be read."""
    paths = sorted((path.parent for path in outdir.glob("*/run.json")), key=lambda path: (run_number(path), path.name))
    runs = []
    for path in paths:
        try:
            runs.append(Run(path))
        except CheckpointError as error:
            warn(str(error))
    return runs


def find_run(
    selector: str | None,
    outdir: Path,
    *,
    ability: type | None = None,
    model: type[Model] | None = None,
    prefer: Callable[[Run], bool] = lambda run: True,
    note: Callable[[str], None] = lambda text: None,
) -> Run:
    """The run with a number, name or path; without a selector the newest one with a trained checkpoint.

    selector: a number, the name given by --name, the name of the folder, or a path. ability: a capability that the
    model must have (models/capabilities.py). model: the run must be one of it. prefer: without a selector, runs for
    which it is true come first. note: called with a message if several runs have the name; the newest is returned.

    Raises: CheckpointError if there is none or several have the number, OptionError if the model lacks the capability.
    """
    if selector is None:
        capable = [run for run in list_runs(outdir) if run.can(ability) and (model is None or _is_of(run, model))]
        trained = [run for run in reversed(capable) if max(run.checkpoints(), default=0) > 0]
        if trained:
            return next((run for run in trained if run.is_loaded and prefer(run)), trained[0])
        if model is not None:
            raise CheckpointError(f"no trained run of the model {model.name()} in {outdir} that this command can use")
        raise CheckpointError(_no_run_message(outdir, ability))
    run = _selected(selector, outdir, note)
    if model is not None and run.model_class is not model:
        raise OptionError(f"{run.path} is a run of {run.record['model']}, not of {model.name()}: leave --model out")
    if not run.can(ability):
        raise OptionError(f"{run.record['model']} cannot do this: {ability.missing_message}")
    return run


def _is_of(run: Run, model: type[Model]) -> bool:
    return run.is_loaded and run.model_class is model


def _no_run_message(outdir: Path, ability: type | None) -> str:
    """A message that a folder has no run that can be used, with a model to train for it."""
    names = [name for name in models.names() if ability is None or issubclass(models.get(name), ability)]
    example = DEFAULT_MODEL if DEFAULT_MODEL in names else names[0]
    missing = f"no trained run of {' or '.join(filter(None, [', '.join(names[:-1]), names[-1]]))} in {outdir}"
    if len(names) > FEW_MODELS:
        missing = f"no run in {outdir} that this command can use"
    return f"{missing}: train one with gancli train --model {example}, or give --run PATH"


def _selected(selector: str, outdir: Path, note: Callable[[str], None]) -> Run:
    if os.path.exists(Path(selector) / "run.json"):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        return Run(Path(selector))
    runs = list_runs(outdir)
    number = whole(selector, MOST_NUMBER)
    found = _by_name(selector, runs, note) if number is None else [run for run in runs if run.number == number]
    if len(found) == 1:
        return found[0]
    listed = found or runs[-MAX_NAMES:]
    more = f" and {len(runs) - MAX_NAMES} older" if not found and len(runs) > MAX_NAMES else ""
    names = (", ".join(run.path.name for run in listed) or "none") + more
    problem = "several runs are" if found else "no run is"
    raise CheckpointError(f"{problem} called '{selector}' in {outdir}{': ' if found else '; existing runs: '}{names}")


def _by_name(name: str, runs: list[Run], note: Callable[[str], None]) -> list[Run]:
    """The run whose folder has this name, or the newest run with it; none if there is no such run."""
    folders = [run for run in runs if run.path.name == name]
    *others, newest = folders or [run for run in runs if run.record["name"] == name] or [None]
    if others:
        listed = ", ".join(run.path.name for run in others[-MAX_NAMES:])
        listed += f" and {len(others) - MAX_NAMES} older" if len(others) > MAX_NAMES else ""
        note(f"note: {newest.path.name} is the newest of the runs called '{name}'; the others: {listed}")
    return [newest] if newest else []
