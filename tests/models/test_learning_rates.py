"""Learning rates: of generator and discriminator, and --lr-schedule as a function of the training step."""

import math

import pytest
from helpers.tiny import ALL, build
from helpers.trainings import digest, finish, finish_with_a_kill, resume, start

from gancli import models
from gancli.core import options
from gancli.core.errors import OptionError
from gancli.models import config, learning_rates
from gancli.nn import optimizers
from gancli.nn.network import Network

ADVERSARIAL = {  # names of networks in checkpoints: generators, discriminators
    "cyclegan": (("a_to_b", "b_to_a"), ("judge_a", "judge_b")),
    "segmentation": (("segmenter",), ("adversary",)),
    "gan-cls": (("generator",), ("discriminator", "judge")),
    "alpha-gan": (("generator",), ("discriminator", "code_discriminator")),
    "lapgan": (("generator-0", "generator-1"), ("discriminator-0", "discriminator-1")),
}
ALONE = {"autoencoder", "espcn", "skip-thoughts", "srresnet", "vae"}  # models without a discriminator


@pytest.fixture(autouse=True)
def _no_slots(monkeypatch):
    """An optimizer of a network is not built: only its rate is read."""
    monkeypatch.setattr(Network, "__post_init__", lambda network: None)


def rate(model, network, updates=0):
    found = model.networks[network].optimizer._learning_rate
    return float(found(updates) if callable(found) else found.numpy())


@pytest.mark.parametrize("name", sorted(set(ALL) - ALONE))
def test_generator_and_discriminator_have_rates_of_their_own(name):
    model = build(name, ema=0.0, learning_rate=1e-3, g_learning_rate=2e-3, d_learning_rate=3e-3)
    generators, discriminators = ADVERSARIAL.get(name, (("generator",), ("discriminator",)))
    late = 3 if name == "srgan" else 0  # after pre-training
    assert [rate(model, one, late) for one in generators] == pytest.approx([2e-3] * len(generators))
    assert [rate(model, one) for one in discriminators] == pytest.approx([3e-3] * len(discriminators))
    others = model.networks.keys() - {*generators, *discriminators}
    assert all(rate(model, one) == pytest.approx(1e-3) for one in others & {"encoder", "reader", "viewer"})


@pytest.mark.parametrize("name", sorted(set(ALL) - ALONE))
def test_the_ratio_multiplies_the_generator_s_rate_unless_that_is_given(name):
    generators, discriminators = ADVERSARIAL.get(name, (("generator",), ("discriminator",)))
    late = 3 if name == "srgan" else 0
    for own, expected in ((None, 4e-3), (2e-3, 2e-3)):
        model = build(name, ema=0.0, learning_rate=1e-3, g_lr_ratio=4.0, g_learning_rate=own, d_learning_rate=3e-3)
        assert [rate(model, one, late) for one in generators] == pytest.approx([expected] * len(generators))
        assert [rate(model, one) for one in discriminators] == pytest.approx([3e-3] * len(discriminators))


def test_models_without_a_discriminator_have_one_rate():
    for name in ALL:
        names = {field.name for field in options.fields(models.get(name).Options)}
        assert ("d_learning_rate" in names) == ("g_learning_rate" in names) == (name not in ALONE)
        assert {"learning_rate", "lr_schedule", "lr_decay_start"} <= names


@pytest.mark.parametrize("kind", ["linear", "cosine"])
def test_a_decay_has_its_closed_form(kind):
    falls = optimizers.decaying(2.0, kind, at=20, end=100)
    for step in (0, 20, 21, 50, 60, 99, 100, 200):
        done = min(max(step - 20, 0) / 80, 1)
        expected = 2 * (1 - done) if kind == "linear" else 1 + math.cos(math.pi * done)
        assert float(falls(step)) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("schedule", "start"), [("linear", 50), ("cosine", 0)])
def test_a_decay_begins_halfway_or_at_once_and_ends_with_the_training(schedule, start):
    model = build("dcgan", ema=0.0, width=4, steps=100, lr_schedule=schedule, d_steps=2, learning_rate=1e-3)
    middle = (start + 100) // 2
    for network, each in (("generator", 1), ("discriminator", 2)):
        found = [rate(model, network, each * step) for step in (start, middle, 100)]
        assert found == pytest.approx([1e-3, 5e-4, 0], abs=1e-9)
    assert model.resolved_options() == {"lr_decay_start": start}  # kept when a resume makes the training longer
    assert build("dcgan", width=4).resolved_options() == {}


def test_the_rate_of_a_critic_follows_the_step_though_its_updates_per_step_change():
    model = build(
        "wgan",
        ema=0.0,
        width=4,
        steps=40,
        warmup_steps=10,
        warmup_d_steps=8,
        d_steps=5,
        lr_schedule="cosine",
        learning_rate=5e-5,
        g_lr_ratio=1.0,
    )
    updates = [8 * step if step <= 10 else 80 + 5 * (step - 10) for step in range(41)]
    for step, done in enumerate(updates):
        expected = 5e-5 * (0.5 + 0.5 * math.cos(math.pi * step / 40))
        assert rate(model, "generator", step) == pytest.approx(expected, abs=1e-9)
        assert rate(model, "discriminator", done) == pytest.approx(expected, abs=1e-9)


def test_each_level_of_a_pyramid_decays_over_its_own_length():
    model = build("lapgan", ema=0.0, level_steps="10,20", lr_schedule="linear", learning_rate=1e-3)
    for level, total in enumerate((10, 20)):
        steps = (total // 2, 3 * total // 4, total)
        found = [rate(model, f"generator-{level}", step) for step in steps]
        assert found == pytest.approx([1e-3, 1e-3 * (1 - (steps[1] - steps[0]) / (total - steps[0])), 0], abs=1e-9)


def test_the_decay_of_a_gan_stage_begins_after_pre_training():
    model = build("srgan", ema=0.0, steps=10, pretrain_steps=10, lr_schedule="linear", learning_rate=1e-3)
    found = [rate(model, "generator", step) for step in (0, 8, 10, 15, 20)]
    assert found == pytest.approx([4e-3, 4e-4, 1e-3, 1e-3, 0], abs=1e-9)
    assert [rate(model, "discriminator", step) for step in (0, 5, 10)] == pytest.approx([1e-3, 1e-3, 0], abs=1e-9)
    with pytest.raises(OptionError, match="--lr-drop-step 3 belongs to --lr-schedule step"):
        build("srresnet", lr_schedule="cosine", lr_drop_step=3)


def test_a_schedule_multiplies_the_rate_of_the_authors_sgd():
    chosen = {"optimizer": "sgd", "learning_rate": 0.1, "steps": 100, "ema": 0.0}
    plain, falling = build("goodfellow", **chosen), build("goodfellow", lr_schedule="linear", **chosen)
    assert rate(falling, "generator", 75) == pytest.approx(0.5 * rate(plain, "generator", 75))


def test_a_start_of_a_decay_that_there_is_not_is_refused():
    with pytest.raises(OptionError, match="--lr-schedule constant does not decay to 0; give linear or cosine"):
        build("dcgan", lr_decay_start=5)


def test_an_older_factor_of_the_learning_rate_is_a_rate_today():
    older = {"learning_rate": 2e-4, "d_lr_factor": 2.5}
    assert config.from_record(models.get("srgan"), older).options.d_learning_rate == 2.5 * 2e-4
    assert config.from_record(models.get("srgan"), older | {"d_lr_factor": 1.0}).options.d_learning_rate is None
    assert config.from_record(models.get("segmentation"), {"adversary_rate": 3e-4}).options.d_learning_rate == 3e-4


def test_a_rollback_divides_each_rate_that_is_set():
    chosen = models.get("dcgan").Options(learning_rate=4e-3, d_learning_rate=8e-3)
    assert learning_rates.divided(chosen, 4) == {"learning_rate": 1e-3, "d_learning_rate": 2e-3}


def test_a_resume_in_the_middle_of_a_cosine_ends_in_the_same_bits(tmp_path, stripes_file, monkeypatch):
    monkeypatch.undo()
    whole = start(tmp_path, stripes_file, lr_schedule="cosine", d_learning_rate=1e-3, width=4)
    killed = finish_with_a_kill(whole, 9, tmp_path / "killed")
    assert killed.options().lr_decay_start == 0
    finish(resume(killed))
    assert digest(whole.run) == digest(killed)
