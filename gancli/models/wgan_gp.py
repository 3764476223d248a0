"""Wasserstein GAN with gradient penalty. Gulrajani et al. 2017, arXiv:1704.00028, Algorithm 1.

The critic climbs E f(x) - E f(G(z)) and pays 10 (‖∇f(x̂)‖ - 1)² at one random point x̂ between each real and
generated image, for slopes above and below 1. Five steps of the critic for each of the generator, both by Adam 1e-4
with beta1 0 and beta2 .9. The critic has layer normalization: BatchNorm would make the slope at one image depend on
the others. The penalty is trained by second derivatives, which the layer normalization here has and that of Keras has
not (gancli.nn.layers.batch_norm); they are computed in float32 whatever --precision says.

Differences from the paper: the networks are those of dcgan, with a width of 16, BatchNorm in the generator as in the
authors' 64 x 64 DCGAN, and no biases where theirs have some; z has 100 numbers, theirs 128. Weights begin as in He et
al. 2015, with a variance of 2 / inputs. Those of the authors' MNIST code and residual networks are uniform with a
variance of 4 / (inputs + outputs), half of it in dense layers; those of their DCGAN have a deviation of .02. Their
MNIST code has no normalization, width 64, batches of 50, a beta1 of .5, and pixels in [0, 1], where a slope of 1 is
half the rise from black to white that it is here, in [-1, 1]. 4,000 steps, not 200,000; a moving average of the
weights; bfloat16 for all but the penalty where the CPU is fast at it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import keras
from gancli.core.options import option
from gancli.models.base import Model
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import Adversarial, DCGANBackbone
from gancli.nn.architectures import dcgan
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts

BETA2 = 0.9


class WGANGP(DCGANBackbone, Adversarial, Model, Decoder):
    """The GAN whose critic's slope is held near 1."""

    default_steps = 4_000

    @dataclass(frozen=True)
    class Options(DCGANBackbone.Options, Adversarial.Options, Model.Options):
        """The paper's settings, narrower."""

        width: int = option(16, "channels of the largest feature maps, doubled at each halving (paper: 64)")
        learning_rate: float = 1e-4
        beta1: float = 0.0
        loss: str = "wasserstein"
        d_steps: int = option(5, "critic steps per generator step")
        gradient_penalty: float = option(10.0, "gradient penalty weight", low=None, above=0)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator of dcgan, and its discriminator with layer normalisation as the critic."""
        critic = dcgan.discriminator(data.shape, norm="layer", deviation=None, **self.sizes())
        generator = dcgan.generator(data.shape, self.options.z_dim, deviation=None, **self.sizes())
        return {
            "generator": Network(generator, self._adam()),
            "discriminator": Network(self.tricks(critic), self._adam()),
        }

    def _adam(self) -> keras.optimizers.Optimizer:
        return keras.optimizers.Adam(self.options.learning_rate, beta_1=self.options.beta1, beta_2=BETA2)
