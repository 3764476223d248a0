"""Base of models that generate from latent vectors."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gancli.core import options
from gancli.core.backend import Tensor, np
from gancli.core.options import option
from gancli.models.base import Model
from gancli.models.capabilities import Latent
from gancli.nn import latents
from gancli.nn.latents import PRIORS


@dataclass(frozen=True)
class PriorOptions(options.Options):
    """The prior of z, for models that have a choice; others have a normal one."""

    prior: str = option("normal", "distribution of the latent vector", choices=PRIORS)


class LatentModel(Model, Latent):
    """A model with latent vectors of `z_size` numbers."""

    @dataclass(frozen=True)
    class Options(Model.Options):
        """Adds the length of z."""

        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)

    @property
    def z_size(self) -> int:
        """Length of a latent vector."""
        return self.options.z_dim

    @property
    def prior(self) -> str:
        """Distribution of each of its numbers, of latents.PRIORS."""
        return self.options.prior if isinstance(self.options, PriorOptions) else "normal"

    def noise(self, *shape: int) -> Tensor:
        """A batch from the prior, float32 (batch, *shape), by default (batch, z_size); advances the random state."""
        shape = (self.options.batch_size, *(shape or (self.z_size,)))
        return self.random.normal(shape) if self.prior == "normal" else self.random.uniform(shape, -1.0, 1.0)

    def latents(self, seeds: Iterable[int]) -> np.ndarray:
        """One latent vector per seed, float32 (seeds, z_size)."""
        return latents.from_seeds(seeds, self.z_size, self.prior)
