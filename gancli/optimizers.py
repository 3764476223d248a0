"""Optimizers that Keras lacks."""

from __future__ import annotations

import functools

from gancli.backend import Tensor, keras, tf

RATE_DECAY = 1.000004  # a divisor at each update: mnist.yaml of goodfeli/adversarial
MOMENTUM, MOMENTUM_EPOCHS = (0.5, 0.7), (1, 250)


def of_2014(rate: float, *, epoch: int) -> keras.optimizers.Optimizer:
    """SGD with the schedules of the code of Goodfellow et al. 2014. epoch: updates in one."""
    over = tuple(number * epoch for number in MOMENTUM_EPOCHS)
    return rising_momentum(rate, decay=RATE_DECAY, momentum=MOMENTUM, over=over)


def rising_momentum(
    rate: float, *, decay: float, momentum: tuple[float, float], over: tuple[int, int]
) -> keras.optimizers.Optimizer:
    """SGD as in the code of Goodfellow et al. 2014: velocity = momentum velocity - rate gradient, weight += velocity.

    The rate is divided by `decay` at every update; the momentum rises from the first to the second of `momentum` in a
    line between the updates `over`.
    """
    falling = keras.optimizers.schedules.ExponentialDecay(rate, 1, 1 / decay)
    return _rising_momentum()(falling, momentum, over)


@functools.cache
def _rising_momentum() -> type:
    """The class, made when Keras is first needed."""

    class RisingMomentum(keras.optimizers.SGD):
        """SGD whose momentum is a function of the number of updates."""

        def __init__(self, rate: object, momentum: tuple[float, float], over: tuple[int, int]) -> None:
            super().__init__(rate, momentum=momentum[0], name="sgd")
            self.ends, self.over = momentum, over

        def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
            """One update of one weight."""
            (low, high), (first, last) = self.ends, self.over
            share = (tf.cast(self.iterations.value, tf.float32) - first) / max(last - first, 1)
            momentum = low + (high - low) * tf.clip_by_value(share, 0.0, 1.0)
            velocity = self.momentums[self._get_variable_index(variable)]
            velocity.assign(momentum * velocity.value - learning_rate * gradient)
            variable.assign_add(velocity.value)

    return RisingMomentum
