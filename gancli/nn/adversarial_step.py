"""Adversarial training steps: who moves when, and down which cost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor
from gancli.nn import losses
from gancli.nn.network import Network, frozen, in_float32, minimize

if TYPE_CHECKING:
    from gancli.nn.losses import Game

Batch = dict[str, Tensor]


@dataclass(frozen=True)
class AdversarialConfig:
    """How a game is played.

    game: what both players pay. noise: makes a batch of latent vectors. real: the batch's real images (or points).
    given: what both networks are given besides, one-hot labels perhaps. beneath: what the generator alone is given,
    after its noise: the coarse image that it refines, perhaps. k: steps of the discriminator for each of the generator.
    blurred: what the discriminator sees of an image, instance noise perhaps. mixing: one number in [0, 1] for each
    image, for the gradient penalty. penalty: its weight, 0 for none. clip: bound of the discriminator's weights, 0 for
    none. matches_features: whether the generator matches features, whatever the game.
    """

    game: Game
    noise: Callable[[], Tensor]
    real: Callable[[Batch], Tensor]
    given: Callable[[Batch], tuple[Tensor, ...]]
    beneath: Callable[[Batch], tuple[Tensor, ...]] = lambda batch: ()
    blurred: Callable[[Tensor], Tensor] = lambda images: images
    mixing: Callable[[], Tensor] | None = None
    k: int = 1
    penalty: float = 0.0
    clip: float = 0.0
    matches_features: bool = False


def alternating_step(
    generator: Network, discriminator: Network, batches: Iterator[Batch], rules: AdversarialConfig
) -> dict[str, Tensor]:
    """Algorithm 1 of Goodfellow et al. 2014: k steps of the discriminator, then one of the generator on fresh noise.

    batches: each step of the discriminator takes one; the generator is given the labels of the last.
    Returns: both losses, and what the game tells of the discriminator before its last step.
    """

    def move(batch: Batch) -> dict[str, Tensor]:
        fake = frozen(generator)(rules.noise(), *rules.beneath(batch), *rules.given(batch))
        return _move_discriminator(discriminator, batch, fake, rules)

    if rules.k > 1:
        batches.each(rules.k - 1, move)
    batch = next(batches)
    return move(batch) | {"generator_loss": _move_generator(generator, discriminator, batch, rules.noise(), rules)}


def together(
    generator: Network, discriminator: Network, batches: Iterator[Batch], rules: AdversarialConfig
) -> dict[str, Tensor]:
    """Both players at once on one batch of noise, as the code of Goodfellow et al. 2014; otherwise as `alternate`.

    Neither sees the other's move: the generator goes first, against the discriminator as it was, and the discriminator
    is shown the images that the generator made before.
    """
    batch, z = next(batches), rules.noise()
    fake = frozen(generator)(z, *rules.beneath(batch), *rules.given(batch))
    generator_loss = _move_generator(generator, discriminator, batch, z, rules)
    return _move_discriminator(discriminator, batch, fake, rules) | {"generator_loss": generator_loss}


def _move_discriminator(
    discriminator: Network, batch: Batch, fake: Tensor, rules: AdversarialConfig
) -> dict[str, Tensor]:
    given, told = rules.given(batch), {}
    real, fake = rules.blurred(rules.real(batch)), rules.blurred(fake)

    def loss() -> Tensor:
        of_real, of_fake = discriminator(real, *given), discriminator(fake, *given)  # apart, for BatchNorm
        told.update(rules.game.told(of_real, of_fake))
        cost = rules.game.real(of_real) + rules.game.fake(of_fake)
        if rules.penalty:
            critic = in_float32(discriminator)
            slopes = losses.gradient_penalty(lambda x: critic(x, *given), real, fake, rules.mixing())
            cost += rules.penalty * slopes
        return cost

    told["discriminator_loss"] = minimize(discriminator, loss=loss)
    if rules.clip:
        discriminator.clip(rules.clip)
    return told


def _move_generator(
    generator: Network, discriminator: Network, batch: Batch, z: Tensor, rules: AdversarialConfig
) -> Tensor:
    """A step of the combined network: the generator followed by the frozen discriminator."""
    given = rules.given(batch)
    made = lambda: generator(z, *rules.beneath(batch), *given)  # noqa: E731 (inside the tape)

    def cost() -> Tensor:
        return rules.game.generator(frozen(discriminator)(rules.blurred(made()), *given))

    def gap() -> Tensor:
        features = frozen(discriminator, before="logit")
        real, fake = (features(rules.blurred(x), *given) for x in (rules.real(batch), made()))
        return losses.feature_matching(real, fake)

    return minimize(generator, loss=gap if rules.matches_features else cost)
