"""Linear decay of the learning rate to 0, as in CycleGAN (Zhu et al. 2017, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core import options
from gancli.core.options import option
from gancli.models.base import Model
from gancli.nn.optimizers import adam, linear_decay

if TYPE_CHECKING:
    from gancli.core.backend import keras


@dataclass(frozen=True)
class LRDecayOptions(options.Options):
    """Start of the decay."""

    lr_decay_start: int | None = option(
        None, "step at which linear decay of the learning rate starts (default: halfway)", low=1, may_change=True
    )


def lr_decay_start(model: Model) -> int:
    """The step at which the decay starts."""
    return model.options.lr_decay_start or max(1, model.total_steps() // 2)


def decaying_adam(model: Model, rate: float | None = None, *, times: int = 1) -> keras.optimizers.Optimizer:
    """Adam with a learning rate that decays. rate: that of the options by default. times: updates per training step."""
    start, end = times * lr_decay_start(model), times * model.total_steps()
    return adam(linear_decay(rate or model.options.learning_rate, at=start, end=end), beta1=model.options.beta1)
