"""How a training fails: losses that are no longer finite, and the status of the run after an error."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

from gancli.core.backend import np
from gancli.core.errors import DivergedError, GancliError, Interrupted, ResourceError
from gancli.models.base import Model
from gancli.runs.run import Run
from gancli.training.resume import SLOWER

STATES = {DivergedError: "diverged", Interrupted: "interrupted"}  # in status.json; "failed" after any other error


def need_finite(scalars: Mapping[str, float], *, step: int, run: Run, model: Model) -> None:
    """Raise DivergedError if the metrics of the last step contain NaN or infinity."""
    for name, value in scalars.items():
        if not np.isfinite(value):
            raise DivergedError(f"{name} is {value} at step {step:,}. {learning_rate_advice(run, model)}", good=step)


def learning_rate_advice(run: Run, model: Model) -> str:
    """How to continue from the newest checkpoint with a smaller learning rate."""
    newest, rate = max(run.checkpoints(), default=0), model.options.learning_rate
    return (
        f"The checkpoint of step {newest:,} is intact: continue from it with gancli train --resume --run {run.path} "
        f"--learning-rate {rate / SLOWER:g} (it was {rate:g}), or look for unusual images with gancli data check"
    )


def record_failure(run: Run, error: BaseException) -> None:
    """Write to status.json how an error ended the training."""
    reason = str(error) if isinstance(error, GancliError) else repr(error)
    with contextlib.suppress(ResourceError):  # a full disk must not hide the first error
        run.set_status(STATES.get(type(error), "failed"), step=run.status()["step"], reason=reason)
