"""The state of a checkpoint given to a model: which checkpoint, and what if it is damaged."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Container
from typing import TYPE_CHECKING

from gancli.core import input_files, options
from gancli.core.errors import CheckpointError, DataError, OptionError
from gancli.models import base
from gancli.models.base import Model
from gancli.models.config import MOST_STEPS, Settings
from gancli.nn import memory_limit
from gancli.runs import checkpoints
from gancli.runs.checkpoints import OpenCheckpoint, Position

if TYPE_CHECKING:
    from gancli.runs.run import Run

LONGEST = 300  # characters of a message about a run.json, which may come from anyone


def build_and_restore(
    run: Run, build: Callable[[], Model], which: str, *, warn: Callable[[str], None]
) -> tuple[Model, Position]:
    """The model that `build` returns, with the state of a checkpoint, and the position in it.

    which: a step, "best", or "last", the newest intact one. The model is built once an intact checkpoint is open, with
    no more memory than that checkpoint accounts for. Raises: CheckpointError if there is none, or a step was named and
    is damaged.
    """
    input_files.reads_all(run.checkpoints().values())
    model = None
    failure, attempts = _none_yet(run), set()
    while (step := _next_step(run, which, attempts)) is not None:
        attempts.add(step)
        try:
            with run.open_checkpoint(step) as checkpoint:
                if model is None:
                    model = build_within(run, build, checkpoint)
                checkpoints.assign(checkpoint, model.variables(), name=checkpoint.name)
                return model, checkpoint.position
        except CheckpointError as error:
            failure = str(error)
            if which == "last" and step in run.checkpoints():  # else a running training has replaced it
                warn(f"{error}; trying the previous one")
    raise CheckpointError(failure)


def build_within(run: Run, build: Callable[[], Model], checkpoint: OpenCheckpoint) -> Model:
    """The model that `build` returns, in no more memory than the checkpoint accounts for.

    Raises: CheckpointError if the data facts in run.json do not fit the model.
    """
    try:
        with memory_limit.like(checkpoint.bytes_each(), name=checkpoint.name):
            return build()
    except DataError as error:
        raise unfit(run, error) from error


def unfit(run: Run, error: DataError) -> CheckpointError:
    """The error for data facts in a run.json that do not fit its model."""
    return CheckpointError(f"{run.path}/{run.RECORD} does not fit its model: {str(error)[:LONGEST]}")


def outline(run: Run, settings: Settings) -> Model:
    """The model of a run without networks, for `Run.outline`. Raises: CheckpointError if run.json does not fit it."""
    try:
        return base.outline(run.model_class, *settings, run.facts)
    except DataError as error:
        raise unfit(run, error) from error


def need_ema(run: Run, weights: str | None, *, is_kept: bool) -> None:
    """Raise OptionError for the weights "ema" if no moving average is kept."""
    if weights == "ema" and not is_kept:
        raise OptionError(f"{run.path} keeps no moving average of its weights: leave --weights out")


def need_step(run: Run, which: str) -> None:
    """Raise CheckpointError if a run has no checkpoint of this step, "best" or "last"."""
    if _next_step(run, which, ()) is None:
        raise CheckpointError(_none_yet(run))


def newest_position(run: Run) -> Position | None:
    """The position in the newest intact checkpoint; None if there is none."""
    for step in reversed(run.checkpoints()):
        with contextlib.suppress(CheckpointError), run.open_checkpoint(step) as checkpoint:
            return checkpoint.position
    return None


def _none_yet(run: Run) -> str:
    return f"{run.path} has no checkpoint yet: start the training anew"


def _next_step(run: Run, which: str, attempts: Container[int]) -> int | None:
    """The step of the checkpoint to try after those tried. Raises: CheckpointError if the one that is named is absent.

    The folder is listed each time: a running training writes new checkpoints and deletes old ones.
    """
    steps = run.checkpoints()
    if which == "last":
        return max((step for step in steps if step not in attempts), default=None)
    step = _best_step(run) if which == "best" else options.whole(which, MOST_STEPS)
    if step not in steps:
        found = ", ".join(map(str, steps)) or "none"
        raise CheckpointError(f"{run.path} has no checkpoint {which}; it has {found}")
    return None if step in attempts else step


def _best_step(run: Run) -> int:
    best = run.best()
    if best is None:
        raise CheckpointError(
            f"{run.path} has no validation scores (--eval-every), so no checkpoint is the best: use last"
        )
    return best[0]
