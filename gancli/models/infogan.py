"""InfoGAN. Chen, Duan, Houthooft, Schulman, Sutskever & Abbeel 2016, arXiv:1606.03657, sections 4 to 7.

A part of z is a code c that the images must reveal: a category and, on MNIST, two numbers from U(-1, 1). No label is
used. A network Q(c | x), which shares all layers but the last two with the discriminator, estimates the code of a
generated image; generator and Q maximize the bound L_I = E log Q(c | G(z, c)) + H(c) of the mutual information of code
and image (equation 5), with weight lambda, besides the loss of a GAN (equation 6). On digits the category becomes the
digit, and the numbers its slant and its width: `gancli traverse` shows them.

z is one vector: noise, then the category as a one-hot vector, then the numbers. So an interpolation or a sum of
vectors can mix categories.

On MNIST the numbers have a Gaussian Q with variance 1, as in the authors' code (openai/InfoGAN); with
--learned-deviation Q estimates the variance too, as in appendix C.1 of the paper.

Differences from the paper:
- Networks of dcgan, a quarter as wide as in its paper, instead of two convolutions and dense layers of 1,024 units. Q
  has the paper's hidden layer of 128 units.
- Batches of 64 instead of 128, and a learning rate of 8e-4 for both networks (authors: 2e-4, and 1e-3 for the
  generator; --preset paper).
- L_I counts half in the discriminator's step, whose loss is halved too.
- Fresh noise and codes for the generator's step; the authors' code takes those of the discriminator's.
- EMA of the weights.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batches
from gancli.models.capabilities import CodedLatent, ConvolutionalNetworks, Decoder, LatentCode
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.dcgan_networks import DCGANOptions, DiscriminatorNorm, dcgan_sizes
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn import latents
from gancli.nn.architectures import dcgan
from gancli.nn.layers.batch_norm import batch_norm, layer_norm
from gancli.nn.losses import ADVERSARIAL_LOSSES, log_normal
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig

HIDDEN = 128  # units of Q alone
CATEGORY = "category"


class InfoGAN(LatentModel, Decoder, ConvolutionalNetworks, CodedLatent):
    """The GAN whose codes must be visible in its images (Chen et al. 2016)."""

    default_steps = 6_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"batch_size": 128, "learning_rate": 2e-4, "g_learning_rate": 1e-3, "width": 64, "depth": 2}
    }
    metrics = SHARED | {
        "category_information": Metric("I(class)", "bound of the information on the category, nats"),
        "code_information": Metric("I(codes)", "bound of the information on the continuous codes, nats"),
    }
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(
        RegularizationOptions, DiscriminatorNorm, DCGANOptions, AdversarialRates, PriorOptions, LatentModel.Options
    ):
        """The authors' settings for MNIST."""

        learning_rate: float = option(8e-4, "learning rate (authors: 2e-4, generator 1e-3)")
        prior: str = "uniform"
        loss: str = option("non-saturating", "adversarial loss", choices=tuple(ADVERSARIAL_LOSSES))
        z_dim: int = option(62, "length of the noise, the part of z that is no code (paper: 62)")
        categories: int = option(10, "values of the categorical code (paper: 10)", low=2, high=1000)
        continuous: int = option(2, "continuous codes from U(-1, 1) (paper: 2)", low=0, high=100)
        information: float = option(1.0, "weight lambda of the mutual information (paper: 1)", low=0, high=1000)
        learned_deviation: bool = option(False, "estimate the deviation of continuous codes (default: 1)")

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        regularization.check(cls, chosen, has_batchnorm=chosen.batchnorm_advice(), loss=chosen.loss)

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    @property
    def z_size(self) -> int:
        """Length of z: noise, one-hot category, continuous codes."""
        return self.options.z_dim + self.options.categories + self.options.continuous

    @property
    def codes(self) -> tuple[LatentCode, ...]:
        """The category, and c1, c2 and so on."""
        first = self.options.z_dim + self.options.categories
        numbers = (LatentCode(f"c{number + 1}", first + number, 1) for number in range(self.options.continuous))
        return (LatentCode(CATEGORY, self.options.z_dim, self.options.categories), *numbers)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator, and discriminator with the outputs of Q: category logits, means, and log variances if learned."""
        chosen, sizes = self.options, dcgan_sizes(self)
        source, layers = dcgan.discriminator(data.shape, norm=chosen.d_norm, **sizes), keras.layers
        net = layers.Dense(HIDDEN, use_bias=chosen.d_norm == "none", name="dense_q")(source.get_layer("logit").input)
        if chosen.d_norm == "batch":
            net = batch_norm(momentum=dcgan.BATCH_NORM_MOMENTUM, epsilon=1e-5, name="norm_q")(net)
        if chosen.d_norm == "layer":
            net = layer_norm(epsilon=1e-5, name="norm_q")(net)
        net = layers.LeakyReLU(negative_slope=dcgan.LEAK, name="leaky_q")(net)
        count = chosen.categories + chosen.continuous * (2 if chosen.learned_deviation else 1)
        code = layers.Dense(count, dtype="float32", name="code")(net)
        discriminator = keras.Model(source.inputs, [source.output, code], name="discriminator")
        return {
            "generator": Network(dcgan.generator(data.shape, self.z_size, **sizes), self.adam("g")),
            "discriminator": Network(discriminator, self.adam("d")),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """The discriminator descends V - lambda L_I with Q, then the generator: equation 6."""
        loss, weight = ADVERSARIAL_LOSSES[self.options.loss], self.options.information
        augment, batch, z = regularization.augmentation_of(self), next(batches), self.noise()
        image, fake = augment(batch["image"]), augment(frozen(self.generator)(z))
        metrics: dict[str, Tensor] = {}
        outputs: list[Tensor] = []

        def discriminator_loss() -> Tensor:
            (real_output, _), (fake_output, code) = self.discriminator(image), self.discriminator(fake)
            category, numbers = self.information_bounds(code, z)
            outputs[:] = real_output, fake_output
            metrics.update(loss.metrics(*outputs) | {"category_information": category, "code_information": numbers})
            total = loss.discriminator(*outputs) - 0.5 * weight * (category + numbers)
            return total + regularization.penalty(
                self, metrics, self.discriminator, image, fake, output=lambda critic, x: critic(x)[0]
            )

        def generator_loss() -> Tensor:
            judge = frozen(self.discriminator)
            output, code = judge(augment(self.generator(fresh)))
            adversarial = loss.of_generator(output, lambda: judge(augment(batch["image"]))[0])
            return adversarial - weight * sum(self.information_bounds(code, fresh))

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        metrics |= regularization.after_discriminator_step(
            self, self.discriminator, *outputs, paired=loss.pair is not None, middle=loss.middle
        )
        fresh = self.noise()
        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def information_bounds(self, code: Tensor, z: Tensor) -> tuple[Tensor, Tensor]:
        """L_I of the category and of the continuous codes, in nats. code: Q's outputs; z: float32 (batch, z_size)."""
        noise, categories = self.options.z_dim, self.options.categories
        logits, means, log_variances = self._parts(code)
        return (
            category_bound(logits, z[:, noise : noise + categories]),
            uniform_bound(means, log_variances, z[:, noise + categories :]),
        )

    def noise(self, *shape: int) -> Tensor:
        """A batch of z, float32 (batch, z_size): noise, one-hot categories, continuous codes; or noise of a shape."""
        if shape:
            return super().noise(*shape)
        chosen = self.options
        categories = self.random.uniform([chosen.batch_size], 0, chosen.categories, tf.int32)
        numbers = self.random.uniform([chosen.batch_size, chosen.continuous], -1.0, 1.0)
        return tf.concat([super().noise(chosen.z_dim), tf.one_hot(categories, chosen.categories), numbers], axis=1)

    def latents(self, seeds: Iterable[int]) -> np.ndarray:
        """One latent vector per seed, float32 (seeds, z_size); code number k from the stream (seed, k), k from 1 on."""
        seeds, chosen = list(seeds), self.options
        z = np.zeros((len(seeds), self.z_size), np.float32)
        z[:, : chosen.z_dim] = latents.from_seeds(seeds, chosen.z_dim, self.prior)
        for row, seed in zip(z, seeds, strict=True):
            for number, code in enumerate(self.codes, start=1):
                random = np.random.default_rng([seed, number])
                if code.size == 1:
                    row[code.start] = random.uniform(-1, 1)
                else:
                    row[code.start + random.integers(code.size)] = 1.0
        return z

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] from the generator."""
        return self.generator.infer(z)

    def recognize(self, images: Tensor) -> Tensor:
        """Q's probabilities of the category, float32 (batch, categories)."""
        return tf.nn.softmax(self._parts(self.discriminator.infer(images)[1])[0])

    def _parts(self, code: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Category logits, means and log variances of the continuous codes, from the outputs of Q."""
        first, count = self.options.categories, self.options.continuous
        means = code[:, first : first + count]
        return code[:, :first], means, code[:, first + count :] if self.options.learned_deviation else 0.0 * means


def category_bound(logits: Tensor, one_hot: Tensor) -> Tensor:
    """E log Q(c | x) + H(c) of a uniform category, in nats: ln K where Q is perfect, 0 where it is uniform.

    logits, one_hot: float32 (batch, K). Chen et al. 2016, equation 5.
    """
    log_likelihood = -tf.nn.softmax_cross_entropy_with_logits(one_hot, logits)
    return tf.reduce_mean(log_likelihood) + math.log(logits.shape[1])


def uniform_bound(means: Tensor, log_variances: Tensor, codes: Tensor) -> Tensor:
    """E log Q(c | x) + H(c) of codes from U(-1, 1), whose entropy is ln 2 each, with a Gaussian Q, in nats.

    All float32 (batch, codes). Chen et al. 2016, equation 5.
    """
    return tf.reduce_mean(log_normal(codes, means, log_variances)) + codes.shape[1] * math.log(2.0)
