"""Base of GANs with the networks of DCGAN, and the options of those networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.options import option
from gancli.models.base import Model
from gancli.models.capabilities import ConvolutionalNetworks, Decoder
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.network_sizes import HalvingOptions, check_depth
from gancli.nn.architectures import dcgan
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.core.backend import keras
    from gancli.data.dataset import DataFacts


@dataclass(frozen=True)
class DCGANOptions(HalvingOptions):
    """Sizes of the networks of DCGAN."""

    width: int = option(
        32, "channels of the largest feature maps, doubled at each halving (paper: 128)", low=1, high=1024
    )
    kernel: int = option(5, "kernel size of every convolution (paper: 5)", low=2, high=9)


def dcgan_sizes(model: Model) -> dict[str, int | None]:
    """Arguments of the functions in gancli.nn.architectures.dcgan. Raises: OptionError for an impossible depth."""
    chosen, side = model.options, model.data.shape[0]
    check_depth(chosen.depth, dcgan.deepest(side, chosen.kernel), side)
    return {"width": chosen.width, "kernel": chosen.kernel, "depth": chosen.depth}


class DCGANModel(AdversarialModel, Decoder, ConvolutionalNetworks):
    """A GAN with the networks of DCGAN."""

    discriminator_has_batchnorm: ClassVar[bool] = True

    @dataclass(frozen=True)
    class Options(DCGANOptions, AdversarialModel.Options):
        """Adds the sizes of the networks."""

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator, mirror images of each other; conditional if the columns hold a label."""
        sizes = dcgan_sizes(self) | ({"classes": len(data.classes)} if "label" in self.columns else {})
        generator = Network(dcgan.generator(data.shape, self.options.z_dim, **sizes), self.optimizer("g"))
        discriminator = self.with_minibatch_discrimination(dcgan.discriminator(data.shape, **sizes))
        return {"generator": generator, "discriminator": Network(discriminator, self.optimizer("d"))}

    def optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """A new optimizer for one of the networks."""
        return self.adam(side)
