"""The pyramid of GANs: nothing is lost on the way down and up, each level is trained alone, the score adds up."""

import json

import numpy as np
import pytest
from helpers.tiny import build, each, train
from helpers.trainings import finish, resume, start
from PIL import Image
from scipy.stats import norm

from gancli import models
from gancli.core.backend import tf
from gancli.core.errors import OptionError
from gancli.evaluation.sample_quality import multiscale_parzen
from gancli.imaging import images
from gancli.inference import laplacian_pyramid
from gancli.inference.sampling import Sampler
from gancli.models.base import parameter_count


@pytest.mark.parametrize(("side", "sizes"), [(32, "8,16,32"), (28, "8,14,28"), (64, "4,8,16,32,64")])
def test_an_image_comes_back_from_its_pyramid(monkeypatch, side, sizes):
    """With the true coarsest image and the true details in the generators' places, decoding gives the image."""
    model = build("lapgan", shape=(side, side, 3), sizes=sizes, precision="float32")
    image = tf.random.stateless_uniform((3, side, side, 3), (1, 2), -1, 1)
    true = [model.reduced(image, level) for level in range(len(model.sides))]
    assert [part.shape[1] for part in true] == [int(part) for part in sizes.split(",")]
    for level, network in enumerate(model.networks[f"generator-{level}"] for level in range(len(true))):
        made = (lambda fine: lambda *given: fine)(true[level])  # h + l of the level
        monkeypatch.setattr(network, "infer", made)
    details = model.refine(1, true[0], tf.zeros((3, model.z_size)))[1]
    assert float(tf.reduce_max(tf.abs(details + tf.image.resize(true[0], details.shape[1:3]) - true[1]))) < 1e-6
    assert float(tf.reduce_max(tf.abs(model.decode(tf.zeros((3, model.z_size))) - image))) < 1e-6


def test_a_level_is_given_the_true_coarse_image_of_the_same_batch(monkeypatch):
    from gancli.models import lapgan

    model, seen = build("lapgan"), {}
    monkeypatch.setattr(
        lapgan, "alternating_step", lambda generator, discriminator, batches, rules: seen.update(rules=rules)
    )
    model.train_step(None, level=1)
    image = tf.random.stateless_uniform((8, 16, 16, 1), (1, 2), -1, 1)
    (coarse,) = seen["rules"].generator_inputs({"image": image})
    halves = multiscale_parzen.means(image.numpy())
    assert np.allclose(coarse, tf.image.resize(halves, (16, 16), "bilinear"), atol=1e-6)
    assert np.array_equal(seen["rules"].real({"image": image}), image)
    model.train_step(None, level=0)
    assert np.allclose(seen["rules"].real({"image": image}), halves, atol=1e-6)


def test_the_networks_of_a_level_have_the_authors_parameters_to_the_digit():
    model = build("lapgan", shape=(32, 32, 3), **{"units": 1200} | models.get("lapgan").presets["paper"])
    assert model.sides == (8, 16, 32)
    assert parameter_count(model.networks["generator-2"].model) == (218_179, 0)
    assert parameter_count(model.networks["discriminator-2"].model) == (116_545, 0)


def test_by_default_the_discriminators_above_the_coarsest_level_are_those_of_dcgan():
    model = build("lapgan", shape=(32, 32, 3), width=32)
    flat = build("dcgan", shape=(32, 32, 3), width=32)
    assert parameter_count(model.networks["discriminator-2"].model) == parameter_count(flat.discriminator.model)
    with pytest.raises(OptionError, match="BatchNorm: use --d-norm layer or none"):
        build("lapgan", r1=1.0)
    assert build("lapgan", r1=1.0, d_norm="layer")
    with pytest.raises(OptionError, match="eyescream has no normalization"):
        build("lapgan", network="eyescream", d_norm="layer")
    assert build("lapgan", network="eyescream", r1=1.0)


def test_sizes_are_halved_or_given():
    assert build("lapgan", shape=(64, 64, 1)).sides == (4, 8, 16, 32, 64)
    assert build("lapgan", shape=(28, 28, 1), sizes="8,14,28").sides == (8, 14, 28)
    for bad in ("8,16,32", "16,8,28", "8;28", "1,28", "8,8,28", "x"):
        with pytest.raises(OptionError, match="sizes"):
            build("lapgan", shape=(28, 28, 1), sizes=bad)
    with pytest.raises(OptionError, match="level-0, level-1"):
        build("lapgan", stage="level-9")
    for bad in ("5", "5,x", "5,0", "1,2,3"):
        with pytest.raises(OptionError, match="expected 2 numbers of steps"):
            build("lapgan", level_steps=bad)
    told = [(stage.name, stage.steps) for stage in build("lapgan", level_steps="5, 7").stages()]
    assert told == [("level-0", 5), ("level-1", 7)]


def test_a_level_learns_alone():
    model = build("lapgan", stage="level-1", precision="float32")
    assert [stage.is_asked for stage in model.stages()] == [False, True]
    before = each(model)
    train(model, model.stages()[1], 2)
    after = each(model)
    assert {name for name in before if before[name] != after[name]} == {"generator-1", "discriminator-1"}


def test_a_level_without_details_enlarges_the_coarse_image():
    model = build("lapgan", precision="float32", ema=0.0)
    details = model.networks["generator-1"].model.get_layer("details")
    for variable in details.weights:
        variable.assign(tf.zeros_like(variable))
    coarse = tf.random.stateless_uniform((2, 8, 8, 1), (1, 2), -1, 1)
    enlarged, found = model.refine(1, coarse, tf.constant(model.latents([0, 1])))
    assert np.abs(found).max() < 1e-6
    assert np.allclose(enlarged, tf.image.resize(coarse, (16, 16), "bilinear"))


def test_levels_may_be_trained_in_any_order(tmp_path, stripes_file):
    """Levels are independent but for the noise and the order of the data, which go on from level to level."""
    alone = start(tmp_path / "a", stripes_file, "lapgan", stage="level-1")
    finish(alone)
    assert alone.run.read_checkpoint(6)[1].done == (0, 6)
    again = resume(alone.run, stage="level-0")
    assert again.position.step == 6
    finish(again)
    assert again.run.read_checkpoint(12)[1].done == (6, 6)
    assert [record["stage"] for record in again.run.metrics()] == ["level-1"] * 2 + ["level-0"] * 2
    with pytest.raises(OptionError, match=r"all 6 steps of level-1: .*--stage all"):
        resume(again.run, stage="level-1")
    longer = resume(again.run, stage="level-1", steps=8)
    finish(longer)
    assert longer.run.read_checkpoint(14)[1].done == (6, 8)


def test_every_stage_is_shown_and_the_last_is_the_sample(tmp_path):
    model = build("lapgan", conditional=True)
    labels = np.array([1, 0, 1])
    shown = laplacian_pyramid.stages(model, model.latents([0, 1, 2]), labels)
    assert [stage.name for stage in shown] == ["8x8", "enlarged", "details", "16x16"]
    assert [stage.pixels.shape[1] for stage in shown] == [8, 16, 16, 16]
    assert np.array_equal(shown[-1].pixels, Sampler(model).decode(model.latents([0, 1, 2]), labels))


def test_a_pyramid_begins_with_the_coarse_image_of_a_real_one():
    model = build("lapgan")
    real = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 1), np.uint8)
    shown = laplacian_pyramid.stages(model, model.latents([0, 1]), start=real)
    halved = images.to_uint8(multiscale_parzen.means(images.from_uint8(tf.constant(real)).numpy()))
    assert np.abs(shown[0].pixels.astype(int) - halved).max() <= 1


def test_twice_the_means_and_the_details_are_an_orthogonal_map():
    pixels = np.random.default_rng(0).normal(size=(5, 8, 8, 3))
    coarse, details = 2 * multiscale_parzen.means(pixels).reshape(5, -1), multiscale_parzen.details(pixels)
    assert coarse.shape[1] + details.shape[1] == 8 * 8 * 3
    assert np.allclose((coarse**2).sum(1) + (details**2).sum(1), (pixels**2).sum(axis=(1, 2, 3)))


class Still:
    """A pyramid that makes one image, whatever the noise: of 0.5 and, above, the details of nothing."""

    sides, columns = (4, 8), ("image",)
    data = type("Facts", (), {"shape": (8, 8, 1), "classes": ()})

    def latents(self, seeds):
        return np.zeros((len(seeds), 1), np.float32)

    def coarsest(self, z):
        return tf.zeros((tf.shape(z)[0], 4, 4, 1))

    def refine(self, level, coarse, z):
        return tf.repeat(tf.repeat(coarse, 2, axis=1), 2, axis=2), tf.zeros((tf.shape(z)[0], 8, 8, 1))


def test_the_score_of_levels_is_the_density_of_the_image():
    """With one sample, N(½, σ²) of coarse pixels and N(0, τ²) of details: the same from the pixels' covariance."""
    random = np.random.default_rng(0)
    real = random.integers(0, 256, (30, 8, 8, 1), np.uint8)
    found = multiscale_parzen.score(Still(), real, real, samples=3)
    unit = images.to_unit(real)
    of_coarse = norm.logpdf(2 * multiscale_parzen.means(unit), 1, 2 * found.sigmas[0]).sum(axis=(1, 2, 3))
    of_details = norm.logpdf(multiscale_parzen.details(unit), 0, found.sigmas[1]).sum(axis=1)
    assert found.mean == pytest.approx((of_coarse + of_details).mean(), rel=1e-5)
    assert sum(found.levels) == pytest.approx(found.mean)


def test_levels_that_do_not_double_have_no_such_score():
    with pytest.raises(OptionError, match="8, 14, 28"):
        multiscale_parzen.check(build("lapgan", shape=(28, 28, 1), sizes="8,14,28"))
    with pytest.raises(OptionError, match="train it without labels"):
        multiscale_parzen.check(build("lapgan", conditional=True))


@pytest.fixture(scope="module")
def pyramid_run(tmp_path_factory, stripes_file):
    outdir = tmp_path_factory.mktemp("pyramids")
    finish(start(outdir, stripes_file, "lapgan"))
    return outdir


def test_the_commands_show_a_pyramid_and_score_it(gancli, pyramid_run, tmp_path):
    answer = gancli(
        "sample", "--outdir", pyramid_run, "--show-pyramid", "--num-samples", 3, "--out", tmp_path / "a.png", "--json"
    )
    assert json.loads(answer.out)["stages"] == ["4x4", "enlarged", "details", "8x8"]
    assert Image.open(tmp_path / "a.png").size == (4 * 58 + 2, 3 * 58 + 2)
    Image.fromarray(np.full((20, 20), 200, np.uint8)).save(tmp_path / "real.png")
    answer = gancli(
        "sample", "--outdir", pyramid_run, "--from-image", tmp_path / "real.png", "--out", tmp_path / "b.npz"
    )
    assert "from" in answer.out
    assert np.load(tmp_path / "b.npz")["images"].shape == (8, 8, 8, 1)
    scores = gancli("eval-parzen", "--outdir", pyramid_run, "--multi-scale", "--num-samples", 50, "--json")
    assert np.isfinite(json.loads(scores.out)["mean"])


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("sample", "--show-pyramid"), "coarse to fine"),
        (("sample", "--from-side", 4), "--from-image"),
        (("eval-parzen", "--multi-scale"), "coarse to fine"),
    ],
)
def test_a_model_at_one_go_has_no_pyramid(gancli, trained, words, wrong):
    answer = gancli(*words, "--outdir", trained, "--run", "tiny")
    assert answer.code == 2
    assert wrong in answer.err


def test_a_side_that_no_level_has_is_refused(gancli, pyramid_run, tmp_path):
    Image.fromarray(np.zeros((8, 8), np.uint8)).save(tmp_path / "a.png")
    answer = gancli("sample", "--outdir", pyramid_run, "--from-image", tmp_path / "a.png", "--from-side", 5)
    assert (answer.code, "levels of 4" in answer.err) == (2, True)
