"""What models with an encoder share: the options and the networks of encoder and decoder, and one rule for `z`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core import options
from gancli.core.errors import OptionError
from gancli.core.options import option, whole
from gancli.models.capabilities import Decoder, Encoder
from gancli.models.config import TrainingConfig
from gancli.nn.architectures import autoencoder, dcgan

if TYPE_CHECKING:
    from gancli.core.backend import keras

MOST_UNITS = 65536


class Coding(Decoder, Encoder):
    """An `encoder` of images and a `decoder` of their codes, dense or convolutional; z is normal.

    The base of a model beside Model itself, for those without a discriminator.
    """

    ema_networks: ClassVar[tuple[str, ...]] = ("encoder", "decoder")
    prior = "normal"

    @dataclass(frozen=True)
    class Options(options.Options):
        """The networks, and a step size that they bear."""

        z_dim: int = option(20, "length of the latent code", low=1, high=4096)
        network: str = option("dense", "type of encoder and decoder", choices=("dense", "convolutional"))
        units: str = option("500,500", "hidden units of a dense encoder, mirrored in the decoder")
        width: int = option(32, "channels of the largest feature maps (convolutional networks)", low=1, high=1024)
        kernel: int = option(5, "kernel size of every convolution (convolutional networks)", low=2, high=9)
        batch_size: int = 100
        learning_rate: float = 1e-3
        beta1: float = 0.9

    def coders(self, outputs: int, *, classes: int = 0, last: str | None = None) -> tuple[keras.Model, keras.Model]:
        """Encoder with so many outputs, and decoder with this last activation, for images of the data's shape.

        classes: of one-hot labels that both are given, if not 0.
        """
        chosen, shape = self.options, self.data.shape
        if chosen.network == "convolutional":
            sizes = {"width": chosen.width, "kernel": chosen.kernel, "classes": classes, "deviation": None}
            encoder = dcgan.discriminator(shape, outputs=outputs, **sizes)
            return encoder, dcgan.generator(shape, self.z_size, last=last, **sizes)
        sizes = {"units": self.hidden(chosen), "classes": classes}
        return autoencoder.encoder(shape, outputs, **sizes), autoencoder.decoder(self.z_size, shape, last=last, **sizes)

    @classmethod
    def hidden(cls, chosen: Options) -> tuple[int, ...]:
        """Units of a dense encoder's hidden layers, from the image to the code. Raises: OptionError."""
        parts = [part.strip() for part in chosen.units.split(",")] if chosen.units.strip() else []
        units = [whole(part, MOST_UNITS, least=1) for part in parts]
        if None in units:
            raise OptionError(f"--units {chosen.units}: expected numbers from 1 to {MOST_UNITS}, such as 500,500")
        return tuple(units)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that do not go together."""
        super().check(config, chosen)
        cls.hidden(chosen)

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """Any side from 8 on: at least one convolution between the image and its smallest map."""
        return max(side, 8)
