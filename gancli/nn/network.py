"""Network: a Keras model with its optimizer; `minimize` trains networks, `frozen` passes gradients through one."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, tf
from gancli.core.distributed import replica_ops
from gancli.nn.layer_tree import layers_of

if TYPE_CHECKING:
    from gancli.nn.regularization.spectral_norm import SpectralNorm


@dataclass
class Network:
    """A Keras model and its optimizer. Calling it runs the model in training mode: batch statistics, dropout.

    Attributes: `model`; `optimizer`; `average`, a copy of the model whose weights are a moving average (EMA), or None;
    `decay` of that average, and `rampup` of its start (`enable_ema`); `spectral`, if its kernels are normalized;
    `grad_norm`, while a step is traced the norm of the last gradient, or its mean over replicas;
    `part`, what is called and trained instead of all of the model, or None (`limited_to`); `gains`, of the kernels of
    single layers, for an equalized learning rate.
    """

    model: keras.Model
    optimizer: keras.optimizers.Optimizer
    average: keras.Model | None = None
    decay: float = 0.0
    rampup: float | None = None
    spectral: SpectralNorm | None = None
    grad_norm: Tensor | None = None
    part: keras.Model | None = None
    gains: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if keras.config.dtype_policy().compute_dtype == "float16":  # gradients below 6e-8 vanish unless scaled up
            self.optimizer = keras.optimizers.LossScaleOptimizer(self.optimizer, name=f"scaled_{self.optimizer.name}")
        self.optimizer.build(self.model.trainable_variables)  # variables cannot be created later, inside a trace

    def __call__(self, *inputs: Tensor) -> Tensor:
        """The output in training mode, which updates BatchNorm statistics and dropout seeds."""
        if self.spectral is None:
            return self.called(_packed(inputs), training=True)
        output, states = self.stateless(self.called, inputs)
        for variable, state in zip(self.called.non_trainable_variables, states, strict=True):
            variable.assign(state)
        return output

    def stateless(self, part: keras.Model, inputs: tuple[Tensor, ...], *, training: bool = True) -> tuple:
        """The output of the model or a part of it, with normalized kernels if there are any, and its new states.

        The states, of `part.non_trainable_variables`, are not assigned.
        """
        weights = {id(one): one for one in part.trainable_variables}
        normalized = {id(one): value for one, value in (self.spectral.normalized() if self.spectral else ())}
        values = [normalized.get(key, variable) for key, variable in weights.items()]
        return part.stateless_call(values, part.non_trainable_variables, _packed(inputs), training=training)

    @property
    def called(self) -> keras.Model:
        """The model, or the part of it that a stage of the training is limited to."""
        return self.model if self.part is None else self.part

    @contextlib.contextmanager
    def limited_to(self, part: keras.Model) -> Iterator[None]:
        """Call and train a part of the model, some of its layers between inputs of another size, instead of all."""
        self.part = part
        try:
            yield
        finally:
            self.part = None

    @property
    def inference_model(self) -> keras.Model:
        """The model for inference, with the averaged weights if there are any."""
        return self.model if self.average is None else self.average

    def infer(self, *inputs: Tensor | None) -> Tensor:
        """The output of the inference model, with moving BatchNorm statistics. Inputs that are None are left out."""
        if self.spectral is None or self.average is not None:
            return self.inference_model(_packed(inputs), training=False)
        return self.stateless(self.model, inputs, training=False)[0]

    def clip(self, limit: float) -> None:
        """Clip every weight to [-limit, limit]. Arjovsky et al. 2017, Algorithm 1, line 7."""
        for variable in self.model.trainable_variables:
            variable.assign(tf.clip_by_value(variable.value, -limit, limit))

    def enable_ema(self, decay: float, rampup: float | None = None) -> None:
        """Keep an EMA of the weights and moving statistics: average = decay average + (1 - decay) current.

        While t, the number of updates, is small, the decay is (1 + t) / (10 + t), so that initial weights are
        forgotten. rampup: instead, the half-life is at most this share of t (Karras et al. 2020, 2006.06676: .05).
        """
        self.average, self.decay, self.rampup = keras.models.clone_model(self.model), decay, rampup
        self.reset_ema()

    def reset_ema(self) -> None:
        """Restart the average, if there is one, from the current weights."""
        if self.average is not None:
            self.average.set_weights(self.model.get_weights())

    def sync_batchnorm_statistics(self) -> None:
        """Average moving statistics, which each replica updates from its share of the batch, over replicas."""
        if replica_ops.count() > 1:
            moving = [one.value for one in self.model.non_trainable_variables if one.dtype.startswith("float")]
            for variable, mean in zip(
                moving, replica_ops.mean_over_replicas([one.read_value() for one in moving]), strict=True
            ):
                variable.assign(mean)

    def update_ema(self) -> None:
        """Update the average, if there is one."""
        if self.average is None:
            return
        updates = tf.cast(self.optimizer.iterations.value, tf.float32)
        if self.rampup is None:
            first = 9.0 / (10.0 + updates)
        else:
            first = 1.0 - 0.5 ** (1.0 / tf.maximum(self.rampup * updates, 1e-6))
        step = tf.maximum(1.0 - self.decay, first)
        for mean, weight in zip(self.average.weights, self.model.weights, strict=True):
            mean.value.assign_add(step * (weight.value - mean.value))

    def finite_or_zero(self, grad_norm: Tensor) -> Tensor:
        """The recorded gradient norm: 0 for a step that float16's loss scaling skips, as it sometimes does.

        Otherwise a norm that is not finite is a divergence.
        """
        skips = isinstance(self.optimizer, keras.optimizers.LossScaleOptimizer)
        return tf.where(tf.math.is_finite(grad_norm), grad_norm, 0.0) if skips else grad_norm

    def seed_states(self) -> dict[str, keras.Variable]:
        """The states of the layers that draw random numbers, int64 (2,): seed and counter; by variable path."""
        states = self.model.non_trainable_variables
        return {state.path: state for state in states if state.path.endswith("seed_generator_state")}

    def variables(self) -> dict[str, keras.Variable]:
        """All state that training changes, by name: weights, moving statistics, dropout seeds, optimizer slots, EMA.

        The learning rate is not among them: it is an option.
        """
        slots = [variable for variable in self.optimizer.variables if variable.name != "learning_rate"]
        groups = {"weights": self.model.variables, "optimizer": slots}
        if self.average is not None:
            groups["average"] = self.average.weights
        named = {f"{kind}/{variable.path}": variable for kind, variables in groups.items() for variable in variables}
        if self.spectral is not None:
            named |= {f"spectral/{path}": vector for path, vector in self.spectral.variables().items()}
        if len(named) != sum(map(len, groups.values())) + len(self.spectral.variables() if self.spectral else ()):
            raise ValueError(f"two variables of {self.model.name} share a name: name every layer")
        return named


def minimize(*networks: Network, loss: Callable[[], Tensor]) -> Tensor:
    """One optimizer step of these networks on `loss()`, and an update of their averages.

    Returns: the loss before the step, a float32 scalar; of several replicas, this one's.

    Only these networks are trained. Others may be called inside `loss` through `frozen`. Weights that the loss does not
    depend on, such as those of resolutions that a stage leaves out, stay.
    """
    weights = [[variable.value for variable in network.model.trainable_variables] for network in networks]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(weights)
        value = loss()
    # Keras adds up what the replicas bring: each brings its part of the mean.
    unit = tf.cast(_unknown_one(networks[0]) / replica_ops.count(), value.dtype)
    scales = [network.optimizer.scale_loss(unit) for network in networks]  # 1 unless float16
    gradients_of_each = tape.gradient(value, weights, output_gradients=scales[0])
    for network, scale, found in zip(networks, scales, gradients_of_each, strict=True):
        reached = [
            (tf.convert_to_tensor(gradient), variable)  # a word's vector has rows
            for gradient, variable in zip(found, network.model.trainable_variables, strict=True)
            if gradient is not None
        ]
        gradients, variables = map(list, zip(*reached, strict=True))
        if scale is not scales[0]:
            gradients = [gradient * (scale / scales[0]) for gradient in gradients]
        network.optimizer.apply(gradients, variables)
        network.sync_batchnorm_statistics()
        if network.spectral is not None:
            network.spectral.advance()
        network.update_ema()
        (network.grad_norm,) = replica_ops.mean_over_replicas(
            [network.finite_or_zero(tf.linalg.global_norm(gradients) / scale)]
        )
    return value


def _unknown_one(network: Network) -> Tensor:
    """1.0, computed so that the graph optimizer cannot fold it into a constant.

    The gradient of a linear loss, such as Wasserstein's, is a constant, and in bfloat16 the CPU's products with a
    constant differ in bits from call to call: without this a resume would not be exact.
    """
    return tf.cast(network.optimizer.iterations.value >= 0, tf.float32)


def frozen(network: Network, *, before: str = "") -> Callable[..., Tensor]:
    """The network as a pure function in training mode: none of its variables change.

    BatchNorm uses the batch's statistics as in Radford et al. 2015, and new moving statistics and dropout seeds are
    discarded. (`trainable = False` would put BatchNorm into inference mode, which is another algorithm.)
    Gradients pass through to whatever made the input. before: the name of a layer whose input is given instead of the
    output.
    """
    layers = network.called
    part = keras.Model(layers.inputs, layers.get_layer(before).input) if before else layers

    def call(*inputs: Tensor) -> Tensor:
        output, _ = network.stateless(part, inputs)
        return output

    return call


def in_float32(network: Network, part: keras.Model | None = None) -> Callable[..., Tensor]:
    """The network, or a model inside it, in training mode with all of its arithmetic in float32.

    For second derivatives, whose small values float16 and bfloat16 lose.
    """
    layers = list(layers_of(part or network.called))

    def call(*inputs: Tensor) -> Tensor:
        policies = [layer.dtype_policy for layer in layers]
        try:
            for layer in layers:
                layer.dtype_policy = "float32"
            return part(_packed(inputs), training=True) if part else network(*inputs)
        finally:
            for layer, policy in zip(layers, policies, strict=True):
                layer.dtype_policy = policy

    return call


def _packed(inputs: tuple[Tensor | None, ...]) -> Tensor | list[Tensor]:
    """As Keras wants one input, or several: those that are there."""
    there = [one for one in inputs if one is not None]
    return there[0] if len(there) == 1 else there
