"""The optimizers of Goodfellow et al. 2014: options that several models share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core import options
from gancli.core.options import option
from gancli.models.base import Model
from gancli.models.learning_rates import learning_rate, scheduled
from gancli.nn.optimizers import LEAST_RATE, adam, dividing, goodfellow2014_sgd

if TYPE_CHECKING:
    from gancli.core.backend import keras


@dataclass(frozen=True)
class Goodfellow2014Options(options.Options):
    """Adam, or the SGD of the code of Goodfellow et al. 2014."""

    optimizer: str = option(
        "adam", "optimizer (sgd: with the momentum schedule of Goodfellow et al. 2014)", choices=("adam", "sgd")
    )
    min_learning_rate: float = option(
        LEAST_RATE,
        "minimum learning rate of the SGD decay (0: none)",
        low=0,
        high=1,
        may_change=True,
        absent=0.0,  # runs from before this option resume without a minimum, to the same bits
    )


def goodfellow2014_optimizer(model: Model, side: str, **timing: object) -> keras.optimizers.Optimizer:
    """A new optimizer of the kind in the model's Goodfellow2014Options.

    side: "g" or "d". timing: further arguments of `learning_rates.scheduled`; --lr-schedule multiplies the rate of SGD.
    """
    chosen = model.options
    if chosen.optimizer == "adam":
        return adam(scheduled(model, side, **timing), beta1=chosen.beta1)
    falls = dividing(learning_rate(chosen, side), least=chosen.min_learning_rate)
    return goodfellow2014_sgd(scheduled(model, side, base=falls, **timing), epoch=model.pipeline.batches_per_epoch())
