"""Training steps of a generator against a discriminator."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor
from gancli.nn import losses
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.nn.losses import AdversarialLoss
    from gancli.nn.regularization.penalties import Penalties

Batch = dict[str, Tensor]


def _nothing(batch: Batch) -> tuple[Tensor, ...]:
    return ()


def _unchanged(images: Tensor) -> Tensor:
    return images


def _no_metrics(real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    return {}


@dataclass(frozen=True)
class AdversarialConfig:
    """Loss, inputs and regularization of an adversarial training step.

    Attributes: `loss` of both networks; `sample_z`, a batch of latent vectors; `real`, the batch's real images (or
    points); `conditioning`, further inputs of both networks, such as one-hot labels; `generator_inputs`, further inputs
    of the generator alone, such as the coarse image that it refines; `augment_discriminator_input`, such as instance
    noise or DiffAugment; `penalties` on the discriminator's slope; `after_discriminator`, called with its outputs for
    real and generated images after each of its updates, gives further metrics; `d_steps`, discriminator steps per
    generator step; `feature_matching`, whether the generator matches features instead of descending its own loss;
    `generator_penalty`, added to the generator's loss: batch -> a scalar, and further metrics; `mismatched`, a second
    conditioning, with which the batch's real images count as fake (a separable loss only); `fake_weight`, that of each
    kind of fakes in the discriminator's loss, if there are mismatched pairs.
    """

    loss: AdversarialLoss
    sample_z: Callable[[], Tensor]
    real: Callable[[Batch], Tensor]
    conditioning: Callable[[Batch], tuple[Tensor, ...]]
    generator_inputs: Callable[[Batch], tuple[Tensor, ...]] = _nothing
    augment_discriminator_input: Callable[[Tensor], Tensor] = _unchanged
    penalties: Penalties | None = None
    after_discriminator: Callable[[Tensor, Tensor], dict[str, Tensor]] = _no_metrics
    d_steps: int = 1
    feature_matching: bool = False
    generator_penalty: Callable[[Batch], tuple[Tensor, dict[str, Tensor]]] | None = None
    mismatched: Callable[[Batch], tuple[Tensor, ...]] | None = None
    fake_weight: float = 0.5


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
    return metrics | _generator_step(generator, discriminator, batch, config.sample_z(), config)


def simultaneous_step(
    generator: Network, discriminator: Network, batches: Iterator[Batch], config: AdversarialConfig
) -> dict[str, Tensor]:
    """A step of both networks on one batch of noise, as in the code of Goodfellow et al. 2014.

    Neither sees the other's update: the generator moves first, against the discriminator as it was, and the
    discriminator is given the images that the generator made before. Returns: as `alternating_step`.
    """
    batch, z = next(batches), config.sample_z()
    fake = frozen(generator)(z, *config.generator_inputs(batch), *config.conditioning(batch))
    metrics = _generator_step(generator, discriminator, batch, z, config)
    return _discriminator_step(discriminator, batch, fake, config) | metrics


def _discriminator_step(
    discriminator: Network, batch: Batch, fake: Tensor, config: AdversarialConfig
) -> dict[str, Tensor]:
    conditioning = config.conditioning(batch)
    real, fake = config.augment_discriminator_input(config.real(batch)), config.augment_discriminator_input(fake)
    mismatched = config.mismatched(batch) if config.mismatched else None
    metrics: dict[str, Tensor] = {}
    outputs: list[Tensor] = []

    def of_three_kinds() -> Tensor:
        """Algorithm 1 of Reed et al. 2016: real pairs, and both kinds of fakes."""
        wrong = discriminator(real, *mismatched)
        if config.loss.is_logit:
            metrics["p_wrong"] = losses.mean_probability(wrong)
        return config.loss.real(outputs[0]) + config.fake_weight * (
            config.loss.fake(wrong) + config.loss.fake(outputs[1])
        )

    def loss() -> Tensor:
        outputs[:] = discriminator(real, *conditioning), discriminator(fake, *conditioning)  # two, for BatchNorm
        metrics.update(config.loss.metrics(*outputs))
        total = config.loss.discriminator(*outputs) if mismatched is None else of_three_kinds()
        if config.penalties:
            metrics["penalty"] = config.penalties(discriminator, real, fake, *conditioning)
            total += metrics["penalty"]
        return total

    metrics["discriminator_loss"] = minimize(discriminator, loss=loss)
    return metrics | config.after_discriminator(*outputs)


def _generator_step(
    generator: Network, discriminator: Network, batch: Batch, z: Tensor, config: AdversarialConfig
) -> dict[str, Tensor]:
    """A step of the combined network: the generator followed by the frozen discriminator."""
    conditioning = config.conditioning(batch)
    metrics: dict[str, Tensor] = {}

    def generated() -> Tensor:
        return generator(z, *config.generator_inputs(batch), *conditioning)

    def loss() -> Tensor:
        judge = frozen(discriminator)
        fake = config.augment_discriminator_input(generated())

        def of_real() -> Tensor:
            return judge(config.augment_discriminator_input(config.real(batch)), *conditioning)

        return config.loss.of_generator(judge(fake, *conditioning), of_real)

    def feature_matching_loss() -> Tensor:
        features = frozen(discriminator, before="logit")
        real, fake = (
            features(config.augment_discriminator_input(x), *conditioning) for x in (config.real(batch), generated())
        )
        return losses.feature_matching(real, fake)

    def total() -> Tensor:
        value = feature_matching_loss() if config.feature_matching else loss()
        if config.generator_penalty:
            penalty, more = config.generator_penalty(batch)
            metrics.update(more)
            value += penalty
        return value

    return {"generator_loss": minimize(generator, loss=total), **metrics}
