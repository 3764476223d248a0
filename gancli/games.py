"""Adversarial training steps: who moves when, and down which loss."""

from __future__ import annotations

from collections.abc import Callable

from gancli import losses
from gancli.backend import Tensor
from gancli.network import Network, frozen, minimize


def alternate(
    generator: Network, discriminator: Network, *, real: Tensor, noise: Callable[[], Tensor]
) -> dict[str, Tensor]:
    """Algorithm 1 of Goodfellow et al. 2014 with k = 1: the discriminator's step, then the generator's on fresh noise.

    real: float32 (batch, height, width, channels) in [-1, 1]. noise: makes a batch of latent vectors.
    Returns: both losses, and the discriminator's mean belief in real and generated images before its step.
    """
    told = _move_discriminator(discriminator, real, fake=frozen(generator)(noise()))
    return told | {"generator_loss": _move_generator(generator, discriminator, noise())}


def together(
    generator: Network, discriminator: Network, *, real: Tensor, noise: Callable[[], Tensor]
) -> dict[str, Tensor]:
    """Both players at once on one batch of noise, as the code of Goodfellow et al. 2014; otherwise as `alternate`.

    Neither sees the other's move: the generator goes first, against the discriminator as it was, and the discriminator
    is shown the images that the generator made before.
    """
    z = noise()
    fake = frozen(generator)(z)
    generator_loss = _move_generator(generator, discriminator, z)
    return _move_discriminator(discriminator, real, fake=fake) | {"generator_loss": generator_loss}


def _move_discriminator(discriminator: Network, real: Tensor, *, fake: Tensor) -> dict[str, Tensor]:
    judged = {}

    def loss() -> Tensor:
        judged["D(x)"], judged["D(G(z))"] = discriminator(real), discriminator(fake)  # apart, for BatchNorm
        return losses.discriminator(judged["D(x)"], judged["D(G(z))"])

    told = {"discriminator_loss": minimize(discriminator, loss=loss)}
    return told | {name: losses.mean_probability(logits) for name, logits in judged.items()}


def _move_generator(generator: Network, discriminator: Network, z: Tensor) -> Tensor:
    """The combined network, the generator followed by the frozen discriminator, climbs log D(G(z)).

    That is section 3's advice, and what the authors' code does throughout.
    """
    return minimize(generator, loss=lambda: losses.non_saturating(frozen(discriminator)(generator(z))))
