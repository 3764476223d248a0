"""Base of GANs with one generator and one discriminator."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, tf
from gancli.core.errors import OptionError
from gancli.core.names.similar import did_you_mean
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batches, Stage
from gancli.models.config import TrainingConfig
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates, scheduled
from gancli.models.regularization import RegularizationOptions
from gancli.nn.adversarial_step import AdversarialConfig, alternating_step
from gancli.nn.layers import minibatch_discrimination, minibatch_stddev
from gancli.nn.losses import ADVERSARIAL_LOSSES
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.nn.network import Network


class AdversarialModel(LatentModel):
    """A generator against a discriminator, both conditional on the label if the model's columns hold one.

    `train_step` is Algorithm 1 of Goodfellow et al. 2014 with the loss of --loss.
    """

    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, AdversarialRates, PriorOptions, LatentModel.Options):
        """The loss, and techniques that any of these models can use."""

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
        minibatch_stddev: int = option(
            0, "images compared by minibatch standard deviation (ProGAN: 4; 0 disables)", low=0, high=1000
        )
        feature_matching: bool = option(False, "train the generator by feature matching (Salimans et al. 2016)")

    @classmethod
    def batchnorm_advice(cls, chosen: Options) -> str:
        """What to do for a penalty, if the discriminator has BatchNorm; else ""."""
        return ""

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        names = [chosen.loss, *([_warmup(chosen.warmup_loss)[0]] if chosen.warmup_loss else [])]
        for name in names:
            if chosen.label_smoothing and not ADVERSARIAL_LOSSES[name].has_targets:
                raise OptionError(f"--label-smoothing needs a loss with targets, and {name} has none: leave it out")
            regularization.check(cls, chosen, has_batchnorm=cls.batchnorm_advice(chosen), loss=name)
        if chosen.feature_matching and ADVERSARIAL_LOSSES[chosen.loss].pair:
            raise OptionError(f"--feature-matching replaces the generator's part of --loss {chosen.loss}: give one")

    def with_minibatch_layers(self, discriminator: keras.Model) -> keras.Model:
        """The discriminator with what compares the images of a batch before its logit, as the options say."""
        if self.options.minibatch_stddev:
            discriminator = minibatch_stddev.with_minibatch_stddev(discriminator, self.options.minibatch_stddev)
        if self.options.minibatch_kernels:
            discriminator = minibatch_discrimination.discriminating(discriminator, self.options.minibatch_kernels)
        return discriminator

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
        return AdversarialConfig(
            loss=plain.with_label_smoothing(chosen.label_smoothing) if chosen.label_smoothing else plain,
            sample_z=self.noise,
            real=lambda batch: batch[self.columns[0]],
            conditioning=self.conditioning,
            d_steps=d_steps,
            feature_matching=chosen.feature_matching,
            **regularization.of_step(self, self.discriminator, plain)
            | {"augment_discriminator_input": self._augmented},
        )

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images in [-1, 1], or points, float32 (batch, *shape); condition: one-hot labels, if conditional."""
        return self.generator.infer(z, condition)

    def progress(self) -> Tensor:
        """The share of the training's steps that are done, float32 from 0 to 1."""
        return tf.cast(self.generator.optimizer.iterations.value, tf.float32) / self.total_steps()

    def _with_instance_noise(self, images: Tensor) -> Tensor:
        """Instance noise, Sønderby et al. 2016 (1610.04490), that decays to 0 at the end of the training."""
        deviation = self.options.instance_noise * tf.maximum(0.0, 1.0 - self.progress())
        return images + deviation * self.random.normal(tf.shape(images))

    def _augmented(self, images: Tensor) -> Tensor:
        images = regularization.augmentation_of(self)(images)
        return self._with_instance_noise(images) if self.options.instance_noise else images


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
