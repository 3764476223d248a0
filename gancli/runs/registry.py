"""The runs of a folder: list them all, find one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from gancli import models
from gancli.core.errors import CheckpointError, OptionError
from gancli.core.names.similar import did_you_mean
from gancli.core.options import whole
from gancli.models.base import Model
from gancli.runs.folder import run_number
from gancli.runs.names import LAST
from gancli.runs.published.run import PublishedRun, is_published
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
) -> Run:
    """The run that a selector means; without one the newest with a trained checkpoint.

    selector: a path; "last" or "last-N", counted from the newest; a number; a name; a folder's name; the beginning of a
    name or of a folder's name. ability: a capability that the model must have (models/capabilities.py). model: the run
    must be one of it. prefer: without a selector, runs for which it is true come first.

    Raises: CheckpointError if there is none or it may be several, OptionError if the model lacks the capability.
    """
    if selector is None:
        capable = [run for run in list_runs(outdir) if run.can(ability) and (model is None or _is_of(run, model))]
        trained = [run for run in reversed(capable) if max(run.checkpoints(), default=0) > 0]
        if trained:
            return next((run for run in trained if run.is_loaded and prefer(run)), trained[0])
        if model is not None:
            _refuse_other_files(outdir, model)
            raise CheckpointError(f"no trained run of the model {model.name()} in {outdir} that this command can use")
        raise CheckpointError(_no_run_message(outdir, ability))
    run = _select(selector, outdir)
    if model is not None and run.model_class is not model:
        raise OptionError(f"{run.path} is a run of {run.record['model']}, not of {model.name()}: leave --model out")
    need_ability(run, ability)
    return run


def need_ability(run: Run, ability: type | None) -> None:
    """Raise OptionError if the model of a run lacks a capability (models/capabilities.py)."""
    if not run.can(ability):
        raise OptionError(f"{run.record['model']} cannot do this: {ability.missing_message}")


def open_folder(path: Path) -> Run:
    """The run in a folder, or the model that was published there. Raises: CheckpointError if it is neither."""
    return PublishedRun(path) if is_published(path) else Run(path)


def _refuse_other_files(outdir: Path, model: type[Model]) -> None:
    """Raise OptionError if the newest run of a model of this name was trained with another version of its file."""
    others = [run for run in list_runs(outdir) if not run.is_loaded and run.record["model"] == model.name()]
    if others:
        others[-1].model_class  # noqa: B018 (which raises it)


def _is_of(run: Run, model: type[Model]) -> bool:
    return run.is_loaded and run.model_class is model


def _no_run_message(outdir: Path, ability: type | None) -> str:
    """A message that a folder has no run that can be used, with a model to train for it."""
    able = [name for name in models.built_in() if ability is None or issubclass(models.get(name), ability)]
    example = DEFAULT_MODEL if DEFAULT_MODEL in able else able[0]
    missing = f"no trained run of {' or '.join(filter(None, [', '.join(able[:-1]), able[-1]]))} in {outdir}"
    if len(able) > FEW_MODELS:
        missing = f"no run in {outdir} that this command can use"
    return f"{missing}: train one with gancli train --model {example}, or give --run PATH"


def _select(selector: str, outdir: Path) -> Run:
    if os.path.exists(Path(selector) / "run.json") or is_published(Path(selector)):  # noqa: PTH110 (pathlib's fails for a name that is too long)
        return open_folder(Path(selector))
    runs, number = list_runs(outdir), whole(selector, MOST_NUMBER)
    if last := LAST.fullmatch(selector):
        found = runs[::-1][int(last[1] or 0) :][:1]
    elif number is not None:
        found = [run for run in runs if run.number == number]
    else:
        found = _by_name(selector, runs)
    if len(found) == 1:
        return found[0]
    if found:
        raise CheckpointError(f"'{selector}' may be several runs in {outdir}: {_listed(found)}; give one's number")
    if not runs:
        raise CheckpointError(
            f"no run is called '{selector}', as {outdir} has no runs: start one with gancli train, or give --outdir"
        )
    if last:
        raise CheckpointError(f"'{selector}' is no run: {outdir} has {len(runs)} in all; the newest is last")
    near = did_you_mean(selector, [run.name for run in runs if run.name])
    raise CheckpointError(f"no run is called '{selector}' in {outdir}{near}; existing runs: {_listed(runs)}")


def _by_name(name: str, runs: Sequence[Run]) -> list[Run]:
    """The runs that a name may mean: by a folder's whole name, else by a run's, else by the beginning of either."""
    return (
        [run for run in runs if run.path.name == name]
        or [run for run in runs if run.name == name]
        or [run for run in runs if run.name.startswith(name) or run.path.name.startswith(name)]
    )


def _listed(runs: Sequence[Run]) -> str:
    """The folders of the newest of these runs."""
    more = f" and {len(runs) - MAX_NAMES} older" if len(runs) > MAX_NAMES else ""
    return (", ".join(run.path.name for run in runs[-MAX_NAMES:]) or "none") + more
