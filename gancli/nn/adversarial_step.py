"""Training steps of a generator against a discriminator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor
from gancli.nn import losses
from gancli.nn.network import Network, frozen, in_float32, minimize

if TYPE_CHECKING:
    from gancli.nn.losses import AdversarialLoss

Batch = dict[str, Tensor]


def _nothing(batch: Batch) -> tuple[Tensor, ...]:
    return ()


def _unchanged(images: Tensor) -> Tensor:
    return images


@dataclass(frozen=True)
class AdversarialConfig:
    """Loss, inputs and regularization of an adversarial training step.

    Attributes: `loss` of both networks; `sample_z`, a batch of latent vectors; `real`, the batch's real images (or
    points); `conditioning`, further inputs of both networks, such as one-hot labels; `generator_inputs`, further inputs
    of the generator alone, such as the coarse image that it refines; `augment_discriminator_input`, such as instance
    noise; `interpolation_weights`, one number in [0, 1] per image, for the gradient penalty; `d_steps`, discriminator
    steps per generator step; `gradient_penalty` and `weight_clip`, 0 for none; `feature_matching`, whether the
    generator matches features instead of descending its own loss.
    """

    loss: AdversarialLoss
    sample_z: Callable[[], Tensor]
    real: Callable[[Batch], Tensor]
    conditioning: Callable[[Batch], tuple[Tensor, ...]]
    generator_inputs: Callable[[Batch], tuple[Tensor, ...]] = _nothing
    augment_discriminator_input: Callable[[Tensor], Tensor] = _unchanged
    interpolation_weights: Callable[[], Tensor] | None = None
    d_steps: int = 1
    gradient_penalty: float = 0.0
    weight_clip: float = 0.0
    feature_matching: bool = False


def alternating_step(
    generator: Network, discriminator: Network, batches: Iterator[Batch], config: AdversarialConfig
) -> dict[str, Tensor]:
    """Algorithm 1 of Goodfellow et al. 2014: `d_steps` discriminator steps, then a generator step on fresh noise.

    batches: each discriminator step takes one; the generator is given the labels of the last.
    Returns: both losses, and the metrics of the discriminator before its last step.
    """

    def discriminator_step(batch: Batch) -> dict[str, Tensor]:
        fake = frozen(generator)(config.sample_z(), *config.generator_inputs(batch), *config.conditioning(batch))
        return _discriminator_step(discriminator, batch, fake, config)

    if config.d_steps > 1:
        batches.each(config.d_steps - 1, discriminator_step)
    batch = next(batches)
    metrics = discriminator_step(batch)
    return metrics | {"generator_loss": _generator_step(generator, discriminator, batch, config.sample_z(), config)}


def simultaneous_step(
    generator: Network, discriminator: Network, batches: Iterator[Batch], config: AdversarialConfig
) -> dict[str, Tensor]:
    """A step of both networks on one batch of noise, as in the code of Goodfellow et al. 2014.

    Neither sees the other's update: the generator moves first, against the discriminator as it was, and the
    discriminator is given the images that the generator made before. Returns: as `alternating_step`.
    """
    batch, z = next(batches), config.sample_z()
    fake = frozen(generator)(z, *config.generator_inputs(batch), *config.conditioning(batch))
    generator_loss = _generator_step(generator, discriminator, batch, z, config)
    return _discriminator_step(discriminator, batch, fake, config) | {"generator_loss": generator_loss}


def _discriminator_step(
    discriminator: Network, batch: Batch, fake: Tensor, config: AdversarialConfig
) -> dict[str, Tensor]:
    conditioning = config.conditioning(batch)
    real, fake = config.augment_discriminator_input(config.real(batch)), config.augment_discriminator_input(fake)
    metrics: dict[str, Tensor] = {}

    def loss() -> Tensor:
        real_output = discriminator(real, *conditioning)  # two batches, for BatchNorm
        fake_output = discriminator(fake, *conditioning)
        metrics.update(config.loss.metrics(real_output, fake_output))
        total = config.loss.real(real_output) + config.loss.fake(fake_output)
        if config.gradient_penalty:
            critic, weights = in_float32(discriminator), config.interpolation_weights()
            penalty = losses.gradient_penalty(lambda x: critic(x, *conditioning), real, fake, weights)
            total += config.gradient_penalty * penalty
        return total

    metrics["discriminator_loss"] = minimize(discriminator, loss=loss)
    if config.weight_clip:
        discriminator.clip(config.weight_clip)
    return metrics


def _generator_step(
    generator: Network, discriminator: Network, batch: Batch, z: Tensor, config: AdversarialConfig
) -> Tensor:
    """A step of the combined network: the generator followed by the frozen discriminator."""
    conditioning = config.conditioning(batch)

    def generated() -> Tensor:
        return generator(z, *config.generator_inputs(batch), *conditioning)

    def loss() -> Tensor:
        fake = config.augment_discriminator_input(generated())
        return config.loss.generator(frozen(discriminator)(fake, *conditioning))

    def feature_matching_loss() -> Tensor:
        features = frozen(discriminator, before="logit")
        real, fake = (
            features(config.augment_discriminator_input(x), *conditioning) for x in (config.real(batch), generated())
        )
        return losses.feature_matching(real, fake)

    return minimize(generator, loss=feature_matching_loss if config.feature_matching else loss)
