"""What models that play a two-player game share: the options and the rules of the game; DCGAN's networks."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import ClassVar

from gancli.core import options
from gancli.core.backend import Tensor, keras, tf
from gancli.core.errors import OptionError
from gancli.core.latents import PRIORS
from gancli.core.options import did_you_mean, option
from gancli.models.base import Batches, Stage
from gancli.models.capabilities import Latent
from gancli.models.config import TrainingConfig
from gancli.nn import losses
from gancli.nn.adversarial_step import AdversarialConfig, alternating_step
from gancli.nn.layers import minibatch_discrimination
from gancli.nn.losses import GAMES
from gancli.nn.optimizers import LEAST_RATE, goodfellow2014_sgd


class Adversarial(Latent):
    """A `generator` against a `discriminator`, both given the labels where the model's columns hold them.

    The base of a model beside Model itself; `train_step` is Algorithm 1 of Goodfellow et al. 2014 by the game's costs.
    """

    normalizes_batches: ClassVar[bool] = False  # whether the discriminator has BatchNorm

    @dataclass(frozen=True)
    class Options(options.Options):
        """The game and its tricks."""

        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        prior: str = option("normal", "distribution of the latent vector", choices=PRIORS)
        loss: str = option("non-saturating", "adversarial loss", choices=tuple(GAMES))
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

    def __init__(self, *given: object, **named: object) -> None:
        super().__init__(*given, **named)
        if self.options.gradient_penalty:
            losses.check_second_derivatives(self.discriminator.layers)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options of the game that do not go together."""
        super().check(config, chosen)
        games = [chosen.loss]
        if chosen.warmup_loss:
            games.append(_opening(chosen.warmup_loss)[0])
        for name in games:
            if chosen.label_smoothing and not GAMES[name].has_targets:
                raise OptionError(f"--label-smoothing smooths a target, and the game {name} has none: leave it out")
            if name == "wasserstein" and not (chosen.weight_clip or chosen.gradient_penalty):
                raise OptionError(
                    "the game wasserstein needs a bound on the critic's slope: give --weight-clip 0.01"
                    + (", or take --model wgan-gp" if cls.normalizes_batches else " or --gradient-penalty 10")
                )
        if chosen.gradient_penalty and cls.normalizes_batches:
            raise OptionError(
                f"--gradient-penalty needs a discriminator that treats images one by one, and that of {cls.name()} has "
                "BatchNorm: use --model wgan-gp"
            )
        if chosen.gradient_penalty and chosen.minibatch_kernels:
            raise OptionError(
                "--gradient-penalty treats images one by one, --minibatch-kernels compares them: give one"
            )

    def tricks(self, discriminator: keras.Model) -> keras.Model:
        """The discriminator with minibatch discrimination before its logit, where that is asked for."""
        kernels = self.options.minibatch_kernels
        return minibatch_discrimination.discriminating(discriminator, kernels) if kernels else discriminator

    def stages(self) -> list[Stage]:
        """The opening, if there is one, and the game."""
        total, (game, steps) = self.total_steps(), _opening(self.options.warmup_loss)
        if not steps:
            return [Stage("train", total, self.train_step)]
        first = functools.partial(self.play, game=game, k=self.options.d_steps)
        return [Stage("opening", min(steps, total), first), Stage("train", max(0, total - steps), self.train_step)]

    def batches_per_step(self) -> int:
        """Batches of real images in a step of the generator."""
        return self.options.d_steps

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1 of Goodfellow et al. 2014."""
        return self.play(batches, game=self.options.loss, k=self.options.d_steps)

    def play(self, batches: Batches, *, game: str, k: int) -> dict[str, Tensor]:
        """One step of the generator after k of the discriminator, by the costs of a game."""
        return alternating_step(self.generator, self.discriminator, batches, self.rules(game, k))

    def rules(self, game: str, k: int = 1) -> AdversarialConfig:
        """The rules that the options ask for, of a game of that name."""
        chosen, costs = self.options, GAMES[game]
        return AdversarialConfig(
            game=costs.with_label_smoothing(chosen.label_smoothing) if chosen.label_smoothing else costs,
            noise=self.noise,
            real=lambda batch: batch[self.columns[0]],
            given=self.given,
            blurred=self._blurred if chosen.instance_noise else lambda images: images,
            mixing=self._mixing,
            k=k,
            penalty=chosen.gradient_penalty,
            clip=chosen.weight_clip,
            matches_features=chosen.feature_matching,
        )

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images (or points) from latent vectors (and one-hot labels), of the averaged generator where there is one."""
        return self.generator.infer(z, condition)

    def _blurred(self, images: Tensor) -> Tensor:
        """With instance noise, Sønderby et al. 2016 (1610.04490), that falls to nothing at the end of the training."""
        done = tf.cast(self.generator.optimizer.iterations.value, tf.float32) / self.total_steps()
        deviation = self.options.instance_noise * tf.maximum(0.0, 1.0 - done)
        return images + deviation * self.random.normal(tf.shape(images))

    def _mixing(self) -> Tensor:
        ones = [1] * len(self.data.shape)
        return self.random.uniform([self.options.batch_size, *ones])


class DCGANBackbone:
    """Its networks are those of gancli.nn.architectures.dcgan: the options they take, and the images."""

    lacking: ClassVar[str] = "its networks have no convolutions"  # said of a model that is none

    @dataclass(frozen=True)
    class Options(options.Options):
        """Width and kernel."""

        width: int = option(
            32, "channels of the largest feature maps, doubled at each halving (paper: 128)", low=1, high=1024
        )
        kernel: int = option(5, "kernel size of every convolution (paper: 5)", low=2, high=9)

    def sizes(self) -> dict[str, int]:
        """Width and kernel, as the builders take them."""
        return {"width": self.options.width, "kernel": self.options.kernel}

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """Any side from 8 on: at least one convolution between the image and its smallest map."""
        return max(side, 8)


class Goodfellow2014Optimizer:
    """Its networks learn by Adam, or by the SGD of the code of Goodfellow et al. 2014."""

    @dataclass(frozen=True)
    class Options(options.Options):
        """Which."""

        optimizer: str = option("adam", "Adam, or SGD with the momentum schedule of 2014", choices=("adam", "sgd"))
        min_learning_rate: float = option(
            LEAST_RATE,
            "minimum learning rate of the SGD decay (0: none)",
            low=0,
            high=1,
            may_change=True,
            absent=0.0,  # runs begun before there was a floor resume without one, in the same bits
        )

    def optimizer(self) -> keras.optimizers.Optimizer:
        """A fresh one, as the options ask for."""
        if self.options.optimizer == "adam":
            return self.adam()
        chosen = self.options
        return goodfellow2014_sgd(chosen.learning_rate, epoch=self.batches_per_epoch(), least=chosen.min_learning_rate)


def _opening(text: str) -> tuple[str, int]:
    """Read "non-saturating:2000". Raises: OptionError."""
    if not text:
        return "", 0
    match = re.fullmatch("([a-z-]+):([0-9]{1,9})", text)
    if not match or match[1] not in GAMES or not int(match[2]):
        game = text.partition(":")[0]
        hint = "" if game in GAMES else did_you_mean(game, GAMES)
        raise OptionError(f"--warmup-loss {text}: expected LOSS:STEPS with one of {', '.join(GAMES)}{hint}")
    return match[1], int(match[2])
