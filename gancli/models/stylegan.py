"""StyleGAN. Karras, Laine & Aila 2019, arXiv:1812.04948, sections 2 and 3.1.

A mapping network of dense layers turns z, scaled to length √z_dim, into w. The synthesis network begins with learned
constant maps; each of its convolutions is followed by Gaussian noise with a learned strength per channel, a bias,
LeakyReLU, and AdaIN: each map is normalized, and gets a deviation and a mean that are affine functions of w. In
training nine images of ten take the w of another z from a random layer on (style mixing). The loss is non-saturating
with the R1 penalty, γ = 10; Adam has beta1 0 and beta2 0.99; learning rates are equalized (Karras et al. 2018), with a
hundredth of the rate for the mapping network. A moving average of w is kept for truncation.

At inference the noise of each layer is constant, drawn once when the network is made and saved with it: a seed always
gives the same image.

Differences from the paper:
- All resolutions are trained from the start; the paper's network grows from 8 x 8 as in Karras et al. 2018.
- z and w of 128 numbers, 4 mapping layers, 16 channels at the image's resolution, 128 at most, and batches of 32, so
  that two CPU cores train 64 x 64 faces in an hour. --preset paper has the paper's 512, 8, and, at 1024 x 1024, 16 and
  512.
- A learning rate of 0.002; the paper's grows with the resolution, from 0.001.
- The R1 penalty is taken every 16 steps with 16 times the weight, as in StyleGAN2 (paper: --penalty-every 1).
- The discriminator's loss is half the paper's, so that the paper's γ = 10 is --r1 5 (as in --preset paper). The default
  is 1: a penalty for images of 1,024 pixels slows a discriminator of small ones, as Karras et al. 2020
  (arXiv:2006.06676) note, who have γ in proportion to the number of pixels.
- The point from which on w is that of another z is drawn for each image, not for each batch.
- The filter [1, 3, 3, 1] around 3x3 convolutions of stride 2; the authors' code has [1, 2, 1] around the mean of two
  such convolutions, which differs at the edges of maps alone.
- The learned constant begins with N(0, 1), as in StyleGAN2. The paper's ones have no variance that AdaIN could bring to
  1: what it enlarges at first is the noise alone.
- Any image side, not only powers of 2.
- EMA of all weights with a decay of 0.998, a half-life of 11,000 images (paper: 10,000).
- --conditional gives both networks the class: joined to z as a learned vector, and by projection in the discriminator.
- Constant noise at inference, where the authors' code draws it again unless asked not to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from gancli.core.options import option
from gancli.models.families.style_based import StyleModel
from gancli.nn.architectures.style_based import discriminators, synthesis


class StyleGAN(StyleModel):
    """The GAN whose styles act by adaptive instance normalization (Karras et al. 2019)."""

    default_steps = 8_000
    synthesis = staticmethod(synthesis.adain_synthesis)
    critic = staticmethod(discriminators.plain)
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {
            "batch_size": 32,
            "z_dim": 512,
            "w_dim": 512,
            "mapping_layers": 8,
            "width": 16,
            "max_width": 512,
            "r1": 5.0,
            "penalty_every": 1,
        }
    }

    @dataclass(frozen=True)
    class Options(StyleModel.Options):
        """The paper's settings, narrower."""

        width: int = option(16, "channels of the largest feature maps, doubled at each halving (paper: 16)")
        r1: float = option(1.0, "R1 penalty weight γ (paper: 5, of this loss)")
        penalty_every: int = option(16, "discriminator steps per penalty (paper: 1)")
