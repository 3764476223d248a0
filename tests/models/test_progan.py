"""ProGAN: how the networks grow, what a stage trains, and what a run that has not finished growing shows."""

import dataclasses
import itertools

import numpy as np
import pytest
from helpers.tiny import BatchesOf, build, data, state

from gancli.core.backend import tf
from gancli.core.errors import OptionError
from gancli.inference.export import comparison, networks
from gancli.models import base
from gancli.models.base import parameter_count
from gancli.nn.architectures.progressive import networks as progressive
from gancli.nn.architectures.progressive.schedule import Schedule

PAPER = {"width": 512, "full_width_side": 32}


@pytest.fixture(scope="module")
def model():
    """Of images of 3, 5 and 10 pixels."""
    return build("progan", shape=(10, 10, 2), precision="float32", growth_steps=8, steps=12, ema=0.0)


@pytest.fixture(scope="module")
def pixels():
    return tf.random.stateless_uniform((4, 10, 10, 2), (1, 2), -1, 1)


def column(share):
    return tf.fill([4, 1], tf.constant(share))


def doubled(images, side):
    return np.asarray(images).repeat(2, axis=1).repeat(2, axis=2)[:, :side, :side]


def means(images):
    """Of two by two pixels, those beyond the edge left out."""
    images = np.asarray(images)
    rows = [images[:, at : at + 2].mean(axis=1) for at in range(0, images.shape[1], 2)]
    halved = np.stack(rows, axis=1)
    return np.stack([halved[:, :, at : at + 2].mean(axis=2) for at in range(0, images.shape[2], 2)], axis=2)


@pytest.mark.parametrize("level", [1, 2])
def test_a_resolution_fades_in_from_the_enlarged_image_of_the_one_below(model, level):
    parts, side = model.growing["generator"].parts, model.schedule.sides[level]
    z = tf.constant(model.latents(range(4)))
    below = parts[level - 1]([z, column(1.0)] if level > 1 else z)
    start, middle, end = (parts[level]([z, column(share)]).numpy() for share in (0.0, 0.25, 1.0))
    assert np.array_equal(start, doubled(below, side))
    assert np.allclose(middle, 0.75 * start + 0.25 * end, atol=1e-6)
    assert np.abs(end - start).max() > 0.1


@pytest.mark.parametrize("level", [1, 2])
def test_the_discriminator_of_a_resolution_begins_as_that_of_the_mean_pixels(model, pixels, level):
    parts = model.growing["discriminator"].parts
    image = progressive.down(pixels, model.schedule.sides[level])
    below = tf.constant(means(image))
    small = parts[level - 1]([below, column(1.0)] if level > 1 else below)
    assert np.allclose(parts[level]([image, column(0.0)]), small, atol=1e-6)
    other = parts[level]([tf.constant(doubled(below, image.shape[1])), column(1.0)])
    assert np.abs(parts[level]([image, column(1.0)]) - other).max() > 1e-3  # it sees the details


@pytest.mark.parametrize(("done", "level", "share"), [(0, 0, 1.0), (3, 1, 0.5), (5, 1, 1.0), (7, 2, 0.5), (12, 2, 1.0)])
def test_what_is_decoded_is_the_image_of_the_stage_at_full_size(model, pixels, done, level, share):
    model.state["growth"].assign(float(done))
    z = tf.constant(model.latents(range(4)))
    part, judge = (model.growing[name].parts[level] for name in ("generator", "discriminator"))
    image = part([z, column(share)] if level else z)
    full = image
    for side in model.schedule.sides[level + 1 :]:
        full = doubled(full, side)
    assert np.array_equal(model.decode(z), np.clip(full, -1, 1))
    if level == 2:
        shares = tf.tile(model.shares()[None], (4, 1))
        logits = judge([pixels, column(share)])
        assert np.allclose(model.growing["discriminator"].whole([pixels, shares]), logits, atol=1e-6)
    exported = networks.find(model)
    (case,) = comparison.cases(model, exported)[:1]
    (found,) = exported.call(*map(tf.constant, case))
    assert np.allclose(found, model.decode(tf.constant(case[0])), atol=1e-4)


def test_real_images_fade_as_generated_ones_do(pixels):
    faded = progressive.faded(pixels, tf.constant(0.25))
    assert np.allclose(faded, 0.25 * pixels + 0.75 * doubled(means(pixels), 10), atol=1e-6)
    assert np.array_equal(progressive.down(progressive.up(pixels, 19), 10), pixels)


def test_phases_are_equally_long_and_the_last_resolution_has_the_rest():
    schedule = Schedule((4, 8, 16), 100)
    names = ["4x4", "fade-in-8x8", "8x8", "fade-in-16x16", "16x16"]
    assert schedule.phases(130) == list(zip(names, (0, 1, 1, 2, 2), (25, 25, 25, 25, 30), strict=True))
    assert [steps for _, _, steps in schedule.phases(60)] == [25, 25, 10, 0, 0]
    shares = {0: (0, 0), 25: (0, 0), 30: (0.2, 0), 50: (1, 0), 75: (1, 0), 90: (1, 0.6), 100: (1, 1), 10**6: (1, 1)}
    for done, expected in shares.items():
        assert np.allclose(schedule.shares(float(done)), expected)
    assert [steps for _, _, steps in Schedule((4, 8, 16), 1).phases(3)] == [0, 0, 1, 0, 2]


def test_half_of_the_steps_grow_the_images_and_a_longer_training_adds_to_the_last_resolution(model):
    def outline(steps, growth_steps=None):
        config = dataclasses.replace(model.config, steps=steps)
        return base.outline(
            type(model), config, dataclasses.replace(model.options, growth_steps=growth_steps), model.data
        )

    shorter = outline(80)
    assert shorter.resolved_options() == {"growth_steps": 40}
    longer = outline(130, **shorter.resolved_options())
    assert [stage.steps for stage in shorter.stages()] == [10, 10, 10, 10, 40]
    assert [stage.steps for stage in longer.stages()] == [10, 10, 10, 10, 90]
    *_, fade_in, stable = longer.stages()
    assert fade_in.step is stable.step  # compiled once


def test_a_stage_moves_its_resolutions_alone_and_begins_with_new_moments(model):
    model.state["growth"].assign(3.0)
    model.on_stage_start(1, None)
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    before = state(model)
    logged = model.stages()[1].step(BatchesOf(batch))
    after = state(model)
    assert float(logged["share"]) == 0.5
    assert float(model.state["growth"]) == 4.0
    moved = {name for name in before if "weights" in name and not np.array_equal(before[name], after[name])}
    assert {name for name in before if "weights" in name} - moved == {
        f"{network}/weights/{layer}/{kind}"
        for network, layer in [
            *(("generator", layer) for layer in ("conv_10_a", "conv_10_b", "image_2")),
            *(("discriminator", layer) for layer in ("conv_10_a", "conv_10_b", "conv_from_10")),
        ]
        for kind in ("kernel", "bias")
    }
    assert any(np.any(after[name]) for name in after if "velocity" in name)
    model.on_stage_start(2, None)
    slots = {name: values for name, values in state(model).items() if "optimizer" in name}
    assert not any(np.any(values) for values in slots.values())


def test_the_critic_s_loss_is_wasserstein_s_with_a_drift_and_pairs_have_none(model):
    real, fake = tf.constant([[3.0], [1.0]]), tf.constant([[-1.0], [2.0]])
    loss = model.adversarial_config("wasserstein").loss
    assert float(loss.discriminator(real, fake)) == pytest.approx(0.5 - 2.0 + 0.001 * 5.0)
    pairs = model.adversarial_config("relativistic").loss
    assert float(pairs.discriminator(real, fake)) == pytest.approx(np.log1p(np.exp([-4.0, 1.0])).mean())


def test_other_losses_and_every_regularization_train_a_resolution_that_fades_in():
    """And a decaying learning rate follows the whole training, not the optimizers."""
    model = build(
        "progan",
        steps=40,
        growth_steps=40,
        loss="relativistic-average",
        gradient_penalty=0.0,
        r1=10.0,
        r2=1.0,
        spectral_norm=True,
        augment="diffaug",
        instance_noise=0.1,
        lr_schedule="linear",
    )
    model.state["growth"].assign(30.0)
    for network in model.networks.values():
        assert float(network.optimizer.learning_rate) == pytest.approx(0.5e-3)
    assert float(model.progress()) == pytest.approx(0.75)
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    logged = model.stages()[1].step(BatchesOf(batch))
    assert float(logged["share"]) == 0.5
    assert np.isfinite([float(value) for value in logged.values()]).all()


def convolution(kernel, inputs, outputs):
    return (kernel**2 * inputs + 1) * outputs


def expected_parameters(sizes, z_dim):
    """Of both networks, layer by layer."""
    channels, colors, pixels = sizes.channels, sizes.colors, sizes.sides[0] ** 2
    pairs = list(itertools.pairwise(channels))
    generator = (z_dim + 1) * pixels * channels[0] + convolution(3, channels[0], channels[0])
    generator += sum(convolution(3, few, many) + convolution(3, many, many) for few, many in pairs)
    generator += sum(convolution(1, many, colors) for many in channels)
    discriminator = convolution(3, channels[0] + 1, channels[0]) + (pixels * channels[0] + 1) * channels[0]
    discriminator += channels[0] + 1 + sum(convolution(1, colors, many) for many in channels)
    discriminator += sum(convolution(3, many, many) + convolution(3, many, few) for few, many in pairs)
    return generator, discriminator


def test_the_paper_s_networks_have_its_23_million_parameters(model):
    ours = progressive.sizes((10, 10, 2), width=8, full_width_side=4)
    found = tuple(parameter_count(network.model)[0] for network in model.networks.values())
    assert found == expected_parameters(ours, 8)
    papers = progressive.sizes((1024, 1024, 3), **PAPER)
    assert papers.channels == (512, 512, 512, 512, 256, 128, 64, 32, 16)  # table 2
    generator, discriminator = expected_parameters(papers, 512)
    assert generator - 15 * 512 == 23_079_115  # the authors' code has a bias per channel in the first layer
    assert discriminator == 23_087_249
    assert PAPER.items() <= type(model).presets["paper"].items()


@pytest.mark.parametrize(
    "chosen",
    [{"warmup_loss": "minimax:5"}, {"feature_matching": True}, {"minibatch_kernels": 5, "gradient_penalty": 0.0}],
)
def test_what_needs_networks_of_one_resolution_is_refused(chosen):
    with pytest.raises(OptionError, match=r"--[a-z-]+ is for networks of one resolution, and those of progan grow"):
        build("progan", **{"loss": "non-saturating", **chosen})
