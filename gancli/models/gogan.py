"""Gang of GANs. Juefei-Xu, Boddeti & Savvides 2017, arXiv:1704.04865, section 3.

Stages of Wasserstein GANs, each to improve on the one before. In the first, the critic minimizes a margin-based loss,
E max(0, D(G(z)) + margin - D(x)): a pair of a real and a generated image whose scores are a margin apart costs nothing,
so the critic works on the others. Each later stage adds a ranking loss against G', the generator at the end of the
stage before, E max(0, D(G'(z)) + 2 margin - D(x)): real images are to score a margin above generated ones, and those a
margin above what G' makes of the same z. The generator maximizes E D(G(z)), and the critic's weights are clipped as in
`wgan`, which bounds the gradient.

The paper claims that a stage at least halves the gap between real and generated images. The logged numbers measure it
by the critic of the stage: `distance` is E D(x) - E D(G(z)), `previous_distance` the same of G', and `gap_left` the
ratio of the two, .5 or less where the claim holds. Clipped critics have small scores, of a scale that depends on their
size: a margin that no pair reaches makes the first loss that of the Wasserstein GAN.

Differences from the paper:
- A stage continues from the weights of both networks at the end of the one before.
- The critic of a stage scores the images of G' too, so that scores of two critics are never compared.
- Networks of dcgan; images of any side of 8 pixels or more.
- A learning rate of 5e-4 for RMSProp, 2 critic steps per generator step, and narrower networks (--preset paper: those
  of the Wasserstein GAN).
- EMA of the weights.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, tf
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batch, Batches, Stage
from gancli.models.capabilities import ConvolutionalNetworks, Decoder
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.dcgan_networks import DCGANOptions, DiscriminatorNorm, dcgan_sizes
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates, scheduled
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import dcgan
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.config import TrainingConfig

RMS_DECAY = 0.99  # as in the authors' code of the Wasserstein GAN
PREVIOUS = "previous"  # of the names of the earlier generator's weights in checkpoints


class GoGAN(LatentModel, Decoder, ConvolutionalNetworks):
    """Wasserstein GANs in stages that rank each generator above the one before (Juefei-Xu et al. 2017)."""

    default_steps = 8_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"learning_rate": 5e-5, "width": 128, "d_steps": 5, "margin": 0.4}
    }
    metrics = SHARED | {
        "previous_distance": Metric("before", "distance of the previous stage's images, by the same critic"),
        "gap_left": Metric("left", "share of the previous distance that is left"),
    }
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(
        RegularizationOptions, DiscriminatorNorm, DCGANOptions, AdversarialRates, PriorOptions, LatentModel.Options
    ):
        """The margin, and the settings of the Wasserstein GAN."""

        learning_rate: float = option(5e-4, "learning rate (WGAN: 5e-5)")
        stages: int = option(3, "stages, each with a third of --steps if there are three", low=1, high=100)
        width: int = 16
        margin: float = option(0.05, "margin between the scores of two ranks", above=0, high=1e6)
        ranking_weight: float = option(1.0, "weight of the ranking loss of later stages", low=0, high=1e6)
        d_steps: int = option(2, "critic steps per generator step (WGAN: 5)", low=1, high=1000)
        weight_clip: float = option(0.01, "bound on every critic weight (WGAN: 0.01; 0 disables)")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        regularization.check(cls, chosen, has_batchnorm=chosen.batchnorm_advice(), loss="wasserstein")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and critic, and a copy of the generator for the stage before."""
        sizes = dcgan_sizes(self)
        generator = dcgan.generator(data.shape, self.options.z_dim, **sizes)
        critic = dcgan.discriminator(data.shape, norm=self.options.d_norm, **sizes)
        self._previous = keras.models.clone_model(generator)
        return {
            "generator": Network(generator, self._optimizer("g")),
            "discriminator": Network(critic, self._optimizer("d")),
        }

    def _optimizer(self, side: str) -> keras.optimizers.Optimizer:
        updates = {"updates": self.options.d_steps} if side == "d" else {}
        return keras.optimizers.RMSprop(scheduled(self, side, **updates), rho=RMS_DECAY)

    def variables(self) -> dict[str, tf.Variable]:
        """The state of both networks, and the weights of the previous stage's generator."""
        return super().variables() | {f"{PREVIOUS}/{one.path}": one.value for one in self._previous.weights}

    def batches_per_step(self) -> int:
        """Batches of real images per generator step."""
        return self.options.d_steps

    def stages(self) -> list[Stage]:
        """Stages of equal length; all but the first rank their generator above that of the stage before."""
        count, total = self.options.stages, self.total_steps()
        ends = [total * number // count for number in range(count + 1)]
        return [
            Stage(f"stage-{number}", end - start, functools.partial(self.train_step, ranks=number > 1))
            for number, (start, end) in enumerate(itertools.pairwise(ends), start=1)
        ]

    def on_stage_start(self, number: int, dataset: Dataset) -> None:
        """Keep the generator as it was at the end of the stage before."""
        self._previous.set_weights(self.generator.model.get_weights())

    def train_step(self, batches: Batches, ranks: bool = False) -> dict[str, Tensor]:
        """Critic steps with the margin-based loss, and the ranking loss if `ranks`, then a generator step."""
        step = functools.partial(self._critic_step, ranks=ranks)
        if self.options.d_steps > 1:
            batches.each(self.options.d_steps - 1, step)
        metrics, z = step(next(batches)), self.noise()

        def generator_loss() -> Tensor:
            images = regularization.augmentation_of(self)(self.generator(z))
            return -tf.reduce_mean(frozen(self.discriminator)(images))

        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def _critic_step(self, batch: Batch, ranks: bool) -> dict[str, Tensor]:
        augmented = regularization.augmentation_of(self)
        z, metrics, scores = self.noise(), {}, []
        real, fake = augmented(batch["image"]), augmented(frozen(self.generator)(z))
        worse = augmented(self._previous(z, training=False)) if ranks else None

        def loss() -> Tensor:
            scores[:] = score, fake_score = self.discriminator(real), self.discriminator(fake)
            metrics["distance"] = tf.reduce_mean(score - fake_score)
            total = margin_loss(score, fake_score, self.options.margin)
            total += regularization.penalty(self, metrics, self.discriminator, real, fake)
            if worse is not None:
                worse_score = self.discriminator(worse)
                gap = metrics["previous_distance"] = tf.reduce_mean(score - worse_score)
                metrics["gap_left"] = tf.math.divide_no_nan(metrics["distance"], gap)
                total += self.options.ranking_weight * margin_loss(score, worse_score, 2.0 * self.options.margin)
            return total

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=loss)
        return metrics | regularization.after_discriminator_step(self, self.discriminator, *scores)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] from the generator."""
        return self.generator.infer(z)


def margin_loss(real: Tensor, fake: Tensor, margin: float) -> Tensor:
    """E max(0, D(fake) + margin - D(real)) of pairs of scores, float (batch, 1): 0 where all are a margin apart."""
    return tf.reduce_mean(tf.nn.relu(tf.cast(fake, tf.float32) + margin - tf.cast(real, tf.float32)))
