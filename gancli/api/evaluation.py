"""gancli.evaluate: scores of a trained model or of images, with the recipe of each."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from gancli.core.library_scope import in_library_scope

if TYPE_CHECKING:
    from gancli.api.model import TrainedModel
    from gancli.core.backend import np
    from gancli.data.dataset import Dataset


class Scores(Mapping[str, float]):
    """Scores by name, as a mapping; `recipe[name]` says how each was measured, as --json prints it."""

    def __init__(self, values: Mapping[str, float], recipe: Mapping[str, Mapping[str, Any]]) -> None:
        self._values, self.recipe = dict(values), dict(recipe)

    def __getitem__(self, name: str) -> float:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"Scores({self._values})"


@in_library_scope
def evaluate(
    model_or_images: TrainedModel | np.ndarray | str | os.PathLike[str],
    metrics: Sequence[str] = ("fid",),
    *,
    data: str | os.PathLike[str] | Dataset | None = None,
    num_samples: int = 10_000,
    progress: bool = True,
) -> Scores:
    """Placeholder until metrics are attached."""
    raise NotImplementedError
