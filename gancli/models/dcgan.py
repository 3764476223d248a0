"""Deep convolutional GAN. Radford, Metz & Chintala 2015, arXiv:1511.06434, section 3.

Its five guidelines: strided and fractional-strided convolutions instead of pooling; BatchNorm in both networks, but
not on the generator's output and the discriminator's input; no hidden dense layers; ReLU in the generator with a tanh
at its end; LeakyReLU (.2) in the discriminator. Weights from N(0, .02), Adam 2e-4 with beta1 .5, z from U(-1, 1).

Differences from the paper: width 32 instead of 128, and batches of 64 instead of 128, so that a CPU makes digits in
minutes (--width 128 --batch-size 128 are the paper's); any side, not 64 alone; samples are drawn with BatchNorm's
moving statistics, so that a picture does not depend on its neighbours. BatchNorm sees real and generated images as
separate batches, and stands before the reshape in the generator, as in the authors' code.
"""

from __future__ import annotations

from dataclasses import dataclass

from gancli.architectures import dcgan
from gancli.backend import Tensor
from gancli.data.dataset import DataFacts
from gancli.games import alternate
from gancli.latents import PRIORS
from gancli.models.base import Batches, Decoder, Model
from gancli.network import Network
from gancli.options import option


class DCGAN(Model, Decoder):
    """The deep convolutional GAN."""

    default_steps = 12_000

    @dataclass(frozen=True)
    class Options(Model.Options):
        """The paper's settings, narrower."""

        width: int = option(
            32, "channels of the largest feature maps, doubled at each halving; the paper: 128", low=1, high=1024
        )
        kernel: int = option(5, "side of every convolution; the paper: 5", low=2, high=9)
        z_dim: int = option(100, "length of the latent vector", low=1, high=4096)
        z: str = option("uniform", "distribution of the latent vector", choices=PRIORS)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator, mirror images, for images of the data's shape."""
        sizes = {"width": self.options.width, "kernel": self.options.kernel}
        return {
            "generator": Network(dcgan.generator(data.shape, self.options.z_dim, **sizes), self.adam()),
            "discriminator": Network(dcgan.discriminator(data.shape, **sizes), self.adam()),
        }

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Algorithm 1 of Goodfellow et al. 2014."""
        return alternate(self.generator, self.discriminator, real=next(batches)["image"], noise=self.noise)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images from latent vectors, with BatchNorm's moving statistics."""
        return self.generator.infer(z)

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """Any side from 8 on: at least one convolution between the image and its smallest map."""
        return max(side, 8)
