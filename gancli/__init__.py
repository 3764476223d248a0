"""Generative adversarial networks: train, sample and score them from the command line and from Python.

Nothing is imported before it is used, and the state of Keras and TensorFlow that a program has is left as it is: see
gancli.core.library_scope.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from gancli.core import VERSION as __version__

if TYPE_CHECKING:
    from gancli.api.datasets import list_datasets, load_dataset
    from gancli.api.evaluation import evaluate, list_metrics
    from gancli.api.model import TrainedModel
    from gancli.api.models import list_models, register_model
    from gancli.api.run import Run, list_runs, load_run
    from gancli.api.scores import Scores
    from gancli.api.training import train
    from gancli.core.errors import (
        CheckpointError,
        DataError,
        DivergedError,
        GancliError,
        Interrupted,
        LockedError,
        OptionError,
        ResourceError,
    )
    from gancli.data.dataset import Dataset
    from gancli.training.callbacks.base import Callback, StepReport

__all__ = [
    "Callback",
    "CheckpointError",
    "DataError",
    "Dataset",
    "DivergedError",
    "GancliError",
    "Interrupted",
    "LockedError",
    "OptionError",
    "ResourceError",
    "Run",
    "Scores",
    "StepReport",
    "TrainedModel",
    "__version__",
    "evaluate",
    "list_datasets",
    "list_metrics",
    "list_models",
    "list_runs",
    "load_dataset",
    "load_run",
    "register_model",
    "train",
]
_ERRORS = {name: "gancli.core.errors" for name in __all__ if name.endswith("Error") or name == "Interrupted"}
_MODULES = _ERRORS | {  # where each public name is defined
    "Callback": "gancli.training.callbacks.base",
    "Dataset": "gancli.data.dataset",
    "Run": "gancli.api.run",
    "Scores": "gancli.api.scores",
    "StepReport": "gancli.training.callbacks.base",
    "TrainedModel": "gancli.api.model",
    "evaluate": "gancli.api.evaluation",
    "list_datasets": "gancli.api.datasets",
    "list_metrics": "gancli.api.evaluation",
    "list_models": "gancli.api.models",
    "list_runs": "gancli.api.run",
    "load_dataset": "gancli.api.datasets",
    "load_run": "gancli.api.run",
    "register_model": "gancli.api.models",
    "train": "gancli.api.training",
}


if not TYPE_CHECKING:  # checkers know the names above, and report others

    def __getattr__(name: str) -> object:
        """The public names, imported when they are used."""
        if name not in _MODULES:
            raise AttributeError(f"module 'gancli' has no attribute '{name}'")
        value = getattr(importlib.import_module(_MODULES[name]), name)
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    """The public names, for completion."""
    return list(__all__)
