"""gancli.TrainedModel: a model of a checkpoint, arrays in and arrays out."""

from __future__ import annotations

import html
from collections.abc import Iterable
from typing import TYPE_CHECKING

from gancli.api.pictures import html_picture, png
from gancli.core.library_scope import in_library_scope

if TYPE_CHECKING:
    from gancli.api.run import Run, Weights
    from gancli.core.backend import keras, np


class TrainedModel:
    """A model with the weights of a checkpoint. `Run.load` returns one.

    Attributes: `run`, the gancli.Run that it is of.
    """

    def __init__(self, run: Run, *, weights: Weights | None = None, checkpoint: str = "last") -> None:
        """weights, checkpoint: as in `Run.load`. Raises: CheckpointError, OptionError."""
        from gancli.inference.trained_model import TrainedModel as Restored

        self.run = run
        self._trained = Restored(run.folder, checkpoint, weights)

    @in_library_scope
    def sample(self, seeds: Iterable[int] = range(16)) -> np.ndarray:
        """The images of these seeds, uint8 (seeds, height, width, channels)."""
        return self._trained.sampler.seeds(list(seeds))  # type: ignore[union-attr]

    @property
    def networks(self) -> dict[str, keras.Model]:
        """Its networks by name, keras.Model each, with the chosen weights."""
        return self._networks()

    @in_library_scope
    def _networks(self) -> dict[str, keras.Model]:
        return {name: network.inference_model for name, network in self._trained.model.networks.items()}

    def _repr_png_(self) -> bytes:
        """For notebooks: a grid of samples."""
        return png(self.sample())

    def _repr_html_(self) -> str:
        return f"<div>{html.escape(repr(self))}<br>{html_picture(self._repr_png_())}</div>"
