"""Generative neural samplers by variational divergence minimization. Nowozin, Cseke & Tomioka 2016, arXiv:1606.00709.

An f-divergence of the data from the samples is at least E T(x) - E f*(T(G(z))) for any function T (equation 4), f* the
conjugate of f. The discriminator V climbs this bound with T = g_f(V(x)), whose activation g_f maps to the domain of f*
(table 6); the generator descends it. Algorithm 1 takes one step of each network on the same batch, neither after the
other's update. `--divergence` selects f: `gan` is the objective of Goodfellow et al. 2014, equation 1, and differs from
`jensen-shannon` by constants alone. `divergence` in the logged numbers is the bound, an estimate from below.

Networks and optimizer are those of section 3 for MNIST: z from U(-1, 1), two layers of 1,200 units with BatchNorm and
ReLU and a sigmoid; three linear layers with exponential linear units between them in the discriminator; Adam with beta1
0.5. Section 3 scores samples by a Parzen window (`gancli eval-parzen`).

The gradient of the bound vanishes where the discriminator is sure, which on MNIST it soon is. So by default the
generator climbs E g_f(V(G(z))) instead, as section 3.2 proposes by analogy with the loss log D(G(z)) of Goodfellow et
al. 2014; --g-objective bound is Algorithm 1 to the letter.

Differences from the paper:
- Batches of 64 instead of 4,096, and a learning rate of 5e-4 (--preset paper: the paper's).
- The exponentials of `kl`, `reverse-kl` and `squared-hellinger` continue along their tangent beyond e^10.
- The discriminator loss of `gan` is halved, which Adam ignores.
- Initial weights of Glorot & Bengio 2010, not from narrow uniform distributions.
- EMA of the weights.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models.base import Batches
from gancli.models.capabilities import Decoder
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.families.network_sizes import adversarial_units
from gancli.nn.adversarial_step import AdversarialConfig, simultaneous_step
from gancli.nn.architectures import dense
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.core.backend import Tensor
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig
    from gancli.nn.losses import AdversarialLoss

OF_DIVERGENCE = "divergence"  # the value of --loss
ALTERNATIVE = "alternative"
DIVERGENCES = {  # the names of --divergence, and of the losses
    "kl": "kl",
    "reverse-kl": "reverse-kl",
    "pearson": "pearson",
    "squared-hellinger": "squared-hellinger",
    "jensen-shannon": "jensen-shannon",
    "gan": "minimax",
}


class FGAN(AdversarialModel, Decoder):
    """The GAN of any f-divergence (Nowozin et al. 2016), with the dense networks of the paper."""

    default_steps = 15_000
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {"paper": {"batch_size": 4096, "learning_rate": 2e-4}}

    @dataclass(frozen=True)
    class Options(AdversarialModel.Options):
        """The paper's settings, with smaller batches."""

        learning_rate: float = option(5e-4, "learning rate (paper: 2e-4)")
        prior: str = "uniform"
        divergence: str = option("jensen-shannon", "f-divergence to minimize", choices=tuple(DIVERGENCES))
        g_objective: str = option(
            ALTERNATIVE,
            "objective of the generator (bound: equation 6; alternative: section 3.2)",
            choices=(ALTERNATIVE, "bound"),
        )
        loss: str = option(OF_DIVERGENCE, "adversarial loss, that of --divergence", choices=(OF_DIVERGENCE,))
        units: str = option("1200,1200", "units of the generator's hidden layers, from z to the image")
        d_units: str = option("240,240", "units of the discriminator's hidden layers, from the image on")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for images of the data's shape."""
        units, d_units = adversarial_units(self.options)
        generator = dense.normalized_generator(data.shape, self.options.z_dim, units=units)
        discriminator = dense.elu_discriminator(data.shape, units=d_units)
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(self.with_minibatch_layers(discriminator), self.adam("d")),
        }

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        shared = {field.name: getattr(chosen, field.name) for field in fields(AdversarialModel.Options)}
        loss = DIVERGENCES[chosen.divergence]
        super().check(config, AdversarialModel.Options(**shared | {"loss": loss}))
        adversarial_units(chosen)
        if chosen.d_steps > 1:
            raise OptionError(f"--d-steps {chosen.d_steps}: f-gan takes one step of each network; leave it out")

    def adversarial_config(self, loss: str, d_steps: int = 1) -> AdversarialConfig:
        """The configuration of a training step with a loss of this name, or that of --divergence."""
        if loss != OF_DIVERGENCE:
            return super().adversarial_config(loss, d_steps)
        config = super().adversarial_config(DIVERGENCES[self.options.divergence], d_steps)
        return replace(config, loss=alternative(config.loss)) if self.options.g_objective == ALTERNATIVE else config

    def adversarial_step(self, batches: Batches, *, loss: str, d_steps: int) -> dict[str, Tensor]:
        """Algorithm 1: a step of both networks on one batch."""
        return simultaneous_step(self.generator, self.discriminator, batches, self.adversarial_config(loss, d_steps))


def alternative(loss: AdversarialLoss) -> AdversarialLoss:
    """The same loss with a generator that maximizes E g(a), the discriminator's term of real images. Section 3.2."""
    return loss._replace(generator=loss.real)
