"""The interface of models that a new training can initialize from pretrained networks."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gancli.core.options import Options
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


class StartsFromPretrained(ABC):
    """A model that can start from pretrained networks."""

    @classmethod
    @abstractmethod
    def pretrained_sources(cls, options: Any) -> dict[str, str]:
        """Where a new training loads from, by kind (training.pretrained.LOADERS): a run's folder, a labeled data set
        (its classifier), or a network of Keras."""

    @classmethod
    @abstractmethod
    def options_from_pretrained(
        cls, config: TrainingConfig, options: Any, facts: DataFacts, sources: Mapping[str, Any]
    ) -> tuple[Options, DataFacts]:
        """Options and data facts with the sizes of the loaded networks. Raises: OptionError if they do not fit."""

    @abstractmethod
    def load_pretrained(self, sources: Mapping[str, Any]) -> None:
        """Copy the pretrained weights, before the first step."""
