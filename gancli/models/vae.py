"""Variational autoencoder. Kingma & Welling 2013, arXiv:1312.6114, Algorithm 1 with equation 10.

The encoder predicts mean and log-variance of a normal q(z | x), the decoder p(x | z); both maximize the ELBO,
E log p(x | z) - beta KL(q(z | x) || N(0, 1)), with one z per image and the KL divergence in closed form. The paper has
beta = 1; a larger one makes the coordinates of z independent at the cost of detail (Higgins et al. 2017).
`--conditional` gives both networks the class (Sohn et al. 2015).

`--likelihood bernoulli`, for gray images: each pixel is 0 or 1. As in Burda et al. 2015 (arXiv:1509.00519), an image is
binarized anew each time it is used, a pixel being 1 with its brightness as probability; gray values as targets, as in
much code, give numbers on another scale that are no bound on a likelihood. `gaussian`, for photographs: a mean per
pixel and one learned deviation, for images dequantized to [0, 1] by noise within a gray level, so that the bound also
holds for the probability of the bytes. Generated images are the means.

Differences from the paper:
- Two hidden layers of 500 ReLU, not one of 500 tanh.
- A z of 20 numbers, as in its figure 5.
- Adam instead of Adagrad.
- Weights are initialized as in He et al. 2015, not from N(0, 0.01), and have no prior (the paper's small weight decay).
- EMA of the weights.
- One Gaussian deviation for all pixels.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, tf
from gancli.core.options import option
from gancli.models import exports
from gancli.models.base import Batches
from gancli.models.capabilities import LikelihoodBound
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.autoencoding import AutoencodingModel
from gancli.nn.architectures import autoencoder
from gancli.nn.losses import gaussian_kl, log_bernoulli, log_normal
from gancli.nn.network import Network, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts

LEVELS = 256.0  # of gray


def _means(model: VAE, stock: exports.Stock) -> keras.Model:
    """The decoder with the means of pixels in [-1, 1] as outputs."""
    return exports.followed(stock("decoder"), lambda logits: 2.0 * keras.ops.sigmoid(logits) - 1.0)


class VAE(AutoencodingModel, LikelihoodBound):
    """A variational autoencoder (Kingma & Welling 2013)."""

    default_steps = 60_000  # 100 epochs of MNIST
    inference_networks = exports.decoder("decoder", _means) | exports.mean_encoder()

    @dataclass(frozen=True)
    class Options(AutoencodingModel.Options):
        """The weight of the KL divergence, and the likelihood."""

        beta: float = option(1.0, "weight of the KL divergence (paper: 1)", low=0, high=1000)
        likelihood: str = option(
            "auto",
            "pixel likelihood (auto: bernoulli for gray images, gaussian for color)",
            choices=("auto", "bernoulli", "gaussian"),
        )
        conditional: bool = option(False, "class-conditional: give the label to both networks")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Encoder and decoder for images of the data's shape."""
        classes = len(data.classes) if self.options.conditional else 0
        encoder, decoder = self.encoder_and_decoder(2 * self.options.z_dim, classes=classes)
        if self.is_gaussian():
            decoder = autoencoder.with_deviation(decoder)
        return {"encoder": Network(encoder, self.adam()), "decoder": Network(decoder, self.adam())}

    def is_gaussian(self) -> bool:
        """Whether the likelihood of pixels is Gaussian, not Bernoulli."""
        wish = self.options.likelihood
        return wish == "gaussian" or (wish == "auto" and self.data.shape[2] > 1)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1: a step on the negative ELBO, with one z per image."""
        batch = next(batches)
        metrics: dict[str, Tensor] = {}
        label, shape = self.conditioning(batch), tf.shape(batch["image"])
        x = self._with_noise(batch["image"], self.random.uniform(shape))
        noise = self.random.normal((self.options.batch_size, self.options.z_dim))

        def loss() -> Tensor:
            mean, log_variance = tf.split(self.encoder(2.0 * x - 1.0, *label), 2, axis=1)
            z = mean + tf.exp(0.5 * log_variance) * noise
            metrics["reconstruction"] = tf.reduce_mean(self.log_likelihood(x, self.decoder(z, *label), trains=True))
            metrics["kl"] = tf.reduce_mean(gaussian_kl(mean, log_variance))
            return self.options.beta * metrics["kl"] - metrics["reconstruction"]

        minimized = minimize(self.encoder, self.decoder, loss=loss)
        return {"loss": minimized, "elbo": metrics["reconstruction"] - metrics["kl"], **metrics}

    def observe(self, images: Tensor, seed: Tensor) -> Tensor:
        """Images in [-1, 1] -> pixels of 0 and 1, or in [0, 1] with noise within a gray level."""
        return self._with_noise(images, tf.random.stateless_uniform(tf.shape(images), seed))

    def _with_noise(self, images: Tensor, noise: Tensor) -> Tensor:
        """The observed x, from noise of U(0, 1) with the shape of the images."""
        unit = 0.5 * (images + 1.0)
        if self.is_gaussian():
            return (unit * (LEVELS - 1.0) + noise) / LEVELS
        return tf.cast(noise < unit, tf.float32)

    def log_likelihood(self, x: Tensor, output: Tensor, *, trains: bool = False) -> Tensor:
        """log p(x | z) from the decoder's output, nats, float32 (batch,). trains: not with the EMA of the deviation."""
        if not self.is_gaussian():
            return log_bernoulli(x, output)
        layers = self.decoder.model if trains else self.decoder.inference_model
        return log_normal(x, tf.sigmoid(output), 2.0 * autoencoder.log_deviation(layers))

    def bound(self, x: Tensor, condition: Tensor | None, seed: Tensor) -> tuple[Tensor, Tensor]:
        """log p(x | z) of one z per image, and KL(q(z | x) ‖ p(z)), in nats, float32 (batch,) each."""
        mean, log_variance = self._inferred(x, condition)
        z = mean + tf.exp(0.5 * log_variance) * tf.random.stateless_normal(tf.shape(mean), seed)
        return self.log_likelihood(x, self.decoder.infer(z, condition)), gaussian_kl(mean, log_variance)

    def log_weights(self, x: Tensor, condition: Tensor | None, seed: Tensor, count: int) -> Tensor:
        """log p(x | z) + log p(z) - log q(z | x) of `count` z's for each image, in nats, float32 (batch, count)."""
        mean, log_variance = self._inferred(x, condition)
        x, mean, log_variance = (tf.repeat(rows, count, axis=0) for rows in (x, mean, log_variance))
        condition = None if condition is None else tf.repeat(condition, count, axis=0)
        z = mean + tf.exp(0.5 * log_variance) * tf.random.stateless_normal(tf.shape(mean), seed)
        prior, posterior = log_normal(z, tf.zeros_like(z), tf.zeros_like(z)), log_normal(z, mean, log_variance)
        weights = self.log_likelihood(x, self.decoder.infer(z, condition)) + prior - posterior
        return tf.reshape(weights, (-1, count))

    def _inferred(self, x: Tensor, condition: Tensor | None) -> list[Tensor]:
        """Mean and log-variance of q(z | x)."""
        return tf.split(self.encoder.infer(2.0 * x - 1.0, condition), 2, axis=1)

    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The mean of q(z | x), float32 (batch, z_size); images are neither binarized nor get noise."""
        return self.encoder.infer(images, condition)[:, : self.options.z_dim]

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The mean of p(x | z), float32 (batch, height, width, channels) in [-1, 1]."""
        return 2.0 * tf.sigmoid(self.decoder.infer(z, condition)) - 1.0

    def bits_per_number(self, bound: float) -> float | None:
        """A bound in nats on the density in [0, 1], as bits per dimension of 8-bit images; None if binary."""
        numbers = math.prod(self.data.shape)
        return (math.log(LEVELS) - bound / numbers) / math.log(2.0) if self.is_gaussian() else None

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Labels too, if conditional."""
        plain = super().data_requirements(chosen)
        return replace(plain, columns=("image", "label")) if chosen.conditional else plain
