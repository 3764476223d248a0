"""Base of GANs whose generator has a style space: a mapping network and a synthesis network."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models.capabilities import StyleBased
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.network_sizes import HalvingOptions, check_depth
from gancli.models.learning_rates import scheduled
from gancli.nn.architectures.dcgan import deepest, ladder
from gancli.nn.architectures.style_based import mapping, rates, synthesis
from gancli.nn.layers import minibatch_discrimination
from gancli.nn.layers.class_conditional import with_projection
from gancli.nn.network import Network
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.core.backend import Tensor, keras
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig

BETA2 = 0.99
KERNEL = 3


class StyleModel(AdversarialModel, StyleBased):
    """A GAN of a mapping network, a synthesis network, and a discriminator, all with an equalized learning rate.

    A model gives `synthesis`, (sides and channels, channels of the image, size of w) -> the synthesis network, and
    `critic`, (sides and channels, channels of the image, group=…) -> the discriminator.
    """

    synthesis: ClassVar[Callable[..., keras.Model]]
    critic: ClassVar[Callable[..., keras.Model]]

    @dataclass(frozen=True)
    class Options(HalvingOptions, AdversarialModel.Options):
        """Sizes of the networks, and the settings that both papers share."""

        batch_size: int = 32
        learning_rate: float = option(0.002, "learning rate")
        beta1: float = 0.0
        ema: float = 0.998
        prior: str = option("normal", "distribution of the latent vector", choices=("normal",))
        z_dim: int = option(128, "length of the latent vector (paper: 512)")
        w_dim: int = option(128, "length of the style vector w (paper: 512)", low=1, high=4096)
        mapping_layers: int = option(4, "dense layers of the mapping network (paper: 8)", low=1, high=16)
        width: int = option(16, "channels of the largest feature maps, doubled at each halving", low=1, high=1024)
        max_width: int = option(128, "limit of the channels of any feature maps (paper: 512)", low=1, high=4096)
        mixing: float = option(0.9, "probability of style mixing in training (paper: 0.9)", low=0, high=1)
        minibatch_stddev: int = 4
        r1: float = 1.0
        penalty_every: int = 16
        conditional: bool = option(False, "class-conditional: give the label to both networks")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more; labels too, if conditional."""
        return DataRequirements(("image", "label") if chosen.conditional else ("image",), nearest_side=at_least_8)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if chosen.equalized_lr:
            raise OptionError(f"{cls.name()} has an equalized learning rate of its own: leave out --equalized-lr")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator; conditional if the columns hold a label."""
        chosen, (side, _, channels) = self.options, data.shape
        check_depth(chosen.depth, deepest(side, KERNEL), side)
        maps = synthesis.sizes(ladder(side, chosen.depth), chosen.width, chosen.max_width)
        classes = len(data.classes) if "label" in self.columns else 0
        mapped = mapping.mapping(chosen.z_dim, chosen.w_dim, depth=chosen.mapping_layers, classes=classes)
        images = type(self).synthesis(maps, channels, chosen.w_dim)
        discriminator = type(self).critic(maps, channels, group=chosen.minibatch_stddev)
        if chosen.minibatch_kernels:
            discriminator = minibatch_discrimination.discriminating(discriminator, chosen.minibatch_kernels)
        if classes:
            discriminator = with_projection(discriminator, classes)
        generator = mapping.generator(mapped, images, mixing=chosen.mixing)
        return {
            "generator": Network(generator, self.optimizer("g", generator)),
            "discriminator": Network(discriminator, self.optimizer("d", discriminator)),
        }

    def optimizer(self, side: str, network: keras.Model) -> keras.optimizers.Optimizer:
        """Adam with an equalized learning rate."""
        rate = scheduled(self, side, **self.timing(side))
        return adam(rate, beta1=self.options.beta1, beta2=BETA2, multipliers=rates.multipliers(network))

    @property
    def w_size(self) -> int:
        """Length of a style vector."""
        return self.options.w_dim

    @property
    def style_layers(self) -> int:
        """Styles of an image, two for each side of feature maps."""
        return 2 * len(ladder(self.data.shape[0], self.options.depth))

    def to_w(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """The mapping network: z and condition as in `decode` -> float32 (batch, w_size)."""
        network = self.generator.inference_model.get_layer("mapping")
        return network(z if condition is None else [z, condition], training=False)

    def from_w(self, w: Tensor) -> Tensor:
        """The synthesis network: float32 (batch, style_layers, w_size) -> images as of `decode`, with fixed noise."""
        return self.generator.inference_model.get_layer("synthesis")(w, training=False)

    def mean_w(self) -> Tensor:
        """The moving average of w over the training, float32 (w_size,)."""
        network = self.generator.inference_model.get_layer("mapping")
        return network.get_layer("mean_w").mean.value + 0.0
