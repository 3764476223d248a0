"""minimize moves what it names; frozen moves nothing, and is no other algorithm."""

import numpy as np
import pytest

from gancli.core.backend import keras, tf
from gancli.nn.network import Network, frozen, in_float32, minimize


@pytest.fixture
def network():
    """A network with everything that can move: weights, moving statistics, a dropout seed."""
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((6,)),
        keras.layers.Dense(8, name="dense"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Dropout(0.5, seed=3, name="drop"),
        keras.layers.Dense(1, name="out"),
    ]
    return Network(keras.Sequential(layers, name="judge"), keras.optimizers.Adam(0.01))


def state(network):
    return {name: variable.numpy() for name, variable in network.variables().items()}


def moved(before, after):
    return {name for name in before if not np.array_equal(before[name], after[name])}


X = np.random.default_rng(0).normal(3, 2, (32, 6)).astype(np.float32)


def test_frozen_moves_no_variable_not_even_statistics_and_seeds(network):
    before = state(network)
    tf.function(frozen(network))(X)
    assert not moved(before, state(network))


def test_calling_moves_statistics_and_the_dropout_seed(network):
    before = state(network)
    network(X)
    assert {name.rsplit("/", 1)[1] for name in moved(before, state(network))} == {
        "moving_mean",
        "moving_variance",
        "seed_generator_state",
    }


def test_frozen_computes_what_calling_computes(network):
    assert np.array_equal(frozen(network)(X), network(X))  # the same dropout mask, the batch's own statistics


def test_gradients_pass_through_frozen(network):
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        loss = tf.reduce_sum(frozen(network)(x) ** 2)
    assert float(tf.norm(tape.gradient(loss, x))) > 0


def test_minimize_moves_every_weight_of_the_named_network_and_nothing_of_another(network):
    other = Network(keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, name="other")]), keras.optimizers.Adam())
    before, before_other = state(network), state(other)
    loss = minimize(network, loss=lambda: tf.reduce_mean(frozen(other)(network(X)) ** 2))
    assert np.isfinite(loss)
    assert {"weights/judge/dense/kernel", "weights/judge/out/kernel"} <= moved(before, state(network))
    assert not moved(before_other, state(other))


def test_two_networks_learn_under_one_loss(network):
    front = Network(keras.Sequential([keras.Input((6,)), keras.layers.Dense(6, name="front")]), keras.optimizers.Adam())
    before = state(network), state(front)
    minimize(network, front, loss=lambda: tf.reduce_mean(network(front(X)) ** 2))
    assert "weights/judge/dense/kernel" in moved(before[0], state(network))
    assert any("front/kernel" in name for name in moved(before[1], state(front)))


def test_layers_that_share_a_name_are_refused():
    first, second = (keras.Sequential([keras.Input((2,)), keras.layers.Dense(2, name="a")], name="s") for _ in range(2))
    chained = keras.Sequential([keras.Input((2,)), first, second.layers[0]], name="s")
    with pytest.raises(ValueError, match="name"):
        Network(chained, keras.optimizers.Adam()).variables()


@pytest.fixture
def half():
    """Build a network of one weight, 0, whose slope is the input, in float16."""

    def build(name):
        weight = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros", name="weight")
        return Network(keras.Sequential([keras.Input((1,)), weight], name=name), keras.optimizers.SGD(1.0))

    keras.config.set_dtype_policy("mixed_float16")
    yield build
    keras.config.set_dtype_policy("float32")


def mean(network, x):
    return lambda: tf.reduce_mean(tf.cast(network(tf.fill((4, 1), x)), tf.float32))


def test_float16_keeps_slopes_that_would_vanish(half):
    network = half("small")
    minimize(network, loss=lambda: 1e-4 * mean(network, 1e-4)())  # 1e-8: float16 ends at 6e-8
    assert network.model.get_weights()[0].item() == pytest.approx(-1e-8, rel=1e-2)
    assert float(network.grad_norm) == pytest.approx(1e-8, rel=1e-2)


def test_a_step_that_overflows_in_float16_is_skipped_and_the_scale_halved(half):
    network = half("large")
    before, scale = network.model.get_weights(), float(network.optimizer.dynamic_scale)
    loss = minimize(network, loss=lambda: 60000.0 * (1 + mean(network, 1.0)()))
    assert np.isfinite(loss)
    assert float(network.grad_norm) == 0  # recorded; what is not finite would end the training
    assert np.array_equal(network.model.get_weights(), before)
    assert float(network.optimizer.dynamic_scale) == scale / 2


def test_each_network_has_a_loss_scale_of_its_own(half):
    first, second = half("first"), half("second")
    second.optimizer.dynamic_scale.assign(4.0)
    minimize(first, second, loss=lambda: mean(first, 0.5)() + mean(second, 0.25)())
    weights = [network.model.get_weights()[0].item() for network in (first, second)]
    assert weights == pytest.approx([-0.5, -0.25])


@pytest.mark.parametrize("policy", ["mixed_bfloat16", "mixed_float16", "float32"])
def test_slopes_of_slopes_are_taken_in_float32(policy):
    keras.config.set_dtype_policy(policy)
    layers = [keras.Input((6,)), keras.layers.Dense(40, "tanh", name="a"), keras.layers.Dense(1, name="b")]
    rough = Network(keras.Sequential(layers, name="rough"), keras.optimizers.Adam())
    keras.config.set_dtype_policy("float32")
    exact = keras.models.Sequential([keras.Input((6,)), keras.layers.Dense(40, "tanh"), keras.layers.Dense(1)])
    exact.set_weights(rough.model.get_weights())
    assert np.array_equal(in_float32(rough)(X), exact(X))
    assert rough.model.layers[0].compute_dtype == keras.DTypePolicy(policy).compute_dtype  # and is itself again
