"""The gradient penalty's own gradient: central differences in float64, behind every layer that a critic may hold."""

import dataclasses

import numpy as np
import pytest
from helpers.tiny import ALL, SHAPES, build, state

from gancli import models
from gancli.core.backend import keras, tf
from gancli.core.errors import OptionError
from gancli.models import regularization
from gancli.nn.architectures import dcgan, maxout
from gancli.nn.layers import (
    attention,
    batch_norm,
    grouped_conv,
    minibatch_discrimination,
    minibatch_stddev,
    pixel_norm,
    resampling,
    spatial_basis,
    strided_conv,
)
from gancli.nn.network import Network, in_float32, layers_of
from gancli.nn.regularization import penalties, second_derivatives
from gancli.runs import checkpoints

BATCH, STEP, EXACT = 3, 1e-6, 1e-6
TAKES_PENALTY = [
    name for name in ALL if "gradient_penalty" in {field.name for field in dataclasses.fields(models.get(name).Options)}
]
SIDE = 16  # of critics that take any


def in_float64(critic):
    """The same critic with all weights and arithmetic in float64."""
    held = critic.inputs if isinstance(critic, keras.Sequential) else critic.input
    inputs = keras.tree.map_structure(lambda one: keras.Input(one.shape[1:], dtype="float64"), held)

    def wide(part):  # a layer, or an operation such as a sum, which has no dtype of its own
        more = {"dtype": "float64"} if isinstance(part, keras.Layer) else {}
        return type(part).from_config(part.get_config() | more)

    copy = keras.models.clone_model(critic, input_tensors=inputs, clone_function=wide)
    copy.set_weights(critic.get_weights())
    return copy


def shaken(critic, seed=0):
    """The critic, its weights as if it had been trained: those of N(1, .3) or N(0, .3) that began as constants."""
    random = np.random.default_rng(seed)
    for weight in critic.trainable_variables:
        weight.assign(weight + random.normal(0.0, 0.3, weight.shape))
    return critic


def ends(critic, dtype, seed=0):
    """Two batches, what lies between them, and the other inputs of the critic: labels, or maps."""
    random = np.random.default_rng(seed)
    first, *others = [tuple(size or SIDE for size in one.shape[1:]) for one in critic.inputs]
    real, fake = (tf.constant(random.normal(size=(BATCH, *first)), dtype) for _ in range(2))
    share = tf.constant(random.random((BATCH, *[1] * len(first))), dtype)
    labels = [tf.one_hot(np.arange(BATCH) % shape[0], shape[0], dtype=dtype) for shape in others if len(shape) == 1]
    return (
        real,
        fake,
        share,
        labels + [tf.constant(random.random((BATCH, *shape)), dtype) for shape in others[len(labels) :]],
    )


def outputs_of(critic, *inputs):
    """The sum of all outputs for each image: of patches, and of several heads."""
    found = keras.tree.flatten(critic(*inputs))
    return tf.add_n([tf.reduce_sum(tf.reshape(one, (BATCH, -1)), axis=1) for one in found])


def penalty_of(call, real, fake, share, given):
    """The penalties at both batches and between them."""

    def critic(x):
        return outputs_of(call, x, *given)

    return penalties.gradient_penalty(critic, real, fake, share) + penalties.zero_centered(critic, real)


def penalty_and_slopes(call, weights, *given):
    """`penalty_of`, and its gradient by the weights as TensorFlow has it."""
    values = [weight.value for weight in weights]
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(values)
        penalty = penalty_of(call, *given)
    slopes = tape.gradient(penalty, values, unconnected_gradients="zero")
    return float(penalty), np.concatenate([np.ravel(tf.convert_to_tensor(slope)) for slope in slopes])


def in_training(critic):
    """A model as a function of its inputs."""
    return lambda *x: critic(x if len(x) > 1 else x[0], training=True)


def gap(critic, directions=2, call=None):
    """How far the gradient is from central differences, of its own size; a critic in float64, or a call of it."""
    weights, drawn = critic.trainable_variables, [weight.numpy() for weight in critic.non_trainable_variables]
    at, sizes = [weight.numpy() for weight in weights], [weight.numpy().size for weight in weights]

    def shifted(shift):
        for weight, start, part in zip(weights, at, np.split(shift, np.cumsum(sizes)[:-1]), strict=True):
            weight.assign(start + part.reshape(start.shape))
        for variable, value in zip(critic.non_trainable_variables, drawn, strict=True):  # the same masks again
            variable.assign(value)
        return float(penalty_of(call, *given))

    call, given = call or in_training(critic), ends(critic, "float64")
    random, count, worst = np.random.default_rng(1), sum(sizes), 0.0
    _, slopes = penalty_and_slopes(call, weights, *given)
    for _ in range(directions):
        along = random.normal(size=count)
        rise = (shifted(STEP * along) - shifted(-STEP * along)) / (2 * STEP)
        worst = max(worst, abs(rise - slopes @ along) / np.linalg.norm(slopes))
    return worst


def critic_with(*layers, channels=4, labels=0):
    """A critic of images (6, 6, 2) with these layers, or functions of a tensor, amid others that are smooth."""
    keras.utils.clear_session()
    keras.utils.set_random_seed(0)
    image, label = keras.Input((6, 6, 2), name="image"), dcgan.labels(labels)
    net = keras.layers.Conv2D(channels, 3, padding="same", activation="tanh", name="first")(image)
    for layer in layers:
        net = layer(net)
    net = keras.layers.Dense(4, activation="tanh", name="mix")(keras.layers.Flatten(name="flat")(net))
    net = dcgan.joined(net, label, into="logit")
    logit = keras.layers.Dense(1, name="logit")(net)
    return shaken(keras.Model([image] if label is None else [image, label], logit, name="critic"))


def all_activations(net):
    """Beside each other: every activation of Keras that needs no more than its input, but softsign."""
    names = "relu leaky_relu relu6 elu celu selu gelu silu mish tanh sigmoid log_sigmoid softplus softmax hard_sigmoid"
    return keras.layers.Concatenate()([keras.layers.Activation(name)(net) for name in names.split()])


RIGHT = {
    "layer norm": lambda: [batch_norm.layer_norm(epsilon=1e-3)],
    "RMS norm": lambda: [keras.layers.RMSNormalization(axis=(1, 2, 3))],
    "unit norm": lambda: [keras.layers.UnitNormalization()],
    "activations": lambda: [all_activations],
    "nearest upsampling": lambda: [keras.layers.UpSampling2D(2, interpolation="nearest")],
    "mean pooling": lambda: [keras.layers.AveragePooling2D(2)],
    "max pooling": lambda: [keras.layers.MaxPooling2D(2)],
    "strided convolution": lambda: [strided_conv.down_layer(3, 5), strided_conv.down_layer(3, 4)],
    "strided convolution, slopes batch-wise": lambda: [
        strided_conv.down_layer(strided_conv.MANY_CHANNELS, 3),
        strided_conv.down_layer(4, 5),
    ],
    "transposed convolution, interleaved": lambda: [strided_conv.up_layer(2, 5, 12)],
    "transposed convolution, direct": lambda: [strided_conv.up_layer(strided_conv.FEW_CHANNELS + 1, 4, 11)],
    "Keras' convolutions": lambda: [
        keras.layers.Conv2D(3, 3, 2, "same"),
        keras.layers.Conv2DTranspose(3, 3, 2, "same"),
        keras.layers.DepthwiseConv2D(3),
    ],
    "instance norm": lambda: [batch_norm.instance_norm(epsilon=1e-3)],
    "pixel norm": lambda: [pixel_norm.pixel_norm_layer()],
    "minibatch stddev": lambda: [minibatch_stddev.minibatch_stddev],
    "resampling": lambda: [resampling.layer(kind) for kind in resampling.KINDS],
    "attention": lambda: [
        attention.positions_layer(),
        attention.token_norm_layer(),
        attention.attention_layer(2),
    ],
    "a learned basis": lambda: [spatial_basis.to_rows(6), spatial_basis.from_rows(2)],
    "grouped convolution": lambda: [grouped_conv.grouped_conv(6, 3, 2)],
    "maxout": lambda: [keras.layers.Flatten(), lambda net: maxout._maxout(net, 5, 3, "a")],
    "dropout": lambda: [keras.layers.Dropout(0.4, seed=3)],
}


@pytest.mark.parametrize("name", RIGHT)
def test_the_penalty_s_gradient_is_that_of_central_differences_behind(name):
    assert gap(in_float64(critic_with(*RIGHT[name]()))) < EXACT


def test_the_same_with_labels_and_with_a_look_at_the_batch():
    judge = minibatch_discrimination.discriminating(critic_with(labels=2), 3)
    assert gap(in_float64(shaken(judge))) < EXACT


def test_the_same_behind_batch_norm_whose_kernel_has_no_float64():
    critic = critic_with(batch_norm.batch_norm(epsilon=1e-3, name="norm"))

    class Plain(keras.layers.BatchNormalization):
        def call(self, net, training=True, mask=None):
            apart = net - tf.reduce_mean(net, (0, 1, 2))
            return apart * tf.math.rsqrt(tf.reduce_mean(apart**2, (0, 1, 2)) + self.epsilon) * self.gamma + self.beta

    fused = type(critic.get_layer("norm"))

    def unfused(part):
        return (Plain if isinstance(part, fused) else type(part)).from_config(part.get_config())

    by_hand = keras.models.clone_model(critic, clone_function=unfused)
    by_hand.set_weights(critic.get_weights())
    exact = in_float64(by_hand)
    assert gap(exact) < EXACT
    found, wanted = (
        penalty_and_slopes(lambda x, of=of: of(x, training=True), of.trainable_variables, *ends(of, dtype))[1]
        for of, dtype in ((critic, "float32"), (exact, "float64"))
    )
    assert np.linalg.norm(found - wanted) < 5e-4 * np.linalg.norm(wanted)


@pytest.mark.parametrize("name", TAKES_PENALTY)
def test_every_model_that_takes_a_penalty_descends_it_or_refuses_it(name):
    """By the networks as they train in bfloat16, whose penalty is computed in float32."""
    options, side = (
        {"precision": "bfloat16", "spectral_norm": False},
        models.get(name).data_requirements(models.get(name).Options()).nearest_side,
    )
    shape = SHAPES.get(name, (side(12), side(12), 1))  # two halvings, so that there is a norm
    try:
        model = build(name, shape=shape, gradient_penalty=10.0, **options)
    except OptionError as error:
        assert "BatchNorm" in str(error)
        if "d_norm" not in {field.name for field in dataclasses.fields(models.get(name).Options)}:
            return
        model = build(name, shape=shape, gradient_penalty=10.0, d_norm="layer", **options)
    critics = [network for key, network in model.networks.items() if key in model.adversaries]
    assert critics
    for network in critics:
        for layer in layers_of(network.model):
            assert not isinstance(layer, keras.layers.BatchNormalization)
            if isinstance(layer, keras.layers.Dropout):
                layer.rate = 0.0  # whose masks differ by precision
        exact = in_float64(shaken(network.model))
        assert gap(exact, directions=1) < 10 * EXACT
        _, found = penalty_and_slopes(
            in_float32(network), network.model.trainable_variables, *ends(network.model, "float32")
        )
        _, wanted = penalty_and_slopes(in_training(exact), exact.trainable_variables, *ends(exact, "float64"))
        assert np.linalg.norm(found - wanted) < 1e-3 * np.linalg.norm(wanted)


@pytest.mark.parametrize("d_norm", ["none", "layer"])
def test_the_penalty_s_gradient_passes_through_spectral_normalization(d_norm):
    options = {"r1": 1.0, "d_norm": d_norm, "spectral_norm": True, "width": 4, "precision": "bfloat16"}
    network = build("dcgan", shape=(12, 12, 1), **options).discriminator
    exact = in_float64(shaken(network.model))
    network.spectral.restart()
    vectors = [vector.numpy().astype(float) for vector in network.spectral.vectors]

    def divided(*x):
        weights, normalized = exact.trainable_variables, iter(vectors)
        values = [over_sigma(one.value, next(normalized)) if len(one.shape) > 1 else one.value for one in weights]
        return exact.stateless_call(values, exact.non_trainable_variables, x[0], training=True)[0]

    assert gap(exact, call=divided) < EXACT
    weights = network.model.trainable_variables
    _, found = penalty_and_slopes(in_float32(network), weights, *ends(network.model, "float32"))
    _, wanted = penalty_and_slopes(divided, exact.trainable_variables, *ends(exact, "float64"))
    assert np.linalg.norm(found - wanted) < 1e-3 * np.linalg.norm(wanted)


def over_sigma(kernel, right):
    """A kernel over its largest singular value, of a vector that is constant."""
    matrix = tf.reshape(kernel, (-1, kernel.shape[-1]))
    left = tf.linalg.matvec(matrix, right)
    left = tf.stop_gradient(left / tf.norm(left))
    return kernel / tf.tensordot(left, tf.linalg.matvec(matrix, right), 1)


def own(layer):
    """A layer of ours that does something with an image."""

    class Own(keras.layers.Layer):
        def call(self, net):
            return layer(net)

    return Own(name="own")


SILENT = {  # nothing is said by TensorFlow
    "GroupNormalization": lambda: keras.layers.GroupNormalization(2, name="bad"),
    "LayerNormalization": lambda: keras.layers.LayerNormalization(name="bad"),
    "BatchNormalization": lambda: keras.layers.BatchNormalization(name="bad"),
    "UpSampling2D": lambda: keras.layers.UpSampling2D(2, interpolation="bilinear", name="bad"),
    "Resizing": lambda: keras.layers.Resizing(4, 4, name="bad"),
}
LACKING = {
    "UpSampling2D": lambda: keras.layers.UpSampling2D(2, interpolation="bicubic", name="bad"),
    "Resizing": lambda: keras.layers.Resizing(4, 4, interpolation="nearest", name="bad"),
    "Activation": lambda: keras.layers.Activation("softsign", name="bad"),
}


@pytest.mark.parametrize("kind", SILENT)
def test_what_is_refused_since_it_is_wrong_is_wrong(kind):
    critic = critic_with(SILENT[kind]())
    with pytest.raises(OptionError, match=rf"layer 'bad' \({kind}\) are wrong"):
        second_derivatives.check_second_derivatives(critic)
    assert gap(in_float64(critic)) > 100 * EXACT


@pytest.mark.parametrize("kind", LACKING)
def test_what_is_refused_since_tensorflow_lacks_it_is_lacking(kind):
    critic = critic_with(LACKING[kind]())
    with pytest.raises(OptionError, match=rf"layer 'bad' \({kind}\)"):
        second_derivatives.check_second_derivatives(critic)
    with pytest.raises(LookupError):
        gap(in_float64(critic))


def test_the_guard_looks_into_models_wrappers_layers_of_others_and_bare_operations():
    def inside(net):
        return keras.Sequential([keras.Input(net.shape[1:]), SILENT["GroupNormalization"]()], name="block")(net)

    def variance(net):
        return net / (1.0 + tf.nn.moments(net, (1, 2), keepdims=True)[1])

    for layer, told in (
        (inside, r"layer 'bad' \(GroupNormalization\)"),
        (keras.layers.TimeDistributed(keras.layers.LayerNormalization(), name="each"), r"layer '.*' \("),
        (own(variance), r"layer 'own' \(Own\)"),
        (own(lambda net: tf.image.resize(net, (4, 4))), r"layer 'own' \(Own\)"),
        (lambda net: keras.ops.image.resize(net, (4, 4)), "ResizeBilinear|layer 'resize"),
    ):
        with pytest.raises(OptionError, match=told):
            second_derivatives.check_second_derivatives(critic_with(layer))


def test_the_guard_lets_pass_what_is_right():
    everything = [batch_norm.layer_norm(), batch_norm.batch_norm(), *RIGHT["dropout"](), all_activations]
    second_derivatives.check_second_derivatives(critic_with(*everything, keras.layers.UpSampling2D(2), labels=2))


def keras_own(**settings):
    return keras.layers.GroupNormalization(groups=1, **settings)


def test_a_model_is_refused_when_it_is_built(monkeypatch):
    monkeypatch.setattr(dcgan, "layer_norm", keras_own)
    with pytest.raises(OptionError, match=r"--gradient-penalty .* layer 'norm_3' \(GroupNormalization\)"):
        build("wgan-gp", shape=(12, 12, 1), width=4)


def test_checkpoints_of_keras_own_layer_norm_open_and_mean_the_same(monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(dcgan, "layer_norm", keras_own)
        patch.setattr(regularization, "check_second_derivatives", lambda critic, flag: None)
        old = build("wgan-gp", shape=(12, 12, 1), width=4, precision="float32")
    held, new = state(old), build("wgan-gp", shape=(12, 12, 1), width=4, precision="float32")
    shaken(old.discriminator.model)
    held = state(old)
    checkpoints.assign(held, new.variables(), name="old")
    images = tf.random.stateless_normal((4, 12, 12, 1), (1, 2))
    np.testing.assert_allclose(new.discriminator(images), old.discriminator(images), atol=1e-4)
    assert set(state(new)) == set(held)


def test_layer_norm_computes_in_float32_whatever_the_layer_s_precision():
    pictures = 100.0 + tf.random.stateless_normal((2, 5, 5, 3), (1, 2))
    plain, rough = batch_norm.layer_norm(), batch_norm.layer_norm(dtype="mixed_bfloat16")
    wanted, found = plain(pictures), rough(pictures)
    assert (wanted.dtype, found.dtype, rough.gamma.dtype) == (tf.float32, tf.bfloat16, "float32")
    np.testing.assert_allclose(wanted, (pictures - 100) / 1, atol=0.6)
    assert float(tf.math.reduce_std(tf.cast(found, tf.float32))) == pytest.approx(1, abs=0.02)


def test_the_penalty_is_computed_in_float32_in_models_inside_the_critic_too():
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_bfloat16")
    try:
        inner = keras.Sequential([keras.Input((5,)), keras.layers.Dense(8, activation="tanh")], name="inner")
        critic = keras.Sequential([keras.Input((5,)), inner, keras.layers.Dense(1, dtype="float32")], name="critic")
        network = Network(critic, keras.optimizers.SGD())
    finally:
        keras.config.set_dtype_policy(policy)
    points = tf.random.stateless_normal((4, 5), (1, 2))
    weights, bias, more, last = critic.get_weights()
    exact = np.tanh(points @ weights + bias) @ more + last
    np.testing.assert_allclose(in_float32(network)(points), exact, atol=1e-6)
    assert np.abs(critic(points) - exact).max() > 1e-4  # in bfloat16 again
