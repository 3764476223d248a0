"""Deep convolutional GAN. Radford, Metz & Chintala 2015, arXiv:1511.06434, section 3.

Its five guidelines: strided and fractionally strided convolutions instead of pooling; BatchNorm in both networks, but
not on the generator's output and the discriminator's input; no hidden dense layers; ReLU in the generator with a final
tanh; LeakyReLU (0.2) in the discriminator. Weights from N(0, 0.02), Adam 2e-4 with beta1 0.5, z from U(-1, 1).

With --conditional both networks take the class: its one-hot vector is concatenated to the input of every layer, as in
the authors' conditional code on MNIST (Newmu/dcgan_code), which also has dense layers, pixels in [0, 1] and a decaying
learning rate.

With --discriminator transformer the discriminator is a transformer on patches of the image: ViT, Dosovitskiy et al.
2020, arXiv:2010.11929 (gancli.nn.architectures.residual.transformer). It has no BatchNorm, so that it takes penalties,
and the class, if there is one, by projection.

Differences from the paper:
- Width 32 instead of 128, batches of 64 instead of 128, and a learning rate of 8e-4, which such narrow networks
  tolerate, so that a CPU makes digits in minutes (--preset paper).
- Any image side, not only 64.
- EMA of the weights.
- Samples use BatchNorm's moving statistics, so that an image does not depend on the others of its batch.

BatchNorm sees real and generated images as separate batches, and comes before the reshape in the generator, as in the
authors' code. Differences from that code:
- A step of each network on each batch, the discriminator first; the code alternates batches between the two.
- No L2 penalty on the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from gancli.core.options import option
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.dcgan_networks import DCGANModel


class DCGAN(DCGANModel):
    """The deep convolutional GAN (Radford et al. 2015)."""

    default_steps = 12_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"width": 128, "batch_size": 128, "learning_rate": 2e-4}
    }

    @dataclass(frozen=True)
    class Options(DCGANModel.Options):
        """The paper's settings, narrower."""

        learning_rate: float = option(8e-4, "learning rate (paper: 2e-4)")
        prior: str = "uniform"
        conditional: bool = option(False, "class-conditional: join the label to every layer of both networks")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Labels too, if conditional."""
        plain = super().data_requirements(chosen)
        return replace(plain, columns=("image", "label")) if chosen.conditional else plain
