"""Encoders and decoders: closed forms, bounds that are bounds, codes made white, and the commands that use them."""

import json

import h5py
import numpy as np
import pytest
from helpers.tiny import build, train
from helpers.trainings import finish, start
from PIL import Image
from scipy import stats

from gancli.core.backend import keras, tf
from gancli.evaluation import likelihood_bounds
from gancli.evaluation.metrics import principal_components, spectrum
from gancli.inference.latent_space import inversion, traversal
from gancli.inference.sampling import Sampler
from gancli.models.capabilities import Decoder
from gancli.nn import latents, losses
from gancli.nn.architectures import autoencoder

RANDOM = np.random.default_rng(0)


def test_the_kl_of_a_gaussian_is_the_closed_form_and_what_sampling_says():
    found = losses.gaussian_kl(tf.constant([[1.0]]), tf.constant([[np.log(4.0)]], tf.float32))
    assert float(found[0]) == pytest.approx(1.30685, abs=1e-5)
    mean, log_variance = (RANDOM.normal(size=(1, 4)).astype(np.float32) for _ in range(2))
    closed = float(losses.gaussian_kl(tf.constant(mean), tf.constant(log_variance))[0])
    z = mean + np.exp(0.5 * log_variance) * RANDOM.normal(size=(200_000, 4))
    ratios = stats.norm.logpdf(z, mean, np.exp(0.5 * log_variance)) - stats.norm.logpdf(z)
    each = ratios.sum(axis=1)
    assert abs(each.mean() - closed) < 4 * each.std() / len(each) ** 0.5


def test_log_likelihoods_agree_with_scipy():
    x, mean, scale = RANDOM.normal(size=(3, 2, 2, 1)), RANDOM.normal(size=(3, 2, 2, 1)), 0.3
    found = losses.log_normal(
        *(tf.constant(values, tf.float32) for values in (x, mean)), tf.constant(2 * np.log(scale), tf.float32)
    )
    assert np.allclose(found, stats.norm.logpdf(x, mean, scale).sum(axis=(1, 2, 3)), rtol=1e-5)
    bits, logits = RANDOM.integers(0, 2, (3, 5)), RANDOM.normal(size=(3, 5))
    found = losses.log_bernoulli(tf.constant(bits, tf.float32), tf.constant(logits, tf.float32))
    assert np.allclose(found, stats.bernoulli.logpmf(bits, 1 / (1 + np.exp(-logits))).sum(axis=1), rtol=1e-5)


def test_pixels_of_0_and_1_have_the_gray_value_as_their_mean():
    model, gray = build("vae"), tf.fill((4000, 8, 8, 1), -0.5)
    seen = model.observe(gray, tf.constant([1, 2])).numpy()
    assert set(np.unique(seen)) == {0.0, 1.0}
    assert seen.mean() == pytest.approx(0.25, abs=0.005)


def test_bytes_are_spread_over_their_own_level():
    model, levels = build("vae", likelihood="gaussian"), np.arange(256, dtype=np.uint8)
    image = tf.reshape(tf.constant(levels, tf.float32), (4, 8, 8, 1)) / 127.5 - 1.0
    for seed in range(3):
        seen = model.observe(image, tf.constant([seed, 2])).numpy().ravel()
        assert np.array_equal(np.floor(seen * 256 + 1e-4), levels)
        assert np.ptp(seen * 256 - levels) > 0.8


@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_a_decoder_that_does_not_listen_makes_the_bound_exact(likelihood):
    """Then p(x | z) is p(x): the ELBO is log p(x) - KL, and the weighted bound goes to log p(x)."""
    model = build("vae", likelihood=likelihood, ema=0.0, z_dim=3, precision="float32")
    for variable in model.decoder.model.trainable_variables:
        if "pixels" in variable.path:
            variable.assign(tf.zeros_like(variable))
    for variable in model.encoder.model.get_layer("code").weights:
        variable.assign(0.1 * variable)  # a q that is not far from the prior, so that few z's are enough
    pixels = RANDOM.integers(0, 256, (20, 8, 8, 1), np.uint8)
    if likelihood == "bernoulli":
        exact = -64 * np.log(2.0)
        found = likelihood_bounds.measure(model, pixels, importance=3000)
        assert found.reconstruction == pytest.approx(exact, rel=1e-5)
        assert found.importance == pytest.approx(exact, abs=0.1)
    else:
        found = likelihood_bounds.measure(model, pixels, importance=3000)
        assert found.importance == pytest.approx(found.reconstruction, abs=0.5)
    assert found.elbo == pytest.approx(found.reconstruction - found.kl)
    assert found.kl > 0


def test_the_weighted_bound_is_above_the_elbo_and_rises_with_its_number(stripes):
    model = build("vae", z_dim=2)
    train(model, model.stages()[0], 200)
    one, few, many = (likelihood_bounds.measure(model, stripes[..., None], importance=k) for k in (1, 10, 500))
    assert one.elbo < few.importance < many.importance
    assert one.importance == pytest.approx(one.elbo, abs=4 * one.elbo_error + 1)


def test_all_parts_of_the_weighted_bound_are_of_one_binarisation(monkeypatch):
    """The z's of an image may not fit into one part; the parts say the same of it as one would."""
    model = build("vae", z_dim=2)
    for variable in model.encoder.model.get_layer("code").weights:
        variable.assign(0.0 * variable)
    pixels = np.full((3, 8, 8, 1), 128, np.uint8)
    whole = likelihood_bounds.measure(model, pixels, importance=2000)
    monkeypatch.setattr(likelihood_bounds, "Z_BATCH", 100)
    parted = likelihood_bounds.measure(model, pixels, importance=2000)
    assert parted.elbo == whole.elbo
    assert parted.importance == pytest.approx(whole.importance, abs=0.3)


def test_beta_weighs_the_kl():
    told = {}
    for beta in (0.0, 1.0, 4.0):
        model = build("vae", beta=beta, seed=3)
        *_, told[beta] = train(model, model.stages()[0], 1)
    for beta, last in told.items():
        assert last["loss"] == pytest.approx(beta * last["kl"] - last["reconstruction"], rel=1e-5)
        assert last["elbo"] == pytest.approx(told[0.0]["elbo"], rel=1e-5)


def test_a_conditional_vae_listens_to_the_label():
    model = build("vae", conditional=True)
    z = tf.constant(model.latents([0, 1]))
    zero, one = (model.decode(z, tf.one_hot([label] * 2, 2)).numpy() for label in (0, 1))
    assert np.abs(zero - one).max() > 1e-3


def test_statistics_of_codes_are_followed_and_make_z_white():
    code = keras.Input((3,))
    network = keras.Model(code, autoencoder.followed(code))
    mixing = np.array([[2.0, 0, 0], [1, 0.5, 0], [0, -1, 3]])
    codes = (RANDOM.normal(size=(2000, 3)) @ mixing.T + [5, 0, -2]).astype(np.float32)
    for _ in range(800):
        assert np.array_equal(network(codes, training=True), codes)
    z = autoencoder.whitened(network, tf.constant(codes)).numpy()
    assert np.allclose(z.mean(axis=0), 0, atol=0.02)
    assert np.allclose(np.cov(z.T), np.eye(3), atol=0.02)
    assert np.allclose(autoencoder.unwhitened(network, tf.constant(z)), codes, atol=1e-3)


def test_principal_components_are_the_best_that_is_linear():
    rows = (RANDOM.normal(size=(200, 2)) @ RANDOM.normal(size=(2, 6))).astype(np.float32)
    assert np.allclose(principal_components.reconstruct(rows, rows, 2), rows, atol=1e-4)
    assert not np.allclose(principal_components.reconstruct(rows, rows, 1), rows, atol=1e-1)


def test_a_wave_has_its_power_at_its_frequency():
    across = np.arange(16)
    wave = np.sin(2 * np.pi * 3 * across / 16)[None, None, :, None] * np.ones((1, 16, 1, 1))
    found = spectrum.radial(wave)
    assert found[2] == pytest.approx(0.5)
    assert found.sum() == pytest.approx(0.5)
    assert spectrum.octaves(28) == [(1, 1), (2, 2), (3, 4), (5, 8), (9, 14)]
    assert spectrum.in_bands(found, spectrum.octaves(16)).tolist() == pytest.approx([0, 0, 0.5, 0], abs=1e-12)


def test_correlations_are_pearson_s():
    z, shown = RANDOM.normal(size=(50, 3)), RANDOM.normal(size=(50, 2))
    shown[:, 1] = 1.0
    found = traversal.correlations(z, shown)
    assert found[:, 0] == pytest.approx([np.corrcoef(column, shown[:, 0])[0, 1] for column in z.T])
    assert np.all(found[:, 1] == 0)


class Linear(Decoder):
    """Makes 2 x 2 images of two numbers."""

    columns, z_size, prior = ("image",), 2, "normal"
    data = type("Facts", (), {"shape": (2, 2, 1), "classes": ()})
    mixing = np.array([[0.5, 0, 0.2, 0], [0, 0.4, 0, -0.3]], np.float32)

    def decode(self, z, condition=None):
        return tf.reshape(z @ self.mixing, (-1, 2, 2, 1))

    def latents(self, seeds):
        return latents.from_seeds(seeds, 2, "normal")


def test_descent_finds_the_likeliest_z():
    """Of a linear decoder that is ridge regression, known in closed form."""
    pixels = RANDOM.integers(60, 190, (3, 2, 2, 1), np.uint8)
    target = pixels.reshape(3, 4) / 127.5 - 1
    precision = Linear.mixing @ Linear.mixing.T / 0.1**2 + np.eye(2)
    exact = np.linalg.solve(precision, Linear.mixing @ target.T / 0.1**2).T
    found = inversion.project(Linear(), pixels, starts=3, steps=500)
    assert np.allclose(found.z, exact, atol=0.02)
    assert np.allclose(found.errors, ((exact @ Linear.mixing - target) ** 2).mean(axis=1) / 4, atol=1e-3)


def test_the_plane_of_a_vae_has_equal_steps_of_probability():
    model = build("vae", z_dim=2)
    pictures = traversal.plane(Sampler(model), 3)
    assert pictures.shape == (9, 8, 8, 1)
    assert np.array_equal(pictures[4], Sampler(model).decode(np.zeros((1, 2), np.float32))[0])


@pytest.fixture(scope="module")
def coded(tmp_path_factory, stripes_file):
    """A folder with a small VAE of two numbers."""
    outdir = tmp_path_factory.mktemp("coded")
    finish(start(outdir, stripes_file, "vae", z_dim=2, steps=300, sample_every=300, save_every=300, units="32"))
    return outdir


def test_codes_come_back_as_the_images_they_are_of(gancli, coded, stripes, tmp_path):
    answer = gancli("encode", "--outdir", coded, "--num-images", 15, "--out", tmp_path / "a.npz", "--json")
    assert json.loads(answer.out)["z_dim"] == 2
    with np.load(tmp_path / "a.npz") as arrays:
        assert (arrays["z"].shape, arrays["labels"].shape, arrays["names"][0]) == ((15, 2), (15,), b"validation 0")
        z = arrays["z"]
    gancli("encode", "--outdir", coded, "--num-images", 15, "--out", tmp_path / "a.h5")
    with h5py.File(tmp_path / "a.h5") as file:
        assert np.array_equal(file["z"], z)
    gancli("encode", "--outdir", coded, "--out", tmp_path / "plane.png")
    assert Image.open(tmp_path / "plane.png").width > 500


def test_reconstruction_stands_beside_principal_components(gancli, coded, stripes, tmp_path):
    Image.fromarray(stripes[3]).resize((30, 30)).save(tmp_path / "one.png")
    result = json.loads(gancli("reconstruct", "--outdir", coded, "--out", tmp_path / "r.png", "--json").out)
    assert 0 < result["mean"] < 0.3
    assert result["pca"] > 0
    assert result["rank"] == 2
    result = json.loads(gancli("reconstruct", tmp_path / "one.png", "--outdir", coded, "--no-pca", "--json").out)
    assert (result["images"], "pca" in result) == (1, False)


def test_an_autoencoder_beats_principal_components_of_its_rank(gancli, tmp_path):
    words = ("--data", "digits", "--z-dim", 4, "--steps", 3000, "--outdir", tmp_path, "-q")
    assert gancli("train", "--model", "autoencoder", *words).code == 0
    result = json.loads(gancli("reconstruct", "--outdir", tmp_path, "--json").out)
    assert result["mean"] < 0.8 * result["pca"]


def test_bounds_and_traversals_are_told(gancli, coded, tmp_path):
    result = json.loads(gancli("eval-elbo", "--outdir", coded, "--importance", 50, "--json").out)
    assert result["mean"] < result["importance_weighted"] < 0
    assert result["mean"] == pytest.approx(result["reconstruction"] - result["kl"], rel=1e-4)
    result = json.loads(gancli("traverse", "--outdir", coded, "--out", tmp_path / "t.png", "--json").out)
    assert {fact["coordinate"] for fact in result["coordinates"]} == {0, 1}
    assert all(-1 <= fact["r"] <= 1 and len(fact["found"]) == 3 for fact in result["coordinates"])
    assert gancli("traverse", "--outdir", coded, "--plane", "--grid-size", 4, "--out", tmp_path / "p.png").code == 0


def test_pictures_are_ends_by_the_encoder_and_by_descent(gancli, coded, trained, stripes, tmp_path):
    for number in (0, 50):
        Image.fromarray(stripes[number]).save(tmp_path / f"{number}.png")
    ends = ("--from-images", tmp_path / "0.png", tmp_path / "50.png", "--steps", 4, "--out", tmp_path / "way.png")
    for outdir, said in ((coded, ""), (trained, "has no encoder")):
        answer = gancli("interpolate", "--outdir", outdir, *ends)
        assert (answer.code, said in answer.err) == (0, True)
        strip = np.asarray(Image.open(tmp_path / "way.png"))
        assert strip.shape[1] == 6 * 58 + 2  # the pictures stand at both sides
        assert np.array_equal(strip[2 : 2 + 56 : 7, 2 : 2 + 56 : 7], stripes[0])
    answer = gancli(
        "project", tmp_path / "0.png", "--outdir", trained, "--steps", 5, "--out", tmp_path / "z.npz", "--json"
    )
    assert json.loads(answer.out)["mean"] > 0
    assert np.load(tmp_path / "z.npz")["z"].shape == (1, 100)


def test_a_sum_may_begin_with_a_picture(gancli, coded, stripes, tmp_path):
    Image.fromarray(stripes[0]).save(tmp_path / "me.png")
    words = ("--outdir", coded, "--out", tmp_path / "sum.png", "--json")
    result = json.loads(gancli("zvector-arith", f"[{tmp_path / 'me.png'}] - [3] + [3]", *words).out)
    assert [term["seeds"] for term in result["terms"]] == [[str(tmp_path / "me.png")], [3], [3]]
    assert gancli("zvector-arith", "[nobody.png] - [3]", *words).code == 3


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (("encode", "--run", "tiny"), "no encoder; gancli project"),
        (("eval-elbo", "--run", "tiny"), "no bound"),
        (("encode", "--out", "a.txt"), "that ends in"),
        (("project", "nothing.png"), "nothing.png does not exist"),
        (("interpolate", "--seeds", "1,2", "--from-images", "a.png"), "either --seeds"),
        (("interpolate", "a.png"), "needs --from-images"),
        (("interpolate",), "either --seeds"),
        (("traverse", "--plane"), "needs a two-dimensional z"),
        (("traverse", "--coordinate", 100), "0 to 99"),
        (("traverse", "--coordinate", 1, "--of", "lying"), "give one"),
    ],
)
def test_what_cannot_be_is_said_in_one_sentence(gancli, trained, words, wrong):
    answer = gancli(*words, "--outdir", trained)
    assert answer.code in (2, 3)
    assert wrong in answer.err
    assert len(answer.err.strip().splitlines()) == 1


def test_a_spectrum_is_told_by_octaves(gancli, trained):
    result = json.loads(gancli("eval-spectrum", "--outdir", trained, "--num-samples", 60, "--json").out)
    assert result["bands"] == ["1", "2", "3-4"]
    assert result["real_mean_distance"] < result["mean_distance"]


@pytest.mark.parametrize("model", ["lapgan", "autoencoder", "vae", "vaegan", "alpha-gan"])
def test_the_commands_of_gans_take_every_model_that_decodes(gancli, tmp_path, stripes_file, model):
    finish(start(tmp_path, stripes_file, model))
    for words in (
        ("sample", "--seeds", "1-3", "--out", tmp_path / "a.png"),
        ("interpolate", "--seeds", "1,2", "--out", tmp_path / "b.png"),
        ("zvector-arith", "[1,2] - [3] + [4]", "--out", tmp_path / "c.png"),
        ("eval-parzen", "--num-samples", 50, "--folds", 2),
        ("eval-fid", "--num-samples", 50, "--features", "pixels"),
        ("eval-neighbors", "--num-samples", 50),
    ):
        answer = gancli(*words, "--outdir", tmp_path)
        assert answer.code == 0, answer.err
