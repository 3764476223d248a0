"""Sampling from a style-based generator: by way of w, which can be truncated, mixed and interpolated."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, graph_function, np, tf
from gancli.imaging import images
from gancli.inference.sampling import BATCH, GENERATING, Sampler, in_batches
from gancli.inference.style_space import truncation
from gancli.models.capabilities import StyleBased

if TYPE_CHECKING:
    from gancli.inference.style_space.truncation import Truncation
    from gancli.inference.trained_model import TrainedModel

DEVIATION_SAMPLES = 10_000  # of z: Karras et al. 2020 (1912.04958), appendix D


class StyleSampler(Sampler):
    """A sampler with the style space of its model.

    Attributes: those of Sampler; `truncation` of all its samples, None for none.
    """

    model: StyleBased

    def __init__(self, model: StyleBased) -> None:
        super().__init__(model)
        self.truncation: Truncation | None = None
        self._map = graph_function(model.to_w, input_signature=self.signature)
        signature = [tf.TensorSpec((BATCH, model.style_layers, model.w_size), tf.float32)]
        self._synthesize = graph_function(model.from_w, input_signature=signature)

    @staticmethod
    def of(trained: TrainedModel) -> StyleSampler:
        """The sampler of a trained model. Raises: OptionError for a model without style space."""
        StyleBased.of(trained.outline)
        sampler = trained.sampler
        assert isinstance(sampler, StyleSampler)
        return sampler

    def to_w(self, z: np.ndarray, condition: np.ndarray | None = None) -> np.ndarray:
        """The styles of latent vectors, not truncated, float32 (count, z_size) -> (count, w_size).

        condition: as in `decode`.
        """
        return in_batches(lambda *parts: np.asarray(self._map(*parts)), *self.columns(z, condition))

    def from_w(self, w: np.ndarray) -> np.ndarray:
        """The images of styles, which are not truncated any further.

        w: float32 (count, w_size), or (count, style_layers, w_size) with one for each layer. Returns: uint8 (count,
        height, width, channels).
        """
        w = truncation.per_layer(w.astype(np.float32), self.model.style_layers)
        return in_batches(lambda part: images.to_uint8(np.asarray(self._synthesize(part))), w, what=GENERATING)

    def truncated(self, w: np.ndarray) -> np.ndarray:
        """The styles of each layer after the truncation, if there is one.

        w: as in `from_w`. Returns: float32 (count, style_layers, w_size).
        """
        layers = self.model.style_layers
        w = truncation.per_layer(w, layers)
        return w if self.truncation is None else truncation.truncate(w, self.mean, self.truncation.factors(layers))

    @property
    def mean(self) -> np.ndarray:
        """The mean w, float32 (w_size,)."""
        return np.asarray(self.model.mean_w(), np.float32)

    @functools.cached_property
    def deviation(self) -> float:
        """√ E ‖w - mean‖² over the w of 10,000 seeds: how far a w is from the mean. Karras et al. 2020, appendix D."""
        seeds = range(DEVIATION_SAMPLES)
        w = self.to_w(self.model.latents(seeds), self.cycle_labels(seeds))
        return float(np.sqrt(((w - self.mean) ** 2).sum(axis=1, dtype=np.float64).mean()))

    def from_styles(self, w: np.ndarray) -> np.ndarray:
        """The images of styles, truncated if there is a truncation. w, returns: as of `from_w`."""
        return self.from_w(self.truncated(w))

    def _generate(self, *parts: np.ndarray) -> Tensor:
        """Images of a batch, truncated if they are to be."""
        if self.truncation is None:
            return super()._generate(*parts)
        return self._synthesize(self.truncated(np.asarray(self._map(*parts))))
