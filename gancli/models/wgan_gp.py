"""Wasserstein GAN with gradient penalty. Gulrajani et al. 2017, arXiv:1704.00028, Algorithm 1.

The critic maximizes E f(x) - E f(G(z)) with the penalty 10 (‖∇f(x̂)‖ - 1)² at one random point x̂ between each real and
generated image, for gradient norms above and below 1. Adam with beta1 0 and beta2 0.9. The critic has layer
normalization: with BatchNorm the gradient at one image would depend on the others. The penalty is trained by second
derivatives, which the layer normalization here has and that of Keras lacks (gancli.nn.layers.batch_norm); they are
computed in float32 whatever --precision says.

Differences from the paper:
- One critic step per generator step, with ten times the learning rate, and the generator's twice as high (paper: five
  steps, 1e-4; --preset paper, whose width is 64). So digits appear in minutes.
- The networks of dcgan with a width of 16, with BatchNorm in the generator as in the authors' 64 x 64 DCGAN, and
  without some of the biases of theirs.
- z has 100 numbers, the paper's 128.
- Weights are initialized as in He et al. 2015, with variance 2 / inputs. Those of the authors' MNIST code and residual
  networks are uniform with variance 4 / (inputs + outputs), half of it in dense layers; those of their DCGAN have
  deviation 0.02.
- The authors' MNIST code has no normalization, width 64, batches of 50, beta1 0.5, and pixels in [0, 1], where a
  gradient norm of 1 is half the rise from black to white that it is here, in [-1, 1].
- 8,000 steps, not 200,000.
- EMA of the weights.
- bfloat16 for everything but the penalty, where the CPU accelerates it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.options import option
from gancli.models.families.dcgan_networks import DCGANModel
from gancli.models.learning_rates import scheduled
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.core.backend import keras

BETA2 = 0.9


class WGANGP(DCGANModel):
    """The GAN whose critic has a gradient norm near 1."""

    default_steps = 8_000
    deviation = None
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {
            "width": 64,
            "d_steps": 5,
            "learning_rate": 1e-4,
            "g_lr_ratio": 1.0,
            "steps": 200_000,
        }
    }

    @dataclass(frozen=True)
    class Options(DCGANModel.Options):
        """The paper's settings, narrower and faster."""

        width: int = option(16, "channels of the largest feature maps, doubled at each halving (paper: 64)")
        learning_rate: float = option(1e-3, "learning rate (paper: 1e-4)")
        g_lr_ratio: float = 2.0
        beta1: float = 0.0
        d_norm: str = option("layer", "normalization in the critic")
        loss: str = "wasserstein"
        d_steps: int = option(1, "critic steps per generator step (paper: 5)")
        gradient_penalty: float = option(10.0, "gradient penalty weight", low=None, above=0)

    def optimizer(self, side: str) -> keras.optimizers.Optimizer:
        """Adam with beta2 0.9."""
        return adam(scheduled(self, side, **self.timing(side)), beta1=self.options.beta1, beta2=BETA2)
