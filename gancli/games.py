"""Adversarial training steps: who moves when, and down which loss."""

from __future__ import annotations

from collections.abc import Callable

from gancli import losses
from gancli.backend import Tensor
from gancli.network import Network, frozen, minimize


def alternate(
    generator: Network, discriminator: Network, *, real: Tensor, noise: Callable[[], Tensor]
) -> dict[str, Tensor]:
    """Algorithm 1 of Goodfellow et al. 2014 with k = 1: the discriminator's step, then the generator's.

    The generator's step runs the combined network, the generator followed by the frozen discriminator, on fresh noise
    and climbs log D(G(z)) (section 3's advice, and what the authors' code does throughout).

    real: float32 (batch, height, width, channels) in [-1, 1]. noise: makes a batch of latent vectors.
    Returns: both losses, and the discriminator's mean belief in real and generated images before its step.
    """
    fake = frozen(generator)(noise())
    judged = {}

    def discriminator_loss() -> Tensor:
        judged["real"], judged["fake"] = discriminator(real), discriminator(fake)  # separate batches for BatchNorm
        return losses.discriminator(judged["real"], judged["fake"])

    def generator_loss() -> Tensor:
        combined = frozen(discriminator)(generator(noise()))
        return losses.non_saturating(combined)

    return {
        "discriminator_loss": minimize(discriminator, loss=discriminator_loss),
        "generator_loss": minimize(generator, loss=generator_loss),
        "D(x)": losses.mean_probability(judged["real"]),
        "D(G(z))": losses.mean_probability(judged["fake"]),
    }
