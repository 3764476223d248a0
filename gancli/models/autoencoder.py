"""Autoencoders: dense, deep, convolutional, denoising.

An encoder maps an image to a code of `--z-dim` numbers and a decoder maps the code back; both minimize the mean squared
error. `--network dense` has no hidden layers and only a final tanh; `deep` has those of `--units`, by default the 128
and 64 of the Keras blog; `convolutional` has DCGAN's networks. `--noise 0.5` corrupts the encoder's input, half image
and half noise, while the target stays the clean image (Vincent et al. 2008, whose noise sets pixels to 0).

An autoencoder does not define which codes are likely, so it cannot be sampled. Here the mean and covariance of the
codes are tracked during training, and z is the whitened code: a normal z is a code with the mean and covariance of
those of images (a Gaussian fitted afterwards, as in Ghosh et al. 2020, arXiv:1903.12436). `encode`, `sample`,
`interpolate` and other commands use this z; a straight line in z is one in the code.

Differences from the usual code:
- The code is linear, not rectified.
- Squared error, not cross-entropy of gray values.
- EMA of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, tf
from gancli.core.options import option
from gancli.models import exports
from gancli.models.base import Batches
from gancli.models.families.autoencoding import AutoencodingModel
from gancli.nn.architectures import autoencoder
from gancli.nn.network import Network, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


def _decoder(model: Autoencoder, stock: exports.Stock) -> keras.Model:
    """The decoder of whitened codes."""
    layer, decoder = autoencoder.unwhitening(model.encoder.inference_model), stock("decoder")
    z = keras.Input(decoder.inputs[0].shape[1:], name="z")
    return keras.Model(z, decoder(layer(z)), name="decoder_of_z")


def _encoder(model: Autoencoder, stock: exports.Stock) -> keras.Model:
    """The encoder with whitened codes."""
    return exports.followed(stock("encoder"), autoencoder.whitening(model.encoder.inference_model))


class Autoencoder(AutoencodingModel):
    """An autoencoder trained on the mean squared error, whose codes are whitened for sampling."""

    default_steps = 20_000
    inference_networks = exports.decoder("decoder", _decoder) | exports.encoder(_encoder)

    @dataclass(frozen=True)
    class Options(AutoencodingModel.Options):
        """The settings of the Keras blog."""

        z_dim: int = 32
        network: str = option(
            "deep",
            "type of encoder and decoder (dense: no hidden layers; deep: those of --units)",
            choices=("dense", "deep", "convolutional"),
        )
        units: str = option("128,64", "hidden units of a deep encoder, mirrored in the decoder")
        noise: float = option(0.0, "share of noise mixed into the encoder's input (0 disables)", low=0, below=1)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Encoder and decoder for images of the data's shape."""
        encoder, decoder = self.encoder_and_decoder(self.options.z_dim, last="tanh")
        encoder = keras.Model(encoder.inputs, autoencoder.followed(encoder.output), name="encoder")
        return {"encoder": Network(encoder, self.adam()), "decoder": Network(decoder, self.adam())}

    @classmethod
    def hidden_units(cls, chosen: Options) -> tuple[int, ...]:
        """No hidden layers unless the network is deep."""
        units = super().hidden_units(chosen)
        return units if chosen.network == "deep" else ()

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step on the squared error of pixels in [0, 1]."""
        image, share = next(batches)["image"], self.options.noise
        x = (1.0 - share) * image + share * self.random.uniform(tf.shape(image), -1.0, 1.0) if share else image

        def loss() -> Tensor:
            return tf.reduce_mean((self.decoder(self.encoder(x)) - image) ** 2) / 4.0

        return {"reconstruction_loss": minimize(self.encoder, self.decoder, loss=loss)}

    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The whitened codes of images, float32 (batch, z_size), of mean 0 and covariance 1."""
        return autoencoder.whitened(self.encoder.inference_model, self.encoder.infer(images))

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1] from whitened codes."""
        return self.decoder.infer(autoencoder.unwhitened(self.encoder.inference_model, z))
