"""What extracts features of images, and which one is asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from gancli.core.backend import np


OF_PAPERS = "inception-2015"  # features of the network of published FIDs


class FeatureChoice(NamedTuple):
    """Which features are asked for; None is the default.

    features: "classifier", "inception-2015", "inception", "pixels" or a file of weights. resize, dims, weights_file: of
    inception-2015 alone: how images get 299 pixels a side (resizing.METHODS), the size of the features (network.DIMS),
    and the file of its weights.
    """

    features: str | None = None
    resize: str | None = None
    dims: int | None = None
    weights_file: Path | None = None


@dataclass(frozen=True)
class FeatureExtractor:
    """Extracts features of images. name: part of the name of every metric; recipe: the network, for JSON; description:
    the recipe in words. published: the features and the resizing in words, if scores can be compared with those of
    papers, else empty.

    extract: uint8 (count, height, width, channels) -> features float32 (count, size), and the probabilities of classes,
    float32 (count, classes), or None for features without classes.
    """

    name: str
    extract: Callable[[np.ndarray], tuple[np.ndarray, np.ndarray | None]]
    recipe: dict[str, object] = field(default_factory=dict)
    description: str = ""
    published: str = ""

    def __str__(self) -> str:
        return f"{self.name} features" + (f"; {self.description}" if self.description else "")

    @property
    def is_of_papers(self) -> bool:
        """Whether its network is that of published FIDs, with whatever weights."""
        return self.name.startswith(OF_PAPERS)

    def metric(self, count: int, *, name: str = "FID") -> str:
        """The name of a score of `count` images: only values with the same name are comparable.

        name: that of papers, such as "FID" or "KID", which only the features of papers deserve.
        """
        if self.published:
            return f"{name} ({self.published}, {count:,})"
        return f"{'Fréchet distance' if name == 'FID' else name}, {self.name} features"
