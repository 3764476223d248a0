"""Deep convolutional GAN. Radford, Metz & Chintala 2015, arXiv:1511.06434, section 3.

Its five guidelines: strided and fractional-strided convolutions instead of pooling; BatchNorm in both networks, but
not on the generator's output and the discriminator's input; no hidden dense layers; ReLU in the generator with a tanh
at its end; LeakyReLU (.2) in the discriminator. Weights from N(0, .02), Adam 2e-4 with beta1 .5, z from U(-1, 1).

Differences from the paper: width 32 instead of 128, batches of 64 instead of 128, and a step size of 8e-4, which
networks that narrow bear, so that a CPU makes digits in minutes (--width 128 --batch-size 128 --learning-rate 2e-4 are
the paper's); any side, not 64 alone; a moving average of the weights; samples are drawn with BatchNorm's moving
statistics, so that a picture does not depend on its neighbours. BatchNorm sees real and generated images as separate
batches, and stands before the reshape in the generator, as in the authors' code. Differences from that code: a step of
each player at each batch, the discriminator first, where the code gives successive batches to the generator and the
discriminator in turns; no L2 penalty on the weights.

With --conditional both networks are given the class: its one-hot vector is joined to the input of every layer, as in
the authors' conditional code on MNIST (Newmu/dcgan_code), which has dense layers besides, pixels in [0, 1] and a rate
that decays.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.options import option
from gancli.models.base import Model
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import Adversarial, DCGANBackbone
from gancli.nn.architectures import dcgan
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class DCGAN(DCGANBackbone, Adversarial, Model, Decoder):
    """The deep convolutional GAN."""

    default_steps = 12_000
    normalizes_batches = True

    @dataclass(frozen=True)
    class Options(DCGANBackbone.Options, Adversarial.Options, Model.Options):
        """The paper's settings, narrower."""

        learning_rate: float = option(8e-4, "learning rate (paper: 2e-4)")
        prior: str = "uniform"
        conditional: bool = option(False, "class-conditional: join the label to every layer of both networks")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator, mirror images, for images of the data's shape."""
        sizes = self.sizes() | ({"classes": len(data.classes)} if self.options.conditional else {})
        return {
            "generator": Network(dcgan.generator(data.shape, self.options.z_dim, **sizes), self.adam()),
            "discriminator": Network(self.tricks(dcgan.discriminator(data.shape, **sizes)), self.adam()),
        }

    @classmethod
    def columns_of(cls, chosen: Options) -> tuple[str, ...]:
        """Labels too, where they are given to the networks."""
        return ("image", "label") if chosen.conditional else ("image",)
