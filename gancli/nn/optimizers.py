"""Learning-rate schedules and optimizers that Keras lacks, and a fused Adam."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Mapping, Sequence

from gancli.core.backend import Tensor, keras, tf

DECAYS = ("linear", "cosine")  # to a learning rate of 0
RATE_DECAY, LEAST_RATE = 1.000004, 1e-6  # divisor at each update, and floor: mnist.yaml of goodfeli/adversarial
MOMENTUM, MOMENTUM_EPOCHS = (0.5, 0.7), (1, 250)


def piecewise_constant(rates: Mapping[int, float]) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """A learning rate that changes at given updates: update number (from 0): rate from there on."""
    if len(rates) == 1:
        return rates[0]
    (_, first), *later = sorted(rates.items())
    return keras.optimizers.schedules.PiecewiseConstantDecay(
        [at - 1 for at, _ in later], [first, *dict(later).values()]
    )


def decaying(
    rate: float | keras.optimizers.schedules.LearningRateSchedule,
    kind: str,
    *,
    at: int,
    end: int,
    pieces: Sequence[tuple[int, int]] = (),
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The rate up to update `at`, then a decay to 0 at update `end`.

    kind: "linear", or "cosine", half a period of it (Loshchilov & Hutter 2017, arXiv:1608.03983, equation 5). pieces:
    parts of a training as (steps, updates per step); `at` and `end` are then steps.
    """
    return _decaying()(rate, kind, at, end, tuple(pieces))


@functools.cache
def _decaying() -> type:
    """The class, defined when Keras is first used."""

    class Decaying(keras.optimizers.schedules.LearningRateSchedule):
        """A rate or schedule, multiplied by a factor that falls from 1 to 0."""

        def __init__(self, rate: object, kind: str, at: int, end: int, pieces: tuple[tuple[int, int], ...]) -> None:
            self.rate, self.kind = rate, kind
            self.at, self.end = at, end
            self.pieces = pieces

        def __call__(self, step: Tensor) -> Tensor:
            """The rate after this many updates."""
            left = (self.end - self._done(tf.cast(step, tf.float32))) / max(self.end - self.at, 1)
            left = tf.clip_by_value(left, 0.0, 1.0)
            factor = left if self.kind == "linear" else 0.5 - 0.5 * tf.cos(math.pi * left)
            return (self.rate(step) if callable(self.rate) else self.rate) * factor

        def _done(self, updates: Tensor) -> Tensor:
            """Updates as steps, if there are pieces."""
            if not self.pieces:
                return updates
            done, before = 0.0, 0
            for steps, each in self.pieces:
                done += tf.clip_by_value(updates - before, 0.0, float(steps * each)) / each
                before += steps * each
            return done

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return {"rate": self.rate, "kind": self.kind, "at": self.at, "end": self.end, "pieces": self.pieces}

    return Decaying


def adam(
    rate: float | keras.optimizers.schedules.LearningRateSchedule,
    *,
    beta1: float,
    beta2: float | Callable[[Tensor], Tensor] = 0.999,
    max_norm: float | None = None,
    multipliers: Mapping[str, float] | None = None,
) -> keras.optimizers.Optimizer:
    """Kingma & Ba 2015 (arXiv:1412.6980): Keras' Adam with the same state, by TensorFlow's fused kernel.

    beta2: or a function of the number of updates so far, an int scalar. max_norm: limit of the gradient norm over all
    weights, for clipping. multipliers: of the learning rate of single weights, by variable path; an attribute that can
    be set later, before the first step is traced.
    """
    optimizer = _fused_adam()(rate, beta_1=beta1, global_clipnorm=max_norm, name="adam")
    optimizer.beta_2, optimizer.multipliers = beta2, dict(multipliers or {})
    return optimizer


def reset(optimizer: keras.optimizers.Optimizer) -> None:
    """Begin anew: no updates yet, and no moments. The learning rate and the scale of a float16 loss stay."""
    optimizer = getattr(optimizer, "inner_optimizer", optimizer)
    for variable in optimizer.variables:
        if variable.name != "learning_rate":
            variable.assign(tf.zeros_like(variable.value))


def counted_by(
    schedule: keras.optimizers.schedules.LearningRateSchedule, updates: Callable[[], Tensor]
) -> keras.optimizers.schedules.LearningRateSchedule:
    """A schedule that follows a count of its own, not that of an optimizer which is reset. updates: float32 scalar."""
    return _counted_by()(schedule, updates)


@functools.cache
def _counted_by() -> type:
    """The class, defined when Keras is first used."""

    class CountedBy(keras.optimizers.schedules.LearningRateSchedule):
        """Ignores the count of the optimizer."""

        def __init__(self, schedule: object, updates: Callable[[], Tensor]) -> None:
            self.schedule, self.updates = schedule, updates

        def __call__(self, step: Tensor) -> Tensor:
            """The rate now."""
            return self.schedule(self.updates())

        def get_config(self) -> dict[str, object]:
            """Arguments of __init__."""
            return {"schedule": self.schedule, "updates": self.updates}

    return CountedBy


@functools.cache
def _fused_adam() -> type:
    """The class, defined when Keras is first used."""

    class Adam(keras.optimizers.Adam):
        """Keras makes a dozen passes over each weight, and updates of dense layers are bound by memory."""

        multipliers: Mapping[str, float] = {}
        _shared: Mapping[str, Mapping[str, Tensor]] = {}

        def apply(self, grads: Sequence[Tensor], trainable_variables: Sequence[keras.Variable] | None = None) -> None:
            """One update of all weights."""
            self._shared = {}  # by device
            super().apply(grads, trainable_variables)
            self._shared = {}  # or the graph would be kept

        def update_step(self, gradient: Tensor, variable: keras.Variable, learning_rate: Tensor) -> None:
            """One update of one weight."""
            index, weight = self._get_variable_index(variable), _handle(variable)
            if weight.device not in self._shared:
                self._shared = {**self._shared, weight.device: self._same_for_all()}
            rate = tf.cast(learning_rate, tf.float32)
            multiplier = self.multipliers.get(self._trainable_variables[index].path, 1.0)
            tf.raw_ops.ResourceApplyAdam(
                var=weight,
                m=_handle(self._momentums[index]),
                v=_handle(self._velocities[index]),
                lr=rate if multiplier == 1 else rate * multiplier,
                grad=tf.cast(gradient, tf.float32),
                **self._shared[weight.device],
            )

        def _same_for_all(self) -> dict[str, Tensor]:
            """Inputs of the kernel that all weights share: once computed, they make a graph up to a quarter smaller."""
            steps = tf.cast(self.iterations.value + 1, tf.float32)
            beta1, epsilon = map(tf.constant, (self.beta_1, self.epsilon))
            beta2 = self.beta_2(self.iterations.value) if callable(self.beta_2) else tf.constant(self.beta_2)
            powers = {"beta1_power": tf.pow(beta1, steps), "beta2_power": tf.pow(beta2, steps)}
            return powers | {"beta1": beta1, "beta2": beta2, "epsilon": epsilon}

    return Adam


def _handle(variable: keras.Variable | tf.Variable) -> Tensor:
    return (variable.value if isinstance(variable, keras.Variable) else variable).handle


def goodfellow2014_sgd(
    rate: keras.optimizers.schedules.LearningRateSchedule, *, epoch: int
) -> keras.optimizers.Optimizer:
    """SGD with the momentum of the code of Goodfellow et al. 2014. rate: see `dividing`. epoch: updates in one."""
    return _rising_momentum()(rate, MOMENTUM, tuple(number * epoch for number in MOMENTUM_EPOCHS))


def rising_momentum(
    rate: float, *, decay: float, momentum: tuple[float, float], over: tuple[int, int], least: float = 0.0
) -> keras.optimizers.Optimizer:
    """SGD as in the code of Goodfellow et al. 2014: velocity = momentum velocity - rate gradient, weight += velocity.

    The rate is divided by `decay` at every update, but not below `least`: max(rate / decay^updates, least), pylearn2's
    ExponentialDecay. A rate that begins below `least` stays as it is. The momentum rises from the first to the second
    of `momentum` in a line between the updates `over`.
    """
    return _rising_momentum()(dividing(rate, decay=decay, least=least), momentum, over)


def dividing(
    rate: float, *, decay: float = RATE_DECAY, least: float = 0.0
) -> keras.optimizers.schedules.LearningRateSchedule:
    """The rate divided by `decay` at each update, but not below `least`, or the rate itself if that is less."""
    if not least:
        return keras.optimizers.schedules.ExponentialDecay(rate, 1, 1 / decay)
    return _floored()(rate, 1, 1 / decay, least=min(least, rate))


@functools.cache
def _floored() -> type:
    """The class, defined when Keras is first used."""

    class Floored(keras.optimizers.schedules.ExponentialDecay):
        """Keras' exponential decay with a floor, the `min_lr` of pylearn2."""

        def __init__(self, *arguments: float, least: float) -> None:
            super().__init__(*arguments)
            self.least = least

        def __call__(self, step: Tensor) -> Tensor:
            """The rate after this many updates."""
            return tf.maximum(super().__call__(step), self.least)

        def get_config(self) -> dict[str, object]:
            return super().get_config() | {"least": self.least}

    return Floored


@functools.cache
def _rising_momentum() -> type:
    """The class, defined when Keras is first used."""

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
