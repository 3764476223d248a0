"""Step sizes that fall in a line to 0 for the rest of a training, as CycleGAN's do (Zhu et al. 2017, section 4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gancli.core import options
from gancli.core.options import option
from gancli.nn.optimizers import adam, linear_decay

if TYPE_CHECKING:
    from gancli.core.backend import keras


class Decaying:
    """The base of a model beside Model itself, whose `total_steps` it asks."""

    @dataclass(frozen=True)
    class Options(options.Options):
        """Where it begins."""

        lr_decay_start: int | None = option(
            None, "step at which linear decay of the learning rate starts (default: halfway)", low=1, may_change=True
        )

    def resolved(self) -> dict[str, object]:
        """Where the rates begin to fall."""
        return {"lr_decay_start": self.options.lr_decay_start or max(1, self.total_steps() // 2)}

    def adam(self, rate: float | None = None, *, times: int = 1) -> keras.optimizers.Optimizer:
        """Adam with a step size, the options' if none is given, that falls; of so many updates in a step."""
        at, end = times * self.resolved()["lr_decay_start"], times * self.total_steps()
        return adam(linear_decay(rate or self.options.learning_rate, at=at, end=end), beta1=self.options.beta1)
