"""Callbacks: what happens between the chunks of a training, and the interface for callbacks of your own.

The loop runs steps in chunks inside one graph. At the end of a chunk it calls, in this order: `measure` of every
callback; `on_record`, if a record is due; then the caller of `loop.train` gets the report; then `on_chunk_end`. The
built-in callbacks come first and the checkpoint last, so that a problem found by the monitor is never saved and a stop
requested by a callback is.
"""

from __future__ import annotations

from collections.abc import Sequence

from gancli.models.base import Model
from gancli.training.callbacks.base import STOPPED_BY_CHIEF, Callback, StepReport, TrainingContext
from gancli.training.callbacks.callback_list import CallbackList
from gancli.training.callbacks.checkpoint import CheckpointCallback
from gancli.training.callbacks.metrics import MetricsCallback
from gancli.training.callbacks.monitor import MonitorCallback
from gancli.training.callbacks.progress import ProgressCallback
from gancli.training.callbacks.sample_grid import SampleGridCallback
from gancli.training.callbacks.tensorboard import TensorBoardCallback
from gancli.training.callbacks.time_limit import TimeLimitCallback
from gancli.training.callbacks.validation import ValidationCallback

__all__ = [
    "STOPPED_BY_CHIEF",
    "Callback",
    "CallbackList",
    "CheckpointCallback",
    "MetricsCallback",
    "MonitorCallback",
    "ProgressCallback",
    "SampleGridCallback",
    "StepReport",
    "TensorBoardCallback",
    "TimeLimitCallback",
    "TrainingContext",
    "ValidationCallback",
    "with_built_in",
]


def with_built_in(model: Model, callbacks: Sequence[Callback]) -> CallbackList:
    """The callbacks of a training in the order in which they are called: built-in ones, the caller's, checkpoint."""
    built_in: list[Callback] = [SampleGridCallback()]
    if model.config.eval_every:
        built_in.append(ValidationCallback())
    built_in += [MetricsCallback(), MonitorCallback()]
    if model.config.tensorboard:
        built_in.append(TensorBoardCallback())
    return CallbackList([*built_in, *callbacks, TimeLimitCallback(), CheckpointCallback()])
