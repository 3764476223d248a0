"""Laplacian pyramid of GANs. Denton, Chintala, Szlam & Fergus 2015, arXiv:1506.05751, section 3.

An image is generated from coarse to fine. An ordinary GAN makes the coarsest level. Each further level upsamples its
input, l, and its generator adds details h to it, from noise and l; its discriminator separates h + l of real images
from generated ones. Going down the true pyramid, h = I - up(down(I)), nothing is lost: h + l is I. The levels are
trained one after the other and independently, each on true l, so `--stage level-1` trains one alone, and a later
`--resume --stage all` the others. `--steps` is the length of each, unless `--level-steps` gives one for each. The noise
of a level is one plane.

`--sizes` are the image sides, the coarsest first: the paper's for CIFAR-10 are 8,16,32 in the code and 8,14,28, of
crops (`--crop 28`), in the text; for scenes 4,8,16,32,64. `--conditional` gives every network the class.

Differences from the paper:
- The coarsest level is a DCGAN, and the others have networks in its manner. --preset paper has the layers of the
  authors' code for CIFAR-10 (facebook/eyescream): dense ones for the coarsest level, for the others convolutions of 64
  channels without BatchNorm, and the class as a plane made by a dense layer. The default's images have too
  much contrast: BatchNorm hides that of a batch from a discriminator.
- Adam instead of SGD 0.02 with rising momentum (`--optimizer sgd --learning-rate 0.02`, whose rate is divided by
  1.000004 at each update here and after each epoch in the code, down to 1e-6 in both).
- Batches of 64 for the generator, the code's 128 (its discriminator also sees 64 real and 64 generated images), made
  from the coarse images that the discriminator saw; the code draws others.
- BatchNorm in the coarsest generator, which without it makes a single gray image under Adam.
- Pixels in [-1, 1], not each with mean 0 and deviation 1.
- Coarse images are means of pixels; the code's are bilinear.
- Levels above the second have the networks of the third, not the larger ones for scenes.
- Coarse images are clipped to [-1, 1] before they are upsampled.
- EMA of the weights.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models import exports, regularization
from gancli.models.base import Batches, Stage
from gancli.models.capabilities import Decoder, Pyramid
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.dcgan_networks import DiscriminatorNorm
from gancli.models.families.goodfellow_optimizer import Goodfellow2014Options, goodfellow2014_optimizer
from gancli.models.families.latent import LatentModel, PriorOptions
from gancli.models.families.network_sizes import MOST_LEVELS, check_depth, pyramid_lengths, pyramid_sides
from gancli.models.learning_rates import AdversarialRates
from gancli.models.regularization import RegularizationOptions
from gancli.nn.adversarial_step import AdversarialConfig, alternating_step
from gancli.nn.architectures import laplacian, laplacian_dcgan
from gancli.nn.losses import ADVERSARIAL_LOSSES
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.config import TrainingConfig


def _pyramid(model: LAPGAN, stock: exports.Stock) -> keras.Model:
    """All levels as one network, from z to the finest image."""
    ops, chosen = keras.ops, model.options
    z = keras.Input((model.z_size,), name="z")
    label = [keras.Input((len(model.data.classes),), name="label")] if chosen.conditional else []
    first = z[:, : chosen.z_dim]
    image, at = stock("generator-0")([first, *label] if label else first), chosen.z_dim
    for level, side in enumerate(model.sides[1:], start=1):
        noise = ops.reshape(z[:, at : at + side**2], (-1, side, side, 1))
        coarse = laplacian.up_by_layers(image, side)
        image = ops.clip(stock(f"generator-{level}")([noise, coarse, *label]), -1.0, 1.0)
        at += side**2
    return keras.Model([z, *label] if label else z, image, name="generator")


class LAPGAN(LatentModel, Decoder, Pyramid):
    """A generator and a discriminator for each level of a Laplacian pyramid (Denton et al. 2015)."""

    ema_networks: ClassVar[tuple[str, ...]] = tuple(f"generator-{level}" for level in range(MOST_LEVELS))
    adversaries: ClassVar[tuple[str, ...]] = tuple(f"discriminator-{level}" for level in range(MOST_LEVELS))
    inference_networks = exports.decoder(build=_pyramid)
    default_steps = 5_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"network": "eyescream", "learning_rate": 1e-3, "width": 64, "depth": 2}
    }

    @dataclass(frozen=True)
    class Options(
        RegularizationOptions,
        DiscriminatorNorm,
        Goodfellow2014Options,
        AdversarialRates,
        PriorOptions,
        LatentModel.Options,
    ):
        """Networks that learn within minutes; --preset paper has the authors' for CIFAR-10."""

        network: str = option("dcgan", "networks of all levels", choices=("dcgan", "eyescream"), absent="eyescream")
        sizes: str = option("", "image sides of the pyramid, such as 8,16,32 (default: repeated halving)")
        stage: str = option(
            "all", "pyramid level to train: level-0 (the coarsest), level-1 and so on, or all", may_change=True
        )
        level_steps: str = option(
            "", "steps of each level, such as 4000,2000,1000 (default: --steps each)", may_change=True
        )
        conditional: bool = option(False, "class-conditional: give the label to all networks")
        learning_rate: float = option(8e-4, "learning rate")
        z_dim: int = option(
            100, "latent size of the coarsest level; others have one number per pixel", low=1, high=None
        )
        prior: str = option("uniform", "distribution of the noise")
        loss: str = option("non-saturating", "adversarial loss", choices=tuple(ADVERSARIAL_LOSSES))
        width: int = option(
            32, "channels of the convolutions (dcgan: doubled at each halving; paper: 64)", low=1, high=1024
        )
        depth: int = option(
            1,
            "3x3 convolutions of a generator above the coarsest (eyescream: hidden layers; paper: 2)",
            low=1,
            high=laplacian.MOST_DENSE,
        )
        units: int = option(1200, "units of each hidden layer of dense generators (paper: 1200)", low=2, high=65536)
        d_units: int | None = option(
            None, "units of each hidden layer of dense discriminators (default: half of --units)", low=1, high=65536
        )

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if chosen.level_steps and config.minutes is not None:
            raise OptionError("--minutes and --level-steps both give the length of the training: give one")
        has_batchnorm = ""
        if chosen.network == "dcgan":
            has_batchnorm = chosen.batchnorm_advice()
        elif chosen.d_norm != "batch":
            raise OptionError("--network eyescream has no normalization in its discriminators: leave out --d-norm")
        loss = chosen.loss if chosen.augment == "ada" else ""
        regularization.check(cls, chosen, has_batchnorm=has_batchnorm, loss=loss)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """A generator and a discriminator for each level."""
        chosen, lengths = self.options, self._lengths()
        if chosen.stage not in ("all", *self._names()):
            raise OptionError(f"--stage {chosen.stage}: expected one of all, {', '.join(self._names())}")
        classes = len(data.classes) if chosen.conditional else 0
        d_units = chosen.d_units or chosen.units // 2
        sizes = laplacian.Sizes(chosen.z_dim, chosen.width, chosen.depth, chosen.units, d_units, classes, chosen.d_norm)
        of_paper = chosen.network == "eyescream"
        networks = {}
        for level, side in enumerate(self.sides):
            is_dense = not of_paper or not level
            check_depth(chosen.depth, laplacian.MOST_DENSE if is_dense else laplacian.deepest(side), side)
            pair = (laplacian if of_paper else laplacian_dcgan).networks(
                (side, side, data.shape[2]), sizes, is_coarsest=not level
            )
            for name, letter, network in zip(("generator", "discriminator"), "gd", pair, strict=True):
                optimizer = goodfellow2014_optimizer(self, letter, steps=lengths[level])
                networks[f"{name}-{level}"] = Network(network, optimizer)
        return networks

    def resolved_options(self) -> dict[str, object]:
        """None: each level decays over its own length."""
        return {}

    @functools.cached_property
    def sides(self) -> tuple[int, ...]:
        """Sides of the levels, from the options or by halving. Raises: OptionError."""
        return pyramid_sides(self.options.sizes, self.data.shape[0])

    def _lengths(self) -> list[int]:
        """Steps of each level. Raises: OptionError."""
        return pyramid_lengths(self.options.level_steps, len(self.sides), self.total_steps())

    def _names(self) -> list[str]:
        return [f"level-{level}" for level in range(len(self.sides))]

    def stages(self) -> list[Stage]:
        """One per level, from the coarsest; --stage disables the others."""
        wish, lengths = self.options.stage, zip(self._names(), self._lengths(), strict=True)
        return [
            Stage(name, steps, functools.partial(self.train_step, level=level), wish in ("all", name))
            for level, (name, steps) in enumerate(lengths)
        ]

    def on_stage_start(self, number: int, dataset: Dataset) -> None:
        """Each level begins without augmentation, whatever the level before needed."""
        for variable in self.state.values():
            variable.assign(0.0)

    def train_step(self, batches: Batches, level: int = -1) -> dict[str, Tensor]:
        """A step of one level, by default the finest: its discriminator, then its generator."""
        level %= len(self.sides)
        generator, discriminator = self.networks[f"generator-{level}"], self.networks[f"discriminator-{level}"]
        noise = (self.options.z_dim,) if level == 0 else self._plane(level)
        loss = ADVERSARIAL_LOSSES[self.options.loss]
        config = AdversarialConfig(
            loss=loss,
            sample_z=lambda: self.noise(*noise),
            real=lambda batch: self.reduced(batch["image"], level),
            generator_inputs=lambda batch: (
                (self._enlarged(self.reduced(batch["image"], level - 1), level),) if level else ()
            ),
            conditioning=self.conditioning,
            **regularization.of_step(self, discriminator, loss),
        )
        return alternating_step(generator, discriminator, batches, config)

    def _plane(self, level: int) -> tuple[int, int, int]:
        return (self.sides[level], self.sides[level], 1)

    def _enlarged(self, coarse: Tensor, level: int) -> Tensor:
        return laplacian.up(coarse, self.sides[level])

    @property
    def z_size(self) -> int:
        """Length of z: the noise of the coarsest level, then one number per pixel of the others."""
        return self.options.z_dim + sum(side**2 for side in self.sides[1:])

    def reduced(self, images: Tensor, level: int) -> Tensor:
        """Images (batch, side, side, channels) reduced to the resolution of a level by averaging."""
        return laplacian.down(images, self.sides[level])

    def coarsest(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images of the coarsest level, float32 (batch, side, side, channels) in [-1, 1]."""
        return self.networks["generator-0"].infer(z[:, : self.options.z_dim], condition)

    def refine(self, level: int, coarse: Tensor, z: Tensor, condition: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The upsampled coarse image, and the details to add, float32 (batch, side, side, channels) each."""
        first = self.options.z_dim + sum(side**2 for side in self.sides[1:level])
        noise = tf.reshape(z[:, first : first + self.sides[level] ** 2], (-1, *self._plane(level)))
        enlarged = self._enlarged(coarse, level)
        return enlarged, self.networks[f"generator-{level}"].infer(noise, enlarged, condition) - enlarged

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1], from the coarsest level to the finest."""
        image = self.coarsest(z, condition)
        for level in range(1, len(self.sides)):
            enlarged, details = self.refine(level, image, z, condition)
            image = tf.clip_by_value(enlarged + details, -1.0, 1.0)
        return image

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Labels too, if conditional."""
        return DataRequirements(("image", "label") if chosen.conditional else ("image",))
