"""Autoencoders: dense, deep, convolutional, denoising. The lecture's encoder and decoder, before there is a prior.

An encoder turns an image into a code of `--z-dim` numbers, a decoder turns the code into the image again, and both
descend the mean squared error. `--network dense` has no hidden layers, and bends at its last tanh alone; `deep` has
those of `--units`, Keras' blog's 128 and 64 by default; `convolutional` has DCGAN's networks. `--noise 0.5` spoils what
the encoder sees, half image and half noise, and what is asked for stays the clean image (Vincent et al. 2008, whose
noise sets pixels to 0).

An autoencoder says nothing of which codes are likely, so that nothing could be drawn from it. Here mean and covariance
of the codes are followed in training, and z is the code made white by them: a normal z is a code of the mean and
covariance that images have (a Gaussian fitted afterwards, as Ghosh et al. 2020, arXiv:1903.12436). `encode`, `sample`,
`interpolate` and the rest speak of that z; a straight line in it is one in the code.

Differences from the usual code: the code is linear, not cut at 0; squared error, not cross-entropy of grey values; a
moving average of the weights.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, tf
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.families.autoencoding import Coding
from gancli.nn.architectures import autoencoder
from gancli.nn.network import Network, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class Autoencoder(Coding, Model):
    """The autoencoder."""

    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(Coding.Options, Model.Options):
        """Those of Keras' blog."""

        z_dim: int = 32
        network: str = option(
            "deep",
            "type of encoder and decoder (dense: no hidden layers; deep: those of --units)",
            choices=("dense", "deep", "convolutional"),
        )
        units: str = option("128,64", "hidden units of a deep encoder, mirrored in the decoder")
        noise: float = option(0.0, "share of noise in the encoder's input (0 disables)", low=0, below=1)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Encoder and decoder for images of the data's shape."""
        encoder, decoder = self.coders(self.options.z_dim, last="tanh")
        encoder = keras.Model(encoder.inputs, autoencoder.followed(encoder.output), name="encoder")
        return {"encoder": Network(encoder, self.adam()), "decoder": Network(decoder, self.adam())}

    @classmethod
    def hidden(cls, chosen: Options) -> tuple[int, ...]:
        """None of a network that is dense and no more."""
        units = super().hidden(chosen)
        return units if chosen.network == "deep" else ()

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Encoder and decoder descend the squared error, of pixels in [0, 1]."""
        image, share = next(batches)["image"], self.options.noise
        shown = (1.0 - share) * image + share * self.random.uniform(tf.shape(image), -1.0, 1.0) if share else image
        again = lambda: self.decoder(self.encoder(shown))  # noqa: E731 (inside the tape)
        error = minimize(self.encoder, self.decoder, loss=lambda: tf.reduce_mean((again() - image) ** 2) / 4.0)
        return {"reconstruction_loss": error}

    def encode(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The codes of images, made white."""
        return autoencoder.whitened(self.encoder.used, self.encoder.infer(images))

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images of white codes."""
        return self.decoder.infer(autoencoder.unwhitened(self.encoder.used, z))
