"""Single models beside their papers: tables of networks, parameters to the digit, what a step does."""

import re
from types import SimpleNamespace

import numpy as np
import pytest
from helpers.tiny import build, train

from gancli import models
from gancli.core.backend import tf
from gancli.core.errors import DataError, OptionError
from gancli.data import DataFacts
from gancli.models import config
from gancli.models.base import parameter_count


def test_in_a_simultaneous_step_neither_player_sees_the_other_s_move():
    from gancli.nn import adversarial_step
    from gancli.nn.losses import ADVERSARIAL_LOSSES
    from gancli.nn.network import frozen

    game = ADVERSARIAL_LOSSES["non-saturating"]

    def fresh(updates):
        return build(
            "goodfellow", precision="float32", optimizer="sgd", updates=updates, dropout=0.0, input_dropout=0.0
        )

    real = tf.random.stateless_uniform((8, 8, 8, 1), (1, 2), -1, 1)
    together, alone = fresh("simultaneous"), fresh("alternating")
    together.train_step(iter([{"image": real}]))
    z = alone.noise()
    fake = frozen(alone.generator)(z)
    kept = [variable.numpy() for variable in alone.discriminator.model.trainable_variables]
    adversarial_step.minimize(
        alone.discriminator,
        loss=lambda: game.real(alone.discriminator(real)) + game.fake(alone.discriminator(fake)),
    )
    moved = [variable.numpy() for variable in alone.discriminator.model.trainable_variables]
    for variable, value in zip(alone.discriminator.model.trainable_variables, kept, strict=True):
        variable.assign(value)  # the generator meets the discriminator as it was
    adversarial_step.minimize(
        alone.generator, loss=lambda: game.generator(frozen(alone.discriminator)(alone.generator(z)))
    )
    for found, expected in (
        (together.generator.model.get_weights(), alone.generator.model.get_weights()),
        ([variable.numpy() for variable in together.discriminator.model.trainable_variables], moved),
    ):
        assert all(np.allclose(a, b, atol=1e-7) for a, b in zip(found, expected, strict=True))


def test_the_authors_sgd_has_its_falling_rate_and_rising_momentum():
    from gancli.core.backend import keras
    from gancli.nn.optimizers import rising_momentum

    weight = keras.Variable([1.0], dtype="float32")
    optimizer = rising_momentum(0.1, decay=1.5, momentum=(0.5, 0.7), over=(1, 3))
    optimizer.build([weight])
    expected, velocity = 1.0, 0.0
    for step in range(6):
        momentum = 0.5 + 0.2 * min(max((step - 1) / 2, 0), 1)
        velocity = momentum * velocity - 0.1 / 1.5**step * 2.0
        expected += velocity
        optimizer.apply([tf.constant([2.0])], [weight])
        assert float(weight.numpy()[0]) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(
    ("rate", "decay", "least", "steps"),
    [
        (0.1, 1.5, 0.01, (0, 1, 5, 6, 7, 50)),  # 0.1 / 1.5^5 = .0132, 0.1 / 1.5^6 = .0088
        (0.1, 1.000004, 1e-6, (0, 170_000, 2_800_000, 2_950_000, 10_000_000)),  # the authors': met at 2.88 million
        (0.1, 1.5, 0.0, (0, 5, 6, 50)),  # none
        (1e-7, 1.5, 1e-6, (0, 1, 50)),  # begun below it
    ],
)
def test_the_authors_rate_falls_to_a_floor(rate, decay, least, steps):
    from gancli.nn.optimizers import dividing

    falls = dividing(rate, decay=decay, least=least)
    for step in steps:
        expected = max(rate / decay**step, min(least, rate))
        tolerance = 0.02 if decay < 1.1 else 1e-5  # 1 / 1.000004 has three digits of its difference from 1 in float32
        assert float(falls(tf.constant(step))) == pytest.approx(expected, rel=tolerance)


def test_models_of_2014_have_the_floor_and_older_runs_have_none():
    from gancli.models import config
    from gancli.models.goodfellow import Goodfellow
    from gancli.runs.run import Run

    for name in ("goodfellow", "cgan", "lapgan"):
        optimizer = build(name, optimizer="sgd", learning_rate=0.1, lr_schedule="constant").networks
        falls = next(iter(optimizer.values())).optimizer._learning_rate
        assert float(falls(tf.constant(10_000_000))) == pytest.approx(1e-6)
    written = config.from_mapping(Goodfellow, {}).to_mapping()
    del written["min_learning_rate"]
    assert config.from_record(Goodfellow, written).options.min_learning_rate == 0
    assert config.from_mapping(Goodfellow, written).options.min_learning_rate == 1e-6
    old = SimpleNamespace(recorded_options=lambda: written, model_class=Goodfellow, is_loaded=True)
    assert Run.settings(old).options.min_learning_rate == 0


# --- the papers' tables


def test_the_networks_of_2014_have_the_authors_parameters_to_the_digit():
    model = build("goodfellow", shape=(28, 28, 1), units=1200, d_units=240)
    assert parameter_count(model.generator.model) == (2_503_984, 0)
    assert parameter_count(model.discriminator.model) == (1_231_441, 0)


def test_maxout_takes_the_largest_of_five_pieces():
    from gancli.nn.architectures import maxout

    layers = maxout.discriminator((2, 2, 1), units=3, input_dropout=0.2, dropout=0.5)
    pixels = np.random.default_rng(0).uniform(-1, 1, (1, 2, 2, 1)).astype(np.float32)
    pieces = (pixels.reshape(1, 4) * 0.5 + 0.5) @ layers.get_layer("pieces_1").kernel.numpy()
    hidden = pieces.reshape(5, 3).max(axis=0)
    again = (hidden @ layers.get_layer("pieces_2").kernel.numpy()).reshape(5, 3).max(axis=0)
    expected = again @ layers.get_layer("logit").kernel.numpy()
    assert layers(tf.constant(pixels), training=False).numpy()[0] == pytest.approx(expected, rel=1e-4)


def test_the_weights_into_a_unit_keep_within_their_limit():
    model = build("goodfellow", optimizer="sgd", max_norm=0.02)
    for stage in model.stages():
        train(model, stage, 5)
    norms = np.linalg.norm(model.discriminator.model.get_layer("pieces_1").kernel.numpy(), axis=0)
    assert 0.0199 < norms.max() < 0.02001


def test_the_first_images_of_2014_are_near_the_mean_image(stripes):
    from gancli.data import Dataset

    dataset = Dataset("test", {"image": stripes[..., None]})
    model = build("goodfellow", hold_out=False)
    model.data = dataset.facts()
    model.on_stage_start(0, dataset)
    drawn = model.generator.model(tf.constant(model.latents(range(200))), training=False).numpy()
    assert np.corrcoef(drawn.mean(axis=0).ravel(), stripes.mean(axis=0).ravel())[0, 1] > 0.9


def labelled(name, classes=10, **options):
    """A model of MNIST's shape and ten classes."""
    model_class = models.get(name)
    settings = config.from_mapping(model_class, {"batch_size": 8, "jit": "off", **options})
    facts = DataFacts("test", (28, 28, 1), 64, ("image", "label"), tuple(map(str, range(classes))))
    return model_class(*settings, facts)


def test_the_conditional_networks_of_2014_have_the_paper_s_parameters_to_the_digit():
    model = labelled("cgan", network="paper")
    assert parameter_count(model.generator.model) == (2_413_984, 0)
    assert parameter_count(model.discriminator.model) == (1_224_351, 0)


def test_the_matching_networks_have_the_lecture_s_parameters_and_shapes_to_the_digit():
    model = labelled("matching", network="leifeng-course", width=16)
    assert parameter_count(model.generator.model) == (335_913, 480)
    assert parameter_count(model.discriminator.model) == (99_089, 96)
    ups = [layer.output.shape[1] for layer in model.generator.model.layers if layer.name.startswith(("reshape", "up_"))]
    downs = [layer.output.shape[1] for layer in model.discriminator.model.layers if layer.name.startswith("down_")]
    assert ups == [4, 8, 19, 23, 27, 28]
    assert downs == [14, 7, 4, 2]
    label = tf.one_hot([3], 10)
    image = model.generator(tf.constant(model.latents([0])), label)
    assert image.shape == (1, 28, 28, 1)
    assert model.discriminator(image, label).shape == (1, 1)


def test_a_wrong_label_is_any_of_the_others_and_never_the_right_one():
    model = labelled("matching")
    right = tf.repeat(tf.range(10), 300)
    wrong = model._other_labels(right).numpy()
    assert not np.any(wrong == right.numpy())
    table = np.zeros((10, 10), int)
    np.add.at(table, (right.numpy(), wrong), 1)
    assert table[~np.eye(10, dtype=bool)].min() > 10  # of 33 on average


@pytest.mark.parametrize("weight", [0.5, 1.0])
def test_the_mismatch_weight_is_that_of_both_kinds_of_fakes(weight):
    from gancli.nn.losses import ADVERSARIAL_LOSSES

    game, model = (
        ADVERSARIAL_LOSSES["non-saturating"],
        labelled("matching", mismatch_weight=weight, precision="float32", width=8),
    )
    logit = model.discriminator.model.get_layer("logit").kernel
    logit.assign(tf.zeros_like(logit))  # every belief is ½
    image = tf.zeros((8, 28, 28, 1))
    told = model.train_step(iter([{"image": image, "label": tf.zeros(8, tf.int32)}]))
    assert float(told["discriminator_loss"]) == pytest.approx(np.log(2) / 2 * (1 + 2 * weight), abs=1e-6)
    assert float(told["D(x)"]) == float(told["p_wrong"]) == float(told["D(G(z))"]) == 0.5
    assert float(game.real(tf.zeros((1, 1)))) == pytest.approx(np.log(2) / 2)


@pytest.mark.parametrize("network", ["dcgan", "leifeng-course"])
def test_the_matching_aware_discriminator_is_shown_three_kinds_of_pairs(monkeypatch, network):
    model = labelled("matching", precision="float32", width=4, network=network)
    plain, seen = type(model.discriminator).__call__, []

    def watched(network, image, label):
        if network is model.discriminator:
            seen.append((image.numpy(), label.numpy().argmax(axis=1)))
        return plain(network, image, label)

    monkeypatch.setattr(type(model.discriminator), "__call__", watched)
    real, right = tf.random.stateless_uniform((8, 28, 28, 1), (1, 2), -1, 1), np.arange(8)
    model.train_step(iter([{"image": real, "label": tf.constant(right, tf.int32)}]))
    (first, its_label), (fake, wanted), (second, wrong) = seen
    assert np.array_equal(first, real) and np.array_equal(second, real) and not np.array_equal(fake, real)
    assert its_label.tolist() == wanted.tolist() == right.tolist()
    assert not np.any(wrong == right)


def test_ebgan_s_autoencoder_pays_for_generated_images_below_the_margin_alone(monkeypatch):
    from gancli.models import ebgan

    model, told = build("ebgan", precision="float32", margin=3.0), []
    energies = iter([tf.fill([8], 2.0), tf.fill([8], 1.0), tf.fill([8], 0.5)])  # of real, of generated; the generator's
    monkeypatch.setattr(ebgan, "_energy", lambda again, image: next(energies) + 0 * tf.reduce_sum(again))
    monkeypatch.setattr(ebgan, "pulling_away", lambda codes: 7.0 + 0 * tf.reduce_sum(codes))
    told = model.train_step(iter([{"image": tf.zeros((8, 8, 8, 1))}]))
    assert float(told["discriminator_loss"]) == pytest.approx(2 + (3 - 1))
    assert float(told["generator_loss"]) == pytest.approx(0.5 + 0.1 * 7)


def test_dcgan_s_labels_reach_every_layer():
    model = labelled("dcgan", conditional=True, width=4)
    for network in (model.generator, model.discriminator):
        weighted = [layer for layer in network.model.layers if hasattr(layer, "kernel")]
        joins = [layer for layer in network.model.layers if layer.name.startswith("join_into_")]
        assert len(joins) == len(weighted)
    one, other = (model.decode(tf.constant(model.latents([0])), tf.one_hot([label], 10)) for label in (3, 8))
    assert not np.array_equal(one, other)


def test_acgan_s_discriminator_names_as_many_classes_as_there_are_and_no_more():
    model = labelled("acgan", width=4)
    source, named = model.discriminator(tf.zeros((2, 28, 28, 1)))
    assert source.shape == (2, 1)
    assert named.shape == (2, 10)


def test_acgan_s_class_cost_counts_real_and_generated_images_alike(monkeypatch):
    from gancli.models import acgan

    asked = []
    monkeypatch.setattr(
        acgan, "auxiliary_class_loss", lambda logits, labels: asked.append(logits.shape) or tf.reduce_sum(logits)
    )
    model = labelled("acgan", width=4, precision="float32")
    model.train_step(iter([{"image": tf.zeros((8, 28, 28, 1)), "label": tf.zeros(8, tf.int32)}]))
    assert asked == [(8, 10)] * 3  # the discriminator of real and of generated images, the generator of its own


WGAN = dict(models.get("wgan").presets["paper"]) | {"batch_size": 8}


def test_after_wgan_s_step_every_weight_of_the_critic_lies_within_the_clip_and_the_generator_s_do_not():
    model = build("wgan", shape=(12, 12, 1), width=4, **WGAN)
    for stage in model.stages():
        train(model, stage, 2)
        reach = max(np.abs(variable.numpy()).max() for variable in model.discriminator.model.trainable_variables)
        assert reach <= np.float32(0.01)
    assert max(np.abs(variable.numpy()).max() for variable in model.generator.model.trainable_variables) > 0.01


def test_wgan_opens_with_a_hundred_critic_steps_for_each_of_25():
    model = build("wgan", **WGAN | {"warmup_d_steps": 100})
    opening, rest = model.stages()
    assert (opening.steps, rest.steps) == (25, model.total_steps() - 25)
    train(model, opening, 1)
    assert int(model.discriminator.optimizer.iterations) == 100
    train(model, rest, 1)
    assert int(model.discriminator.optimizer.iterations) == 105
    assert int(model.generator.optimizer.iterations) == 2
    assert type(model.discriminator.optimizer).__name__ == "RMSprop"
    assert model.discriminator.optimizer.momentum == 0


def test_wgan_gp_s_critic_judges_each_image_alone():
    model = build("wgan-gp", shape=(12, 12, 1), width=4)
    kinds = {type(layer).__name__ for layer in model.discriminator.model.layers}
    assert "BatchNormalization" not in kinds
    assert "GroupNormalization" in kinds
    pictures = tf.random.stateless_normal((4, 12, 12, 1), (1, 2))
    assert np.allclose(model.discriminator(pictures)[:1], model.discriminator(pictures[:1]), atol=1e-5)


def test_the_dense_gan_has_the_lecture_s_parameters_to_the_digit():
    model = build("gan", shape=(28, 28, 1))
    assert parameter_count(model.generator.model) == (1_489_936, 3_584)
    assert parameter_count(model.discriminator.model) == (533_505, 0)
    counts = [layer.count_params() for layer in model.generator.model.layers]
    assert [count for count in counts if count] == [25_856, 1_024, 131_584, 2_048, 525_312, 4_096, 803_600]
    counts = [layer.count_params() for layer in model.discriminator.model.layers]
    assert [count for count in counts if count] == [401_920, 131_328, 257]


def test_dcgan_at_64_with_the_paper_s_width_has_its_shapes_and_parameters():
    model = build("dcgan", shape=(64, 64, 3), width=128)
    assert parameter_count(model.generator.model)[0] == 18_885_760
    assert parameter_count(model.discriminator.model)[0] == 17_232_768
    ups = [
        layer.output.shape[1:] for layer in model.generator.model.layers if layer.name.startswith(("reshape", "up_"))
    ]
    assert ups == [(4, 4, 1024), (8, 8, 512), (16, 16, 256), (32, 32, 128), (64, 64, 3)]
    downs = [layer.output.shape[1:] for layer in model.discriminator.model.layers if layer.name.startswith("down_")]
    assert downs == [(32, 32, 128), (16, 16, 256), (8, 8, 512), (4, 4, 1024)]


@pytest.mark.parametrize("side", [28, 32, 48, 64, 96, 128])
@pytest.mark.parametrize("channels", [1, 3])
def test_dcgan_takes_every_promised_size_and_colour(side, channels):
    model = build("dcgan", shape=(side, side, channels), width=2)
    assert model.decode(tf.constant(model.latents([0]))).shape == (1, side, side, channels)
    assert model.discriminator(tf.zeros((2, side, side, channels))).shape == (2, 1)


def test_dcgan_follows_the_five_guidelines():
    model = build("dcgan", shape=(32, 32, 3), width=4)
    generator, discriminator = (network.model.layers for network in (model.generator, model.discriminator))
    kinds = {type(layer).__name__ for layer in generator + discriminator}
    assert not any("Pool" in kind for kind in kinds)  # 1
    assert type(generator[-2]).__name__ == "Conv2DTranspose"  # 2: no BatchNorm on the output
    assert type(discriminator[2]).__name__ == "LeakyReLU"  # 2: nor after the input's convolution
    assert sum(type(layer).__name__ == "Dense" for layer in generator + discriminator) == 2  # 3: projection and logit
    assert generator[-1].activation.__name__ == "tanh"  # 4
    assert {layer.negative_slope for layer in discriminator if type(layer).__name__ == "LeakyReLU"} == {0.2}  # 5
    kernel = build("dcgan", shape=(64, 64, 3), width=16).generator.model.get_layer("up_16").kernel.numpy()
    assert kernel.std() == pytest.approx(0.02, rel=0.03)
    assert float(model.generator.optimizer.learning_rate) == pytest.approx(8e-4)  # the paper, four times as wide: 2e-4
    assert model.generator.optimizer.beta_1 == 0.5


@pytest.mark.parametrize(("side", "sides"), [(28, [4, 7, 14, 28]), (48, [3, 6, 12, 24, 48]), (30, [4, 8, 15, 30])])
@pytest.mark.parametrize("kernel", [4, 5])
def test_dcgan_halves_until_four_rounding_up(side, sides, kernel):
    model = build("dcgan", shape=(side, side, 1), width=2, kernel=kernel)
    ups = [layer.output.shape[1] for layer in model.generator.model.layers if layer.name.startswith(("reshape", "up_"))]
    downs = [layer.output.shape[1] for layer in model.discriminator.model.layers if layer.name.startswith("down_")]
    assert ups == sides
    assert downs == sides[-2::-1]


@pytest.mark.parametrize("shape", [(28, 32, 1), (4, 4, 1)])
def test_a_size_that_does_not_fit_is_refused_with_one_that_does(shape):
    with pytest.raises(DataError, match=r"--image-size (32|8)"):
        build("dcgan", shape=shape)


def test_the_network_of_the_course_takes_gray_images_of_28_alone_and_no_option_of_dcgan_s():
    with pytest.raises(DataError, match="--image-size 28"):
        build("matching", shape=(32, 32, 1), network="leifeng-course")
    with pytest.raises(DataError, match="--color gray"):
        build("matching", shape=(28, 28, 3), network="leifeng-course")
    for options, refused in (
        ({"kernel": 3}, "has no --kernel: leave it out"),
        ({"discriminator": "transformer"}, "has no --discriminator"),
        ({"depth": 3}, "--depth 3: .* needs 4 or more"),
    ):
        with pytest.raises(OptionError, match=refused):
            build("matching", shape=(28, 28, 1), network="leifeng-course", **options)


def test_data_without_a_wanted_column_are_refused():
    class Labelled(models.get("gan")):
        columns = ("image", "label")

    with pytest.raises(DataError, match="needs label"):
        Labelled(Labelled.Config(), Labelled.Options(), DataFacts("photos", (8, 8, 1), 9))


# --- what the docstrings say, which `gancli models NAME` prints


@pytest.mark.parametrize("name", models.names())
def test_a_docstring_names_options_that_there_are(name):
    from gancli.cli.commands import sample, train, translate
    from gancli.models import config

    commands = {flag for module in (train, sample, translate) for one in module.command.params for flag in one.opts}
    own = {f"--{field.name.replace('_', '-')}" for field in config.fields_of(models.get(name))}
    negated = {f"--no-{flag[2:]}" for flag in own}
    said = set(re.findall(r"--[a-z][a-z0-9-]*", models.paper(name)))
    assert said <= own | negated | commands


def test_numbers_in_docstrings_are_those_of_the_code():
    from gancli.nn.architectures import text_conditional
    from gancli.nn.optimizers import LEAST_RATE, RATE_DECAY

    seen = text_conditional.discriminator((32, 32, 3), width=32)
    judge = text_conditional.matching_head(seen.output.shape[-1], 2 * 128)
    looks, whole = judge.get_layer("looks").count_params(), seen.count_params() + judge.count_params()
    said = " ".join(models.paper("gan-cls").split())
    assert f"{looks:,} of {whole:,} weights on glyphs ({looks / whole:.0%}".replace("%", " %)") in said
    updates = np.log(0.1 / LEAST_RATE) / np.log(RATE_DECAY)
    for name in ("goodfellow", "cgan"):
        assert f"met after {updates / 1e6:.2f} million updates" in " ".join(models.paper(name).split())
    assert "37,200 weights" in models.paper("espcn")
    assert sum(parameter_count(build("espcn", (16, 16, 3), scale="4", crop=16).generator.model)) == 37_200


def test_skip_thoughts_begins_and_is_clipped_as_its_docstring_says():
    model = build("skip-thoughts", units=64, word_size=64, max_norm=0.5)
    for name in ("uni_encoder", "uni_before", "uni_after"):
        words = next(one for one in model.networks[name].model.weights if "embeddings" in one.path)
        assert float(np.std(words.numpy())) == pytest.approx(1.0, abs=0.1)
    assert {network.optimizer.global_clipnorm for network in model.networks.values()} == {0.5}
    assert len({id(network.optimizer) for network in model.networks.values()}) == 4
