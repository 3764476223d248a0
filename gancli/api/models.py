"""gancli.list_models and gancli.register_model."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from gancli.models.base import Model

ModelClass = TypeVar("ModelClass", bound="type[Model]")


def list_models() -> list[str]:
    """The names of all models, in order: of gancli, of installed packages, which are not imported, and of registered
    classes."""
    from gancli import models

    return models.names()


def register_model(model: ModelClass) -> ModelClass:
    """Make a model known by its name, to `train`, `load_run` and `list_models`; usable as a decorator.

    model: a class that inherits from gancli.models.base.Model. Its name is its attribute `model_name`, or that of the
    class with dashes: my-gan for MyGAN. A class that is defined again, as by a cell of a notebook, replaces the former.
    A run of it is opened again only after it is registered.
    Returns: the class. Raises: OptionError for a name that another model has, or a class that is no complete model.
    """
    from gancli import models

    models.register(model)
    return model
