"""The truncation trick in w: styles closer to their mean give fewer failures and less variety.

Karras et al. 2019 (1812.04948), appendix B: w' = mean + psi (w - mean), in their figures for the first eight style
layers (resolutions 4 to 32) or all of them.
"""

from __future__ import annotations

import contextlib
import math
import numbers
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.models.capabilities import StyleBased

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

MOST = 100.0  # of psi, in both directions


@dataclass(frozen=True)
class Truncation:
    """How far each style is from the mean w.

    psi: the factor of w - mean: 1 changes nothing, 0 gives the mean image, and a negative one the opposite of each.
    layers: the number of style layers that are truncated, from the coarsest on; None for all.
    """

    psi: float
    layers: int | None = None

    def __post_init__(self) -> None:
        """Raise OptionError for numbers that mean nothing."""
        if not math.isfinite(self.psi) or abs(self.psi) > MOST:
            raise OptionError(f"truncation {self.psi}: expected a number from {-MOST:g} to {MOST:g}, such as 0.7")
        if self.layers is not None and self.layers < 1:
            raise OptionError(f"truncation layers {self.layers}: expected a whole number of at least 1")

    def check(self, model: StyleBased) -> None:
        """Raise OptionError for more layers than a model has."""
        if self.layers is not None and self.layers > model.style_layers:
            raise OptionError(f"{model.name()} has {model.style_layers} style layers, not {self.layers}, to truncate")

    def factors(self, style_layers: int) -> np.ndarray:
        """Psi of each style layer, 1 for those that are not truncated, float32 (style_layers,)."""
        layers = style_layers if self.layers is None else self.layers
        return np.where(np.arange(style_layers) < layers, self.psi, 1.0).astype(np.float32)

    def about(self) -> dict[str, object]:
        """For a result."""
        return {"truncation": self.psi} | ({} if self.layers is None else {"truncation_layers": self.layers})


def parse(psi: object, layers: object = None) -> Truncation | None:
    """The truncation of these values, which may be any; None without psi. Raises: OptionError."""
    if psi is None:
        if layers is not None:
            raise OptionError("truncation_layers needs truncation, such as 0.7")
        return None
    if isinstance(psi, bool) or not isinstance(psi, numbers.Real):
        raise OptionError(f"truncation is {psi!r}: expected a number such as 0.7")
    if layers is not None and (isinstance(layers, bool) or not isinstance(layers, numbers.Integral)):
        raise OptionError(f"truncation_layers is {layers!r}: expected a whole number such as 8")
    return Truncation(float(psi), None if layers is None else int(layers))


def truncate(w: np.ndarray, mean: np.ndarray, factors: np.ndarray) -> np.ndarray:
    """mean + psi (w - mean), written as psi w + (1 - psi) mean, so that psi = 1 keeps the bits of w.

    w: float32 (count, style_layers, w_size). mean: float32 (w_size,). factors: psi of each layer, float32
    (style_layers,). Returns: float32 (count, style_layers, w_size).
    """
    psi = factors[:, None]
    return psi * w + (1 - psi) * mean


def per_layer(w: np.ndarray, style_layers: int) -> np.ndarray:
    """The same w for all layers, float32 (count, w_size) -> (count, style_layers, w_size); one per layer stays."""
    return w if w.ndim == 3 else np.repeat(w[:, None], style_layers, axis=1)


@contextlib.contextmanager
def using(trained: TrainedModel, truncation: Truncation | None) -> Iterator[None]:
    """Inside, samples of a model are truncated, if a truncation is given; afterwards as before. Raises: OptionError."""
    before = trained.truncation
    if truncation is not None:
        trained.truncate(truncation)
    try:
        yield
    finally:
        trained.truncate(before)
