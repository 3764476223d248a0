"""Base of GANs with the networks of DCGAN, and the options of those networks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core import options
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models.base import Model
from gancli.models.capabilities import ConvolutionalNetworks, Decoder
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families import transformer_discriminator
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.network_sizes import HalvingOptions, check_depth
from gancli.models.families.transformer_discriminator import TransformerOptions
from gancli.nn.architectures import dcgan
from gancli.nn.layers.class_conditional import with_projection
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.core.backend import keras
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig


@dataclass(frozen=True)
class DCGANOptions(HalvingOptions):
    """Sizes of the networks of DCGAN."""

    width: int = option(
        32, "channels of the largest feature maps, doubled at each halving (paper: 128)", low=1, high=1024
    )
    kernel: int = option(5, "kernel size of every convolution (paper: 5)", low=2, high=9)


@dataclass(frozen=True)
class DiscriminatorNorm(options.Options):
    """The normalization in the discriminator of DCGAN."""

    d_norm: str = option("batch", "normalization in the discriminator", choices=("batch", "layer", "none"))

    def batchnorm_advice(self) -> str:
        """What to do about BatchNorm in the discriminator, if it has any."""
        return "use --d-norm layer or none" if self.d_norm == "batch" else ""


def dcgan_sizes(model: Model) -> dict[str, int | None]:
    """Arguments of the functions in gancli.nn.architectures.dcgan. Raises: OptionError for an impossible depth."""
    chosen, side = model.options, model.data.shape[0]
    check_depth(chosen.depth, dcgan.deepest(side, chosen.kernel), side)
    return {"width": chosen.width, "kernel": chosen.kernel, "depth": chosen.depth}


class DCGANModel(AdversarialModel, Decoder, ConvolutionalNetworks):
    """A GAN with the networks of DCGAN."""

    deviation: ClassVar[float | None] = dcgan.WEIGHT_DEVIATION  # of the first weights; None: He et al. 2015

    @dataclass(frozen=True)
    class Options(DiscriminatorNorm, DCGANOptions, TransformerOptions, AdversarialModel.Options):
        """Adds the networks: kind, sizes, normalization, and how they take the class."""

        discriminator: str = option(
            "convolutional", "kind of the discriminator", choices=("convolutional", "transformer")
        )
        g_norm: str = option("batch", "normalization in the generator", choices=("batch", "pixel", "none"))
        conditioning: str = option(
            "concatenate",
            "class input (projection: of the discriminator, with class-conditional BatchNorm)",
            choices=("concatenate", "projection"),
        )

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    @classmethod
    def batchnorm_advice(cls, chosen: Options) -> str:
        """What to do about BatchNorm in the discriminator, if it has any."""
        advice = "" if transformer_discriminator.is_chosen(chosen) else chosen.batchnorm_advice()
        return f"{advice}, or --model wgan-gp" if advice else ""

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        transformer_discriminator.check(chosen)
        if chosen.conditioning == "projection":
            if "label" not in cls.data_requirements(chosen).columns:
                raise OptionError("--conditioning projection needs a class-conditional model: add --conditional")
            if chosen.g_norm != "batch":
                raise OptionError(
                    f"--conditioning projection sets the gains of BatchNorm; leave out --g-norm {chosen.g_norm}"
                )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator, mirror images of each other; conditional if the columns hold a label."""
        chosen, classes = self.options, len(data.classes) if "label" in self.columns else 0
        shared = dcgan_sizes(self) | {"deviation": self.deviation}
        by_projection = bool(classes) and chosen.conditioning == "projection"
        norm = "conditional" if by_projection else chosen.g_norm
        generator = dcgan.generator(data.shape, chosen.z_dim, norm=norm, classes=classes, **shared)
        projects = by_projection or (bool(classes) and transformer_discriminator.is_chosen(chosen))
        if transformer_discriminator.is_chosen(chosen):
            discriminator = transformer_discriminator.build(data.shape, chosen)
        else:
            of_discriminator = shared | {"classes": 0 if projects else classes}
            discriminator = dcgan.discriminator(data.shape, norm=chosen.d_norm, **of_discriminator)
        discriminator = self.with_minibatch_layers(discriminator)
        if projects:
            discriminator = with_projection(discriminator, classes)
        return {
            "generator": Network(generator, self.optimizer("g")),
            "discriminator": Network(discriminator, self.optimizer("d")),
        }

    def optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """A new optimizer for one of the networks."""
        return self.adam(side)
