"""Real images in one of the latent spaces of a model: z, or w or W+ of a style-based one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import np
from gancli.core.errors import OptionError
from gancli.inference.latent_space import inversion
from gancli.inference.style_space import projection as style_projection
from gancli.inference.style_space.sampler import StyleSampler
from gancli.models.capabilities import Decoder, StyleBased

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel


@dataclass(frozen=True)
class ProjectOptions:
    """Fields are named after the options of `gancli project`; None for the default of the space."""

    space: str = "z"
    starts: int | None = None
    steps: int | None = None

    def check(self) -> None:
        """Raise OptionError for options that contradict one another."""
        if self.space != "z" and self.starts is not None:
            raise OptionError(f"--space {self.space} starts at the mean style alone: leave out --starts")

    @property
    def ability(self) -> type:
        """What the model must be."""
        return Decoder if self.space == "z" else StyleBased


class ProjectedImages(NamedTuple):
    """Real images as latent vectors.

    vectors: float32 (count, z_size), (count, w_size), or (count, style_layers, w_size) in W+. errors: mean squared
    errors of the reconstructions, pixels in [0, 1], float32 (count,). about: how they were found, for a result.
    """

    trained: TrainedModel
    labels: np.ndarray | None
    vectors: np.ndarray
    errors: np.ndarray
    about: dict[str, object]

    def reconstructions(self, rows: np.ndarray) -> np.ndarray:
        """The images of some of the vectors, uint8 (rows, height, width, channels)."""
        if "space" in self.about:
            return StyleSampler.of(self.trained).from_w(self.vectors[rows])
        return self.trained.sampler.decode(self.vectors[rows], None if self.labels is None else self.labels[rows])


def project(
    trained: TrainedModel, pixels: np.ndarray, labels: np.ndarray | None, options: ProjectOptions
) -> ProjectedImages:
    """Find the vectors of images uint8 (count, height, width, channels) by gradient descent.

    labels: int (count,), for a class-conditional model, in z. Raises: OptionError for a model without style space.
    """
    if options.space == "z":
        starts, steps = options.starts or inversion.STARTS, options.steps or inversion.STEPS
        z, errors = inversion.project(trained.model, pixels, labels, starts=starts, steps=steps)
        return ProjectedImages(trained, labels, z, errors, {"starts": starts, "steps": steps})
    steps = options.steps or style_projection.STEPS
    w, errors = style_projection.project(StyleSampler.of(trained), pixels, space=options.space, steps=steps)
    return ProjectedImages(trained, labels, w, errors, {"space": options.space, "steps": steps})
