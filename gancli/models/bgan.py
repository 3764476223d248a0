"""Boundary-seeking GAN on discrete data. Hjelm, Jacob, Che, Trischler, Cho & Bengio 2017, arXiv:1702.08431, section 2.

(The name also stands for Binary GAN, a method of image retrieval, arXiv:1708.04150, and for Bayesian GAN,
arXiv:1705.09558; neither is meant here.)

The images of binary pixels have no gradient with respect to the generator, which outputs the probability g of each
pixel to be 1. Of each z, `--samples` images are drawn from these probabilities. An image with the discriminator's
output D is D / (1 - D) times as likely among real images as among generated ones, if D is optimal; so the normalized
importance weights w of the samples, the softmax of their logits, make the samples look like real ones, and the
generator increases sum w log g(x | z) (equation 8 and the algorithm box). Each z has its own normalization. The
gradient is that of the cross-entropy with the weighted mean of the samples as the target, which is what the step
computes. The discriminator is trained as in Goodfellow et al. 2014.

The real images are binary too: each pixel is drawn anew in each step, from its brightness as a probability, or
thresholded (`--binarization threshold`). A generated image is shown as the probabilities of its pixels, in gray. For
continuous pixels the paper's other objective is the adversarial loss `boundary-seeking` of other models.

Differences from the paper:
- Networks of dcgan, half as wide, with a discriminator without normalization, instead of dense layers of 1,024 units
  before and after two convolutions.
- Adam 1e-3 instead of 1e-4, and 100 numbers in z instead of 64, from U(-1, 1) (--preset paper: 1e-4, 64, and its
  width).
- The discriminator's step sees one sample of each z, not all; the importance weights are of all.
- EMA of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, tf
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batches
from gancli.models.capabilities import ConvolutionalNetworks, Decoder
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.dcgan_networks import DCGANOptions, DiscriminatorNorm, dcgan_sizes
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.learning_rates import AdversarialRates
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import dcgan
from gancli.nn.losses import ADVERSARIAL_LOSSES, log_bernoulli
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig

IMAGE = "image"  # the generator's last layer: tanh(a), so that (1 + tanh(a)) / 2 = sigmoid(2a) is the probability
BINARIZATIONS = ("sample", "threshold")


class BGAN(LatentModel, Decoder, ConvolutionalNetworks):
    """The GAN of binary images whose generator follows importance weights (Hjelm et al. 2017)."""

    default_steps = 6_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"learning_rate": 1e-4, "z_dim": 64, "width": 64, "depth": 2}
    }
    metrics = SHARED | {"effective_samples": Metric("ESS", "effective number of the samples of each z")}
    generator: Network
    discriminator: Network

    @dataclass(frozen=True)
    class Options(
        RegularizationOptions, DiscriminatorNorm, DCGANOptions, AdversarialRates, PriorOptions, LatentModel.Options
    ):
        """The paper's settings, with a higher learning rate."""

        learning_rate: float = option(1e-3, "learning rate (paper: 1e-4)")
        prior: str = "uniform"
        width: int = 16
        d_norm: str = "none"
        samples: int = option(20, "binary images drawn of each z in a generator step (paper: 20)", low=2, high=1000)
        binarization: str = option(
            "sample",
            "real pixels as 0 or 1 (sample: drawn by their brightness; threshold: at one half)",
            choices=BINARIZATIONS,
        )

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        regularization.check(cls, chosen, has_batchnorm=chosen.batchnorm_advice())

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator of probabilities, scaled to [-1, 1], and discriminator without normalization."""
        sizes = dcgan_sizes(self)
        generator = dcgan.generator(data.shape, self.options.z_dim, **sizes)
        self._before_tanh = keras.Model(generator.inputs, generator.get_layer(IMAGE).input)
        discriminator = dcgan.discriminator(data.shape, norm=self.options.d_norm, deviation=None, **sizes)
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(discriminator, self.adam("d")),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """A discriminator step on binary images, then a generator step along the importance weights."""
        loss, metrics, outputs = ADVERSARIAL_LOSSES["non-saturating"], {}, []
        augmented = regularization.augmentation_of(self)
        real = augmented(self.binarize(next(batches)["image"]))
        drawn = self._draw(pixel_logits(frozen(self.generator, before=IMAGE)(self.noise())), 1)[0]
        fake = augmented(to_pixels(drawn))

        def discriminator_loss() -> Tensor:
            outputs[:] = self.discriminator(real), self.discriminator(fake)
            metrics.update(loss.metrics(*outputs))
            return loss.discriminator(*outputs) + regularization.penalty(self, metrics, self.discriminator, real, fake)

        def generator_loss() -> Tensor:
            logits = pixel_logits(self._before_tanh(z, training=True))
            samples = self._draw(logits, count)
            images = augmented(to_pixels(tf.reshape(samples, (-1, *self.data.shape))))
            weights = importance_weights(tf.reshape(frozen(self.discriminator)(images), (count, -1)))
            metrics["effective_samples"] = tf.reduce_mean(1.0 / tf.reduce_sum(weights**2, axis=0))
            return policy_gradient_loss(samples, weights, logits)

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        metrics.update(regularization.after_discriminator_step(self, self.discriminator, *outputs))
        z, count = self.noise(), self.options.samples
        return metrics | {"generator_loss": minimize(self.generator, loss=generator_loss)}

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The probability of each pixel, scaled from [0, 1] to [-1, 1], float32 (batch, height, width, channels)."""
        return self.generator.infer(z)

    def binarize(self, images: Tensor) -> Tensor:
        """Pixels in [-1, 1] as -1 or 1, float32 of the same shape, by --binarization."""
        at = 0.0 if self.options.binarization == "threshold" else self.random.uniform(tf.shape(images), -1.0, 1.0)
        return tf.where(images > at, 1.0, -1.0)

    def _draw(self, logits: Tensor, count: int) -> Tensor:
        """Samples of 0 and 1, float32 (count, *shape of the logits), without a gradient."""
        shares = self.random.uniform(tf.concat([[count], tf.shape(logits)], axis=0))
        return tf.cast(shares < tf.stop_gradient(tf.sigmoid(logits)), tf.float32)


def pixel_logits(before_tanh: Tensor) -> Tensor:
    """2a, the logit of (1 + tanh(a)) / 2; float -> float32 of the same shape."""
    return 2.0 * tf.cast(before_tanh, tf.float32)


def to_pixels(binary: Tensor) -> Tensor:
    """0 and 1 as the pixels -1 and 1."""
    return 2.0 * binary - 1.0


def importance_weights(outputs: Tensor) -> Tensor:
    """Normalized weights of the samples of each z, from logits a of the discriminator, float (samples, batch).

    D / (1 - D) = exp(a), divided by the sum over the samples: equations 4 and 5. No gradient. They sum to 1 over axis
    0. Returns: float32 (samples, batch).
    """
    return tf.stop_gradient(tf.nn.softmax(tf.cast(outputs, tf.float32), axis=0))


def policy_gradient_loss(samples: Tensor, weights: Tensor, logits: Tensor) -> Tensor:
    """-E sum_m w_m log g(x_m | z), equation 8; log g is linear in x, so that of the mean sum_m w_m x_m.

    samples: 0 and 1, float32 (samples, batch, height, width, channels). weights: float32 (samples, batch). logits:
    float32 (batch, height, width, channels).
    """
    target = tf.einsum("mb,mbhwc->bhwc", weights, samples)
    return -tf.reduce_mean(log_bernoulli(target, logits))
