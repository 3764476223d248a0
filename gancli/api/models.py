"""gancli.list_models and gancli.register_model."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gancli.models.base import Model


def list_models() -> list[str]:
    """The names of all models, those of installed packages and registered ones too."""
    from gancli import models

    return models.names()


def register_model(model: type[Model]) -> type[Model]:
    """Make a model known by its name, to `train`, `load_run` and `list_models`; usable as a decorator.

    Returns: the class. Raises: OptionError for a name that another model has, or a class that is no complete model.
    """
    from gancli import models

    models.register(model)
    return model
