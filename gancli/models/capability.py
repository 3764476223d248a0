"""The base of all capabilities, which narrows the type of a model to one of them."""

from __future__ import annotations

from abc import ABC
from typing import TYPE_CHECKING, ClassVar, Self

from gancli.core.errors import OptionError

if TYPE_CHECKING:
    from gancli.models.base import Model


class Capability(ABC):
    """Something that some models can do; gancli.models.capabilities has one subclass for each."""

    missing_message: ClassVar[str]  # the error for other models

    @classmethod
    def of(cls, model: Model) -> Self:
        """The same model, as one that has this capability. Raises: OptionError if it has not."""
        if not isinstance(model, cls):
            raise OptionError(f"{model.name()} cannot do this: {cls.missing_message}")
        return model
