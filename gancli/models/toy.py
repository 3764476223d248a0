"""A GAN of points, small enough to watch: any game on a line or a plane. Goodfellow et al. 2014, figure 1.

Generator and discriminator are perceptrons of three layers of 128 ReLU. On 1-D data the sample picture is the paper's
figure 1: the data's density dotted, the samples' in green, D(x) dashed in blue, and below, with --z-dim 1, the lines
from z to x; on 2-D data it shows the points, over the shades of D.

Differences from the papers that use such data: their networks have 2 to 4 layers of 128 to 512 units; a moving average
of the weights; Adam 5e-4 with beta1 .5, batches of 256 and a z of two numbers here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, tf
from gancli.core.options import option
from gancli.models.base import Model
from gancli.models.capabilities import PointGenerator
from gancli.models.config import TrainingConfig
from gancli.models.families.adversarial import Adversarial
from gancli.nn.architectures import dense
from gancli.nn.losses import GAMES
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts


class Toy(Adversarial, Model, PointGenerator):
    """The GAN of points."""

    columns = ("point",)
    default_steps = 20_000

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Points, in float32: bfloat16 has too few digits for coordinates."""

        data: str = option("ring8", "data set of points: ring8, grid25, mixture and others (see gancli data)")
        precision: str = "float32"

    @dataclass(frozen=True)
    class Options(Adversarial.Options, Model.Options):
        """Small networks."""

        batch_size: int = option(256, "points per batch")
        learning_rate: float = 5e-4
        z_dim: int = 2
        units: int = option(128, "units of each hidden layer", low=1, high=4096)
        depth: int = option(3, "number of hidden layers", low=1, high=20)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Two perceptrons."""
        (size,), chosen = data.shape, self.options
        inside = {"units": chosen.units, "depth": chosen.depth}
        generator = dense.perceptron(chosen.z_dim, size, **inside, name="generator", last="point")
        discriminator = dense.perceptron(size, 1, **inside, name="discriminator", last="logit")
        return {
            "generator": Network(generator, self.adam()),
            "discriminator": Network(self.tricks(discriminator), self.adam()),
        }

    def judge(self, points: Tensor) -> Tensor | None:
        """What the discriminator thinks of points, float32 (count, 1): a probability where the game knows one.

        None where it judges a point by its company.
        """
        if self.options.minibatch_kernels:
            return None
        output = self.discriminator.infer(points)
        return tf.sigmoid(output) if GAMES[self.options.loss].is_logit else output

    @classmethod
    def check_shape(cls, shape: tuple[int, ...], name: str) -> None:
        """Points of any size will do."""
