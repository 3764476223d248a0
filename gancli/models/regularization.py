"""Regularization that every adversarial model can use: its options, and what they do to networks and losses."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gancli.core import options
from gancli.core.backend import Tensor, tf
from gancli.core.distributed import replica_ops
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.nn.regularization import adaptive, augmentation, equalized
from gancli.nn.regularization.penalties import Penalties
from gancli.nn.regularization.second_derivatives import check_second_derivatives
from gancli.nn.regularization.spectral_norm import SpectralNorm

if TYPE_CHECKING:
    from gancli.models.base import Model
    from gancli.nn.losses import AdversarialLoss
    from gancli.nn.network import Network

PENALTIES = ("gradient_penalty", "r1", "r2", "dragan")
AUGMENTATIONS = ("none", "diffaug", "ada")
ON_DISCRIMINATORS = ("spectral_norm", "weight_clip", *PENALTIES)  # options of no use without one
GROUP = "Regularization"  # heading in help
ADA_IMAGES = 100_000  # from p = 0 to 1; the paper's 500,000 are more than a short training sees


_option = functools.partial(option, group=GROUP)


@dataclass(frozen=True)
class RegularizationOptions(options.Options):
    """Bounds on the discriminator, augmentation of what it sees, and the start of the EMA."""

    spectral_norm: bool = _option(False, "normalize discriminator kernels by their largest singular value")
    equalized_lr: bool = _option(False, "equalized learning rate: kernels from N(0, 1), scaled by He's constant")
    weight_clip: float = _option(0.0, "bound on every discriminator weight (WGAN: 0.01; 0 disables)", low=0, high=100)
    gradient_penalty: float = _option(0.0, "gradient penalty weight (WGAN-GP: 10; 0 disables)", low=0, high=1e6)
    r1: float = _option(0.0, "R1 penalty weight γ, on real images (0 disables)", low=0, high=1e6)
    r2: float = _option(0.0, "R2 penalty weight γ, on generated images (0 disables)", low=0, high=1e6)
    dragan: float = _option(0.0, "DRAGAN penalty weight (paper: 10; 0 disables)", low=0, high=1e6)
    penalty_every: int = _option(
        1, "discriminator steps per penalty (lazy regularization; StyleGAN2: 16)", low=1, high=1000
    )
    augment: str = _option("none", "augmentation of the discriminator's images (ada: adaptive)", choices=AUGMENTATIONS)
    diffaug: str = _option("color,translation,cutout", "operations of DiffAugment")
    ada_target: float = _option(0.6, "mean sign of discriminator outputs on real images for ADA", low=-1, high=1)
    ema_rampup: float = _option(
        0.0, "EMA half-life as a share of the updates so far (StyleGAN2: 0.05; 0 disables)", low=0, high=10
    )


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def penalties_of(chosen: options.Options) -> list[str]:
    """The flags of the penalties that are in use, such as --r1."""
    return [_flag(name) for name in PENALTIES if getattr(chosen, name, 0)]


def check(
    model_class: type[Model],
    chosen: RegularizationOptions,
    *,
    has_batchnorm: str = "",
    loss: str = "",
    has_discriminator: bool = True,
    sees_pairs: str = "",
) -> None:
    """Raise OptionError for options that contradict one another.

    has_batchnorm: what to do about a discriminator with BatchNorm, which sees all images of a batch at once. loss: the
    name of the loss, if there is a choice; wasserstein needs a bound. has_discriminator: whether there is one, as
    --adversarial-weight says. sees_pairs: what the discriminator compares with an image, and what so speaks against its
    augmentation.
    """
    penalties = penalties_of(chosen)
    in_use = [name for name in ON_DISCRIMINATORS if getattr(chosen, name)]
    in_use += ["augment"] if chosen.augment != "none" else []
    if in_use and not has_discriminator:
        raise OptionError(f"{_flag(in_use[0])} needs a discriminator: give --adversarial-weight")
    if chosen.augment != "none" and sees_pairs:
        raise OptionError(
            f"--augment {chosen.augment} changes images alone, and the discriminator of {model_class.name()} compares "
            f"them with {sees_pairs}: leave it out"
        )
    if loss == "wasserstein" and not (chosen.weight_clip or chosen.spectral_norm or penalties):
        more = ", or use --model wgan-gp" if has_batchnorm else " or --gradient-penalty 10"
        raise OptionError(f"the wasserstein loss needs a bound on the critic's gradient: give --weight-clip 0.01{more}")
    if penalties and has_batchnorm:
        raise OptionError(
            f"{penalties[0]} needs a discriminator that treats images one by one, and that of {model_class.name()} has "
            f"BatchNorm: {has_batchnorm}"
        )
    if penalties and getattr(chosen, "minibatch_kernels", 0):
        off = "" if penalties[0] == "--gradient-penalty" else f" ({penalties[0]} 0: none)"
        raise OptionError(f"{penalties[0]} treats images one by one, --minibatch-kernels compares them: give one{off}")
    if chosen.penalty_every not in (1, type(chosen)().penalty_every) and not penalties:
        raise OptionError(f"--penalty-every {chosen.penalty_every} needs a penalty: give --r1 10, or leave it out")
    if chosen.spectral_norm and chosen.weight_clip:
        raise OptionError("--spectral-norm and --weight-clip both bound the discriminator's weights: give one")
    if chosen.augment == "ada" and loss == "wasserstein":
        raise OptionError("--augment ada follows the sign of outputs, which the wasserstein loss does not center on 0")
    _diffaug_operations(chosen)


def _diffaug_operations(chosen: RegularizationOptions) -> tuple[str, ...]:
    parts = tuple(part.strip() for part in chosen.diffaug.split(",") if part.strip())
    if not parts or len(set(parts)) < len(parts) or not set(parts) <= augmentation.OPERATIONS.keys():
        known = ",".join(augmentation.OPERATIONS)
        raise OptionError(f"--diffaug {chosen.diffaug}: expected some of {known}, separated by commas")
    return parts


def prepare(model: Model) -> None:
    """Equalize and normalize the networks of a model that has just been built, and check what penalties need."""
    chosen = model.options
    if not isinstance(chosen, RegularizationOptions):
        return
    for number, name in enumerate(one for one in model.networks if one in model.adversaries):
        network = model.networks[name]
        if penalties := penalties_of(chosen):
            check_second_derivatives(network.model, penalties[0])
        if chosen.spectral_norm:
            network.spectral = SpectralNorm(network.model, seed=number)
    if chosen.equalized_lr:
        names = model.equalized_networks or tuple(model.networks)
        for number, network in enumerate(network for name, network in model.networks.items() if name in names):
            try:
                equalized.equalize_network(network, model.config.seed + number)
            except ValueError as error:
                raise OptionError(f"--equalized-lr: {error}") from error
            if network.spectral is not None:
                network.spectral.restart()
    if chosen.augment != "none" and len(model.data.shape) != 3:
        raise OptionError(
            f"--augment {chosen.augment} changes images, and {model.name()} trains on {model.columns[0]}s"
        )
    if chosen.augment == "ada":
        model.state["ada_probability"] = replica_ops.state_variable(0.0, "ada_probability")


def penalties(model: Model) -> Penalties:
    """The penalties of the options, which draw from the model's random stream; false if there are none."""
    chosen = model.options
    weights = {name: getattr(chosen, name) for name in PENALTIES}
    return Penalties(lambda shape: model.random.uniform(shape), every=chosen.penalty_every, **weights)


def penalty(
    model: Model,
    metrics: dict[str, Tensor],
    network: Network,
    real: Tensor,
    fake: Tensor,
    *,
    output: Callable[[Callable[..., Tensor], Tensor], Tensor] = lambda critic, images: critic(images),
) -> Tensor | float:
    """The penalties of the options on a network, 0 if there are none; also added to the metric `penalty`.

    output: (the network in float32, images) -> outputs (batch, …), of which the mean of each image counts, such as that
    over its patches.
    """

    def mean_output(critic: Callable[..., Tensor], images: Tensor) -> Tensor:
        return tf.reduce_mean(tf.reshape(output(critic, images), (tf.shape(images)[0], -1)), axis=1, keepdims=True)

    chosen = penalties(model)
    if not chosen:
        return 0.0
    found = chosen.of(network, mean_output, real, fake)
    metrics["penalty"] = metrics.get("penalty", 0.0) + found
    return found


def fold(model: Model) -> None:
    """Put normalized kernels into the weights, so that each network is itself what was trained: after the training."""
    for network in model.networks.values():
        if network.spectral is not None:
            for kernel, value in network.spectral.normalized():
                kernel.assign(value)
            network.spectral = None


def of_step(model: Model, discriminator: Network, loss: AdversarialLoss) -> dict[str, Any]:
    """The regularization of a training step, as arguments of `AdversarialConfig`."""
    after = functools.partial(
        after_discriminator_step, model, discriminator, paired=loss.pair is not None, middle=loss.middle
    )
    return {
        "augment_discriminator_input": augmentation_of(model),
        "penalties": penalties(model),
        "after_discriminator": after,
    }


def augmentation_of(model: Model) -> Callable[[Tensor], Tensor]:
    """The augmentation of the options, of images float32 (batch, height, width, channels) in [-1, 1]."""
    chosen = model.options
    if chosen.augment == "diffaug":
        operations = _diffaug_operations(chosen)
        return functools.partial(_diffaug, random=model.random, operations=operations)
    if chosen.augment == "ada":
        probability = model.state["ada_probability"]
        return lambda images: adaptive.augment(images, model.random, probability.value)
    return lambda images: images


def _diffaug(images: Tensor, random: tf.random.Generator, operations: Sequence[str]) -> Tensor:
    return augmentation.diffaug(images, random, operations)


def after_discriminator_step(
    model: Model,
    discriminator: Network,
    real: Tensor,
    fake: Tensor,
    *,
    paired: bool = False,
    middle: float = 0.0,
) -> dict[str, Tensor]:
    """What follows an update of the discriminator: weight clipping, and ADA's next probability.

    real, fake: outputs for real and generated images, float32 (batch, …). paired: whether their difference counts, and
    not that of the real ones from `middle`, the output between real and generated images.
    Returns: metrics to record.
    """
    chosen = model.options
    if chosen.weight_clip:
        discriminator.clip(chosen.weight_clip)
    if chosen.augment != "ada":
        return {}
    probability = model.state["ada_probability"]
    (sign,) = replica_ops.mean_over_replicas([tf.reduce_mean(tf.sign(real - (fake if paired else middle)))])
    batch = chosen.batch_size * replica_ops.count()  # while a step is traced, the batch size is one replica's
    following = adaptive.adjusted(probability.value, sign, target=chosen.ada_target, images=ADA_IMAGES, batch=batch)
    probability.assign(following)
    return {"ada_probability": following}
