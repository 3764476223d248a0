"""Base of autoencoders: options and networks of encoder and decoder."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.options import option
from gancli.models.capabilities import Decoder, Encoder
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.dcgan_networks import dcgan_sizes
from gancli.models.families.latent import LatentModel
from gancli.models.families.network_sizes import hidden_units
from gancli.nn.architectures import autoencoder, dcgan

if TYPE_CHECKING:
    from gancli.core.backend import keras
    from gancli.nn.network import Network


class AutoencodingModel(LatentModel, Decoder, Encoder):
    """An encoder of images and a decoder of their codes, dense or convolutional; z is normal."""

    encoder: Network
    decoder: Network
    ema_networks: ClassVar[tuple[str, ...]] = ("encoder", "decoder")

    @dataclass(frozen=True)
    class Options(LatentModel.Options):
        """Adds the networks."""

        z_dim: int = option(20, "length of the latent code", low=1, high=4096)
        network: str = option("dense", "type of encoder and decoder", choices=("dense", "convolutional"))
        units: str = option("500,500", "hidden units of a dense encoder, mirrored in the decoder")
        width: int = option(32, "channels of the largest feature maps (convolutional networks)", low=1, high=1024)
        depth: int | None = option(
            None, "number of halvings (convolutional networks; default: down to 4 pixels)", low=1, high=10
        )
        kernel: int = option(5, "kernel size of every convolution (convolutional networks)", low=2, high=9)
        batch_size: int = 100
        learning_rate: float = 1e-3
        beta1: float = 0.9

    def encoder_and_decoder(
        self, outputs: int, *, classes: int = 0, last: str | None = None
    ) -> tuple[keras.Model, keras.Model]:
        """Encoder with this many outputs, and decoder with this last activation, for images of the data's shape.

        classes: size of the one-hot label that both take, or 0.
        """
        chosen, shape = self.options, self.data.shape
        if chosen.network == "convolutional":
            sizes = {"classes": classes, "deviation": None} | dcgan_sizes(self)
            encoder = dcgan.discriminator(shape, outputs=outputs, **sizes)
            return encoder, dcgan.generator(shape, self.z_size, last=last, **sizes)
        sizes = {"units": self.hidden_units(chosen), "classes": classes}
        return autoencoder.encoder(shape, outputs, **sizes), autoencoder.decoder(self.z_size, shape, last=last, **sizes)

    @classmethod
    def hidden_units(cls, chosen: Options) -> tuple[int, ...]:
        """Units of a dense encoder's hidden layers, from the image to the code. Raises: OptionError."""
        return hidden_units(chosen.units)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        cls.hidden_units(chosen)

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)
