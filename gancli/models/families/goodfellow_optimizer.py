"""The optimizers of Goodfellow et al. 2014: options that several models share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core import options
from gancli.core.options import option
from gancli.models.base import Model
from gancli.nn.optimizers import LEAST_RATE, goodfellow2014_sgd

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


def goodfellow2014_optimizer(model: Model) -> keras.optimizers.Optimizer:
    """A new optimizer of the kind in the model's Goodfellow2014Options."""
    chosen = model.options
    if chosen.optimizer == "adam":
        return model.adam()
    epoch = model.pipeline.batches_per_epoch()
    return goodfellow2014_sgd(chosen.learning_rate, epoch=epoch, least=chosen.min_learning_rate)
