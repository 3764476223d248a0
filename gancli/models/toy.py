"""A GAN on points in one or two dimensions, to plot distributions under any loss. Goodfellow et al. 2014, figure 1.

Generator and discriminator are perceptrons of three layers of 128 ReLU. On 1-D data the sample image is the paper's
figure 1: the density of the data dotted, that of the samples in green, D(x) dashed in blue, and below, with --z-dim 1,
lines from z to x. On 2-D data it shows the points on a map of D.

Differences from the papers that use such data:
- Their networks have 2 to 4 layers of 128 to 512 units.
- EMA of the weights.
- Adam 5e-4 with beta1 0.5, batches of 256 and a z of two numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, tf
from gancli.core.options import option
from gancli.models import exports
from gancli.models.capabilities import PointGenerator
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.adversarial import AdversarialModel
from gancli.nn.architectures import dense
from gancli.nn.losses import ADVERSARIAL_LOSSES
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class Toy(AdversarialModel, PointGenerator):
    """A GAN of perceptrons for points of any dimension."""

    columns = ("point",)
    default_steps = 20_000
    inference_networks = exports.decoder(output="point")

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Points, in float32: bfloat16 has too few digits for coordinates."""

        data: str = option("ring8", "data set of points: ring8, grid25, mixture and others (see gancli data)")
        precision: str = "float32"

    @dataclass(frozen=True)
    class Options(AdversarialModel.Options):
        """Small networks."""

        batch_size: int = option(256, "points per batch")
        learning_rate: float = 5e-4
        z_dim: int = 2
        units: int = option(128, "units of each hidden layer of both networks", low=1, high=4096)
        depth: int = option(3, "number of hidden layers", low=1, high=20)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Perceptrons of `depth` hidden layers: z_dim inputs to a point, and a point to a logit."""
        (size,), chosen = data.shape, self.options
        inside = {"units": chosen.units, "depth": chosen.depth}
        generator = dense.perceptron(chosen.z_dim, size, **inside, name="generator", last="point")
        discriminator = dense.perceptron(size, 1, **inside, name="discriminator", last="logit", first="point")
        return {
            "generator": Network(generator, self.adam("g")),
            "discriminator": Network(self.with_minibatch_layers(discriminator), self.adam("d")),
        }

    def discriminator_output(self, points: Tensor) -> Tensor | None:
        """Probability that points are real, or raw output if the loss has no probabilities, float32 (count, 1).

        None with minibatch discrimination, which needs several points at once.
        """
        if self.options.minibatch_kernels:
            return None
        output = self.discriminator.infer(points)
        return tf.sigmoid(output) if ADVERSARIAL_LOSSES[self.options.loss].is_logit else output

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Points of any dimension."""
        return DataRequirements(cls.columns, kind="point")
