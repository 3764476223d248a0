"""Base of GANs with one generator and one discriminator."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, tf
from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.core.options import option
from gancli.models.base import Batches, Model, Stage
from gancli.models.config import TrainingConfig
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates, scheduled
from gancli.nn.adversarial_step import AdversarialConfig, alternating_step
from gancli.nn.gradient_penalty_support import check_second_derivatives
from gancli.nn.layers import minibatch_discrimination
from gancli.nn.losses import ADVERSARIAL_LOSSES
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.core.distributed.strategy import Devices
    from gancli.data.dataset import DataFacts
    from gancli.nn.network import Network


class AdversarialModel(LatentModel):
    """A generator against a discriminator, both conditional on the label if the model's columns hold one.

    `train_step` is Algorithm 1 of Goodfellow et al. 2014 with the loss of --loss.
    """

    generator: Network
    discriminator: Network
    discriminator_has_batchnorm: ClassVar[bool] = False

    @dataclass(frozen=True)
    class Options(AdversarialRates, PriorOptions, LatentModel.Options):
        """The loss, and regularization that any of these models can use."""

        loss: str = option("non-saturating", "adversarial loss", choices=tuple(ADVERSARIAL_LOSSES))
        d_steps: int = option(1, "discriminator steps per generator step", low=1, high=1000)
        warmup_loss: str = option("", "loss of the first steps, as LOSS:STEPS (for example non-saturating:2000)")
        label_smoothing: float = option(
            0.0, "one-sided label smoothing: real target = 1 - X (Salimans et al. 2016: 0.1)", low=0, below=0.5
        )
        instance_noise: float = option(
            0.0, "initial standard deviation of instance noise, which decays linearly to 0", low=0, high=10
        )
        minibatch_kernels: int = option(
            0, "kernels of minibatch discrimination (Salimans et al. 2016: 100; 0 disables)", low=0, high=1000
        )
        feature_matching: bool = option(False, "train the generator by feature matching (Salimans et al. 2016)")
        weight_clip: float = option(
            0.0, "bound on every discriminator weight (WGAN: 0.01; 0 disables)", low=0, high=100
        )
        gradient_penalty: float = option(0.0, "gradient penalty weight (WGAN-GP: 10; 0 disables)", low=0, high=1e6)

    def __init__(
        self, config: TrainingConfig, chosen: Model.Options, data: DataFacts, devices: Devices | None = None
    ) -> None:
        super().__init__(config, chosen, data, devices)
        if self.options.gradient_penalty:
            check_second_derivatives(self.discriminator.model)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        names = [chosen.loss, *([_warmup(chosen.warmup_loss)[0]] if chosen.warmup_loss else [])]
        for name in names:
            if chosen.label_smoothing and not ADVERSARIAL_LOSSES[name].has_targets:
                raise OptionError(f"--label-smoothing needs a loss with targets, and {name} has none: leave it out")
            if name == "wasserstein" and not (chosen.weight_clip or chosen.gradient_penalty):
                raise OptionError(
                    "the wasserstein loss needs a bound on the critic's gradient: give --weight-clip 0.01"
                    + (", or use --model wgan-gp" if cls.discriminator_has_batchnorm else " or --gradient-penalty 10")
                )
        if chosen.gradient_penalty and cls.discriminator_has_batchnorm:
            raise OptionError(
                f"--gradient-penalty needs a discriminator that treats images one by one, and that of {cls.name()} has "
                "BatchNorm: use --model wgan-gp"
            )
        if chosen.gradient_penalty and chosen.minibatch_kernels:
            raise OptionError(
                "--gradient-penalty treats images one by one, --minibatch-kernels compares them: give one"
            )

    def with_minibatch_discrimination(self, discriminator: keras.Model) -> keras.Model:
        """The discriminator with minibatch discrimination before its logit, if --minibatch-kernels says so."""
        kernels = self.options.minibatch_kernels
        return minibatch_discrimination.discriminating(discriminator, kernels) if kernels else discriminator

    def stages(self) -> list[Stage]:
        """The warm-up, if there is one, and the training."""
        total, (loss, steps) = self.total_steps(), _warmup(self.options.warmup_loss)
        if not steps:
            return [Stage("train", total, self.train_step)]
        step = functools.partial(self.adversarial_step, loss=loss, d_steps=self.options.d_steps)
        return [Stage("warmup", min(steps, total), step), Stage("train", max(0, total - steps), self.train_step)]

    def batches_per_step(self) -> int:
        """Batches of real images per generator step."""
        return self.options.d_steps

    def timing(self, side: str) -> dict[str, object]:
        """Updates of a network per training step, as arguments of `learning_rates.scheduled`."""
        return {"updates": self.options.d_steps} if side == "d" else {}

    def adam(self, side: str = "") -> keras.optimizers.Optimizer:
        """A new Adam optimizer of the generator ("g") or the discriminator ("d")."""
        return adam(scheduled(self, side, **self.timing(side)), beta1=self.options.beta1)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1 of Goodfellow et al. 2014."""
        return self.adversarial_step(batches, loss=self.options.loss, d_steps=self.options.d_steps)

    def adversarial_step(self, batches: Batches, *, loss: str, d_steps: int) -> dict[str, Tensor]:
        """A generator step after `d_steps` discriminator steps. loss: a name in ADVERSARIAL_LOSSES."""
        return alternating_step(self.generator, self.discriminator, batches, self.adversarial_config(loss, d_steps))

    def adversarial_config(self, loss: str, d_steps: int = 1) -> AdversarialConfig:
        """The configuration of a training step with a loss of this name."""
        chosen, plain = self.options, ADVERSARIAL_LOSSES[loss]
        more = {"augment_discriminator_input": self._with_instance_noise} if chosen.instance_noise else {}
        return AdversarialConfig(
            loss=plain.with_label_smoothing(chosen.label_smoothing) if chosen.label_smoothing else plain,
            sample_z=self.noise,
            real=lambda batch: batch[self.columns[0]],
            conditioning=self.conditioning,
            interpolation_weights=self._interpolation_weights,
            d_steps=d_steps,
            gradient_penalty=chosen.gradient_penalty,
            weight_clip=chosen.weight_clip,
            feature_matching=chosen.feature_matching,
            **more,
        )

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images in [-1, 1], or points, float32 (batch, *shape); condition: one-hot labels, if conditional."""
        return self.generator.infer(z, condition)

    def _with_instance_noise(self, images: Tensor) -> Tensor:
        """Instance noise, Sønderby et al. 2016 (1610.04490), that decays to 0 at the end of the training."""
        done = tf.cast(self.generator.optimizer.iterations.value, tf.float32) / self.total_steps()
        deviation = self.options.instance_noise * tf.maximum(0.0, 1.0 - done)
        return images + deviation * self.random.normal(tf.shape(images))

    def _interpolation_weights(self) -> Tensor:
        ones = [1] * len(self.data.shape)
        return self.random.uniform([self.options.batch_size, *ones])


def _warmup(text: str) -> tuple[str, int]:
    """Read "non-saturating:2000". Raises: OptionError."""
    if not text:
        return "", 0
    match = re.fullmatch("([a-z-]+):([0-9]{1,9})", text.casefold())
    if not match or match[1] not in ADVERSARIAL_LOSSES or not int(match[2]):
        name, known = text.partition(":")[0], ", ".join(ADVERSARIAL_LOSSES)
        hint = "" if name in ADVERSARIAL_LOSSES else did_you_mean(name, ADVERSARIAL_LOSSES)
        raise OptionError(f"--warmup-loss {text}: expected LOSS:STEPS with one of {known}{hint}")
    return match[1], int(match[2])
