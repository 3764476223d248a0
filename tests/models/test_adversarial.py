"""How a game is played: k steps, openings, bounds on the critic, and the tricks against collapse."""

import dataclasses

import numpy as np
import pytest
from helpers.tiny import BatchesOf, build, data, train

from gancli import models
from gancli.core.backend import tf
from gancli.core.errors import OptionError
from gancli.data import DataFacts
from gancli.models import regularization
from gancli.nn.losses import ADVERSARIAL_LOSSES


@pytest.mark.parametrize("game", [game for game in ADVERSARIAL_LOSSES if game != "wasserstein"])
def test_every_game_trains(game):
    model = build("cgan", loss=game)
    metrics = model.train_step(BatchesOf(model.pipeline.make_batch(data(model), tf.range(8))))
    assert np.isfinite([float(value) for value in metrics.values()]).all()


@pytest.mark.parametrize(
    "tricks",
    [
        {"loss": "wasserstein", "gradient_penalty": 10.0, "instance_noise": 0.3, "d_steps": 2},
        {"loss": "wasserstein", "weight_clip": 0.01, "feature_matching": True, "minibatch_kernels": 4},
        {"label_smoothing": 0.1, "spectral_norm": True, "equalized_lr": True, "r1": 1.0, "r2": 1.0, "dragan": 1.0},
    ],
    ids=lambda tricks: "+".join(tricks),
)
@pytest.mark.parametrize("name", ["cgan", "toy"])
def test_every_trick_trains(name, tricks):
    model = build(name, **tricks)
    done, _, last = train(model, model.stages()[0], 2)
    assert done == 2
    assert np.isfinite(list(last.values())).all()
    assert ("penalty" in last) == any(key in tricks for key in regularization.PENALTIES)


def test_the_discriminator_takes_k_steps_on_k_batches_for_each_of_the_generator():
    model = build("gan", d_steps=3)
    columns, seen = data(model), []
    train(model, model.stages()[0], 4)
    assert int(model.discriminator.optimizer.iterations) == 12
    assert int(model.generator.optimizer.iterations) == 4
    model = build("gan", d_steps=3, precision="float32")
    played = model.adversarial_config("non-saturating", 3)
    watched = dataclasses.replace(played, real=lambda batch: seen.append(batch["image"]) or batch["image"])
    from gancli.nn.adversarial_step import alternating_step
    from gancli.training.input_pipeline import Batches

    rows = np.arange(24, dtype=np.int32).reshape(3, 8)
    alternating_step(model.generator, model.discriminator, Batches(model, columns, tf.constant(rows)), watched)
    assert len(seen) == 3
    assert len({image.numpy().tobytes() for image in seen}) == 3  # three batches, each once


def test_with_k_the_epochs_are_counted_by_what_the_discriminator_sees():
    facts = DataFacts("test", (8, 8, 1), 1000)
    gan = models.get("gan")
    made = (gan(gan.Config(epochs=5.0), gan.Options(batch_size=10, d_steps=k), facts) for k in (1, 5))
    lengths = [model.total_steps() for model in made]
    assert lengths == [500, 100]


def test_an_opening_is_a_stage_of_another_game_and_then_the_game_goes_on():
    model = build("gan", loss="minimax", warmup_loss="non-saturating:4", steps=10)
    stages = model.stages()
    assert [(stage.name, stage.steps) for stage in stages] == [("warmup", 4), ("train", 6)]
    model.discriminator.model.get_layer("logit").kernel.assign(tf.zeros((256, 1)))
    told = []
    for stage in stages:  # at D = ½ the costs are ln 2 and -ln 2
        model.discriminator.model.get_layer("logit").kernel.assign(tf.zeros((256, 1)))
        model.discriminator.model.get_layer("logit").bias.assign(tf.zeros(1))
        _, _, last = train(model, stage, 1)
        told.append(np.sign(last["generator_loss"]))
    assert told == [1, -1]


def test_instance_noise_falls_to_nothing_in_a_line():
    model = build("gan", instance_noise=2.0, steps=10)
    images = tf.zeros((500, 8, 8, 1))
    deviations = []
    for step in (0, 5, 10, 12):
        model.generator.optimizer.iterations.assign(step)
        deviations.append(float(tf.math.reduce_std(model._with_instance_noise(images))))
    assert deviations == pytest.approx([2, 1, 0, 0], abs=0.05)


def test_minibatch_discrimination_tells_a_batch_of_twins_from_one_of_strangers():
    from gancli.core.backend import keras
    from gancli.nn.architectures import dense
    from gancli.nn.layers import minibatch_discrimination

    judge = minibatch_discrimination.discriminating(dense.discriminator((4, 4, 1)), 6)
    near = keras.Model(judge.inputs, judge.get_layer("with_batch").output)
    strangers = tf.random.stateless_normal((5, 4, 4, 1), (1, 2)) * 50
    twins = tf.repeat(strangers[:1], 5, axis=0)
    assert near(twins).numpy()[:, -6:] == pytest.approx(np.full((5, 6), 4), abs=1e-4)  # the four others
    assert near(strangers).numpy()[:, -6:].max() < 1


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"loss": "wasserstein"}, "--weight-clip 0.01 or --gradient-penalty 10"),
        ({"warmup_loss": "wasserstein:5"}, "--weight-clip 0.01 or --gradient-penalty 10"),
        ({"loss": "hinge", "label_smoothing": 0.1}, "--label-smoothing"),
        ({"gradient_penalty": 10.0, "minibatch_kernels": 5}, "--minibatch-kernels"),
        ({"r1": 1.0, "minibatch_kernels": 5}, "give one .--r1 0: none."),
        ({"spectral_norm": True, "weight_clip": 0.1}, "--spectral-norm and --weight-clip both"),
        ({"penalty_every": 8}, "--penalty-every 8 needs a penalty"),
        ({"augment": "ada", "loss": "wasserstein", "weight_clip": 0.1}, "--augment ada follows the sign"),
        ({"feature_matching": True, "loss": "relativistic"}, "--feature-matching replaces"),
        ({"warmup_loss": "minmax:5"}, "did you mean 'minimax'"),
        ({"warmup_loss": "minimax"}, "LOSS:STEPS"),
    ],
)
def test_options_of_a_game_that_do_not_go_together_are_refused(options, answer):
    with pytest.raises(OptionError, match=answer):
        build("gan", **{"r1": 0.0} | options)


@pytest.mark.parametrize("name", ["dcgan", "lsgan", "wgan", "matching"])
def test_a_penalty_is_refused_where_batchnorm_sees_all_images_at_once(name):
    with pytest.raises(OptionError, match=f"that of {name} has BatchNorm: use --d-norm layer or none, or --model"):
        build(name, gradient_penalty=10.0)


@pytest.mark.parametrize(
    ("name", "options", "answer"),
    [
        ("pix2pix", {"augment": "diffaug"}, "of pix2pix compares them with their counterparts"),
        ("gan-cls", {"augment": "ada"}, "compares them with texts"),
        ("segmentation", {"augment": "ada"}, "compares them with their label maps"),
        ("segmentation", {"adversarial_weight": 0.0, "r1": 1.0}, "--r1 needs a discriminator"),
        ("srgan", {"adversarial_weight": 0.0, "spectral_norm": True}, "--spectral-norm needs a discriminator"),
        ("toy", {"augment": "diffaug"}, "toy trains on points"),
        ("goodfellow", {"equalized_lr": True, "optimizer": "sgd"}, "needs Adam"),
        ("acgan", {"loss": "wasserstein"}, "the wasserstein loss needs a bound"),
    ],
)
def test_a_technique_that_does_not_fit_a_model_is_refused(name, options, answer):
    with pytest.raises(OptionError, match=answer):
        build(name, **options)


def one_step(**options):
    """The loss of a generator's step, and that model; the same weights, images and noise each time."""
    model = build("toy", precision="float32", units=16, **options)
    told = model.train_step(iter([{"point": data(model)["point"][:8]}]))
    return float(told["generator_loss"]), float(told["discriminator_loss"]), model


def test_with_feature_matching_the_generator_pays_the_gap_of_mean_features(monkeypatch):
    from gancli.nn import losses

    gaps = []
    plain = losses.feature_matching
    monkeypatch.setattr(losses, "feature_matching", lambda real, fake: gaps.append(plain(real, fake)) or gaps[-1])
    loss, _, model = one_step(feature_matching=True)
    assert loss == float(gaps[0]) > 0
    assert loss != pytest.approx(one_step()[0])
    from gancli.nn.network import frozen

    points = tf.random.stateless_normal((5, 2), (1, 2))
    features = frozen(model.discriminator, before="logit")(points)
    logit = model.discriminator.model.get_layer("logit")
    assert np.allclose(logit(features), model.discriminator(points), atol=1e-6)


def test_smoothing_and_instance_noise_change_what_the_discriminator_pays():
    plain = one_step()[1]
    assert one_step()[1] == plain
    assert one_step(label_smoothing=0.1)[1] != pytest.approx(plain, rel=1e-6)
    assert one_step(instance_noise=1.0)[1] != pytest.approx(plain, rel=1e-6)


def test_raw_outputs_are_not_called_beliefs():
    for game in ("least-squares", "hinge"):
        assert set(ADVERSARIAL_LOSSES[game].metrics(tf.ones((2, 1)), tf.zeros((2, 1)))) == {
            "output_real",
            "output_fake",
        }


def test_a_simultaneous_step_takes_no_k():
    with pytest.raises(OptionError, match="--d-steps 2"):
        build("goodfellow", updates="simultaneous", d_steps=2)
