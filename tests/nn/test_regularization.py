"""Spectral normalization, penalties, equalized learning rate and EMA beside closed forms, NumPy and differences."""

from types import SimpleNamespace

import numpy as np
import pytest

from gancli.core.backend import keras, tf
from gancli.models import regularization
from gancli.nn import optimizers
from gancli.nn.network import Network, frozen, minimize
from gancli.nn.regularization import equalized, penalties, spectral_norm
from gancli.nn.regularization.penalties import Penalties
from gancli.nn.regularization.spectral_norm import SpectralNorm

random = np.random.default_rng(0)
X = random.normal(size=(8, 6, 6, 2)).astype(np.float32)


def network(optimizer=None):
    """A convolution and a dense layer, normalized over the batch between them."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(1)
    layers = [
        keras.Input((6, 6, 2)),
        keras.layers.Conv2D(3, 3, 2, activation="tanh", name="conv"),
        keras.layers.BatchNormalization(name="norm"),
        keras.layers.Flatten(name="flat"),
        keras.layers.Dense(1, name="logit"),
    ]
    return Network(keras.Sequential(layers, name="judge"), optimizer or keras.optimizers.Adam(0.01))


def linear(weights):
    """A network whose output is the product of an image and these weights."""
    layer = keras.layers.Dense(1, use_bias=False, name="linear")
    made = Network(keras.Sequential([keras.Input((len(weights),)), layer]), keras.optimizers.SGD(0.0))
    layer.set_weights([np.reshape(weights, (-1, 1))])
    return made


def norms(kernel):
    return np.linalg.svd(np.asarray(kernel).reshape(-1, kernel.shape[-1]), compute_uv=False)


# --- spectral normalization


def test_normalized_kernels_have_the_largest_singular_value_1():
    made = network()
    spectral = SpectralNorm(made.model)
    assert [kernel.path for kernel in spectral.kernels] == ["judge/conv/kernel", "judge/logit/kernel"]
    for kernel, value in spectral.normalized():
        assert norms(value)[0] == pytest.approx(1, abs=1e-3)
        np.testing.assert_allclose(norms(value), norms(kernel) / norms(kernel)[0], rtol=1e-3, atol=1e-6)
    for _ in range(30):
        spectral.advance()
    assert [norms(value)[0] for _, value in spectral.normalized()] == pytest.approx([1, 1], abs=1e-5)


def test_the_gradient_passes_through_the_singular_value():
    kernel, other = random.normal(size=(5, 4)), random.normal(size=(5, 4))
    right = np.linalg.svd(kernel)[2][0]
    matrix = tf.constant(kernel)
    with tf.GradientTape() as tape:
        tape.watch(matrix)
        value = tf.reduce_sum(other * matrix / spectral_norm.largest_singular_value(matrix, tf.constant(right)))
    found = tape.gradient(value, matrix).numpy()
    assert abs(np.sum(found * kernel)) < 1e-12  # a multiple of the kernel gives the same output
    for _ in range(3):
        along, step = random.normal(size=kernel.shape), 1e-6
        up, down = (np.sum(other * at / np.linalg.norm(at, 2)) for at in (kernel + step * along, kernel - step * along))
        assert np.sum(found * along) == pytest.approx((up - down) / (2 * step), rel=1e-6)


def test_a_normalized_network_computes_with_divided_kernels_and_keeps_its_own():
    plain, made = network(), network()
    made.spectral = SpectralNorm(made.model)
    before = {key: one.numpy() for key, one in made.variables().items()}
    vectors = [key for key in before if key.startswith("spectral/")]
    assert vectors == ["spectral/judge/conv/kernel"]  # that of one output is ever 1 or -1
    frozen(made)(X)  # moves nothing, not even the vectors
    assert all(np.array_equal(before[key], one.numpy()) for key, one in made.variables().items())
    for layer in ("conv", "logit"):
        kernel = plain.model.get_layer(layer).kernel
        kernel.assign(kernel / norms(kernel)[0])
    np.testing.assert_allclose(made(X), plain(X), atol=1e-3)
    moved = {key.rsplit("/", 1)[1] for key, one in made.variables().items() if not np.array_equal(before[key], one)}
    assert moved == {"moving_mean", "moving_variance"}
    np.testing.assert_allclose(made.infer(X), plain.infer(X), atol=1e-3)


def test_after_the_training_normalized_kernels_are_the_weights():
    made = network()
    made.spectral = SpectralNorm(made.model)
    expected = made.infer(X).numpy()
    assert np.abs(made.model(X) - expected).max() > 1e-3
    regularization.fold(SimpleNamespace(networks={"judge": made}))
    np.testing.assert_allclose(made.model(X), expected, atol=1e-6)
    np.testing.assert_allclose(made.infer(X), expected, atol=1e-6)


def test_the_vectors_take_one_step_of_the_iteration_per_update():
    made = network()
    made.spectral = SpectralNorm(made.model)
    first = made.spectral.vectors[0].numpy()
    minimize(made, loss=lambda: tf.reduce_mean(made(X) ** 2) + tf.reduce_mean(made(X[::-1])))
    matrix = made.spectral.kernels[0].numpy().reshape(-1, 3)
    left = matrix @ first
    right = matrix.T @ (left / np.linalg.norm(left))
    np.testing.assert_allclose(made.spectral.vectors[0], right / np.linalg.norm(right), atol=1e-5)


# --- penalties


def uniform(shape):
    return tf.random.stateless_uniform(shape, (1, 2))


def test_penalties_of_a_linear_critic_are_those_of_its_norm():
    critic, norm = linear([3.0, 4.0]), 5.0
    real, fake = (tf.constant(random.normal(size=(7, 2)), tf.float32) for _ in range(2))
    for weights, expected in (
        ({"r1": 2.0}, 2 * norm**2 / 2),
        ({"r2": 3.0}, 3 * norm**2 / 2),
        ({"dragan": 1.0}, (norm - 1) ** 2),
        ({"gradient_penalty": 10.0}, 10 * (norm - 1) ** 2),
        ({"r1": 2.0, "r2": 3.0, "dragan": 1.0}, 5 * norm**2 / 2 + (norm - 1) ** 2),
    ):
        assert float(Penalties(uniform, **weights)(critic, real, fake)) == pytest.approx(expected, rel=1e-5)
    assert not Penalties(uniform)


def test_r1_is_taken_at_real_images_and_r2_at_generated_ones():
    real, fake = (tf.constant(random.normal(size=(7, 4)), tf.float32) for _ in range(2))

    def quadratic(x):  # its gradient is 3 x
        return 1.5 * tf.reduce_sum(x**2, axis=1, keepdims=True)

    for images in (real, fake):
        expected = 0.5 * np.mean(np.sum((3 * images.numpy()) ** 2, axis=1))
        assert float(penalties.zero_centered(quadratic, images)) == pytest.approx(expected, rel=1e-5)
    made, seen = linear([1.0] * 4), []
    for kind in ("r1", "r2"):
        Penalties(uniform, **{kind: 1.0}).of(made, lambda critic, x: seen.append(x.numpy()) or critic(x), real, fake)
    assert np.array_equal(seen, [real, fake])


def test_dragan_looks_around_real_images():
    real, noise, seen = tf.constant(X), tf.ones_like(X), []
    penalties.dragan(lambda x: seen.append(x.numpy()) or tf.reduce_sum(x, axis=(1, 2, 3)), real, noise)
    np.testing.assert_allclose(seen[0], X + 0.5 * X.std(), atol=1e-6)


def test_a_lazy_penalty_counts_as_often_as_it_is_left_out():
    critic, found = linear([3.0, 4.0]), []
    lazy, points = Penalties(uniform, r1=1.0, every=3), tf.ones((2, 2))
    for step in range(7):
        critic.optimizer.iterations.assign(step)
        found.append(float(lazy(critic, points, points)))
    assert found == pytest.approx([37.5, 0, 0, 37.5, 0, 0, 37.5])


# --- equalized learning rate


def test_multipliers_of_adam_are_an_equalized_learning_rate():
    """Ten steps of w beside ten of w / c, the weight that is multiplied by He's constant c in each layer."""
    made = network(optimizers.adam(0.01, beta1=0.5, beta2=0.99))
    equalized.equalize_network(made, 0)
    constants = {"judge/conv/kernel": np.sqrt(2 / 18), "judge/logit/kernel": np.sqrt(2 / 12)}
    assert {path: made.optimizer.multipliers[path] for path in constants} == pytest.approx(constants)
    shares = [constants.get(one.path, 1.0) for one in made.model.trainable_variables]
    hats = [tf.Variable(one.value / share) for one, share in zip(made.model.trainable_variables, shares, strict=True)]
    adam = keras.optimizers.Adam(0.01, beta_1=0.5, beta_2=0.99)
    other = network().model
    for _ in range(10):
        with tf.GradientTape() as tape:
            weights = [hat * share for hat, share in zip(hats, shares, strict=True)]
            output, _ = other.stateless_call(weights, other.non_trainable_variables, X, training=True)
            loss = tf.reduce_mean((output - X[:, 0, 0, :1]) ** 2)
        adam.apply_gradients(zip(tape.gradient(loss, hats), hats, strict=True))
        minimize(made, loss=lambda: tf.reduce_mean((made(X) - X[:, 0, 0, :1]) ** 2))
    for one, hat, share in zip(made.model.trainable_variables, hats, shares, strict=True):
        np.testing.assert_allclose(one, hat * share, atol=1e-5, err_msg=one.path)


def test_equalized_kernels_begin_with_he_s_deviation_and_biases_stay():
    layers = [
        keras.Input((4, 4, 8)),
        keras.layers.Conv2DTranspose(64, 4, 2, "same", name="up"),  # an output pixel sums 4 of 16 places of 8 maps
        keras.layers.Dense(500, name="dense"),
    ]
    model = keras.Sequential(layers)
    multipliers = equalized.equalize(model, 3, gain=1.0, rate=0.1)
    for name, inputs in (("up", 32), ("dense", 64)):
        kernel, bias = model.get_layer(name).trainable_variables
        assert np.std(kernel) == pytest.approx(inputs**-0.5, rel=0.05)
        assert multipliers[kernel.path] == pytest.approx(0.1 * inputs**-0.5)
        assert (multipliers[bias.path], np.abs(bias).max()) == (0.1, 0)


# --- EMA


@pytest.mark.parametrize(("decay", "rampup", "share"), [(0.9999, 0.05, 1 - 0.5 ** (1 / 50)), (0.9, 0.05, 0.1)])
def test_the_half_life_of_an_ema_rises_with_the_number_of_updates(decay, rampup, share):
    made = linear([1.0, 1.0])
    made.enable_ema(decay, rampup)
    made.average.set_weights([np.zeros((2, 1))])
    made.optimizer.iterations.assign(1000)  # a half-life of 50 updates
    made.update_ema()
    assert made.average.get_weights()[0][0, 0] == pytest.approx(share, rel=1e-3)
