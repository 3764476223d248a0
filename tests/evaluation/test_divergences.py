"""The theorems of 2014 as numbers, and points: their densities, their modes, the distance between them."""

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.spatial.distance import jensenshannon
from scipy.stats import norm

from gancli import data
from gancli.core.errors import DataError
from gancli.evaluation.metrics import divergences, modes

HALVES = np.array([0.5, 0.5, 0.0]), np.array([0.0, 0.5, 0.5])


def test_two_overlapping_halves_have_the_known_values():
    p, q = HALVES
    assert divergences.optimal_discriminator(p, q).tolist() == [1, 0.5, 0]
    assert divergences.jensen_shannon(p, q) == pytest.approx(0.34657, abs=1e-5)
    assert divergences.cost(p, q) == pytest.approx(-0.69315, abs=1e-5)


def test_disjoint_densities_cost_nothing_and_equal_ones_minus_log_4():
    p, q = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    assert divergences.cost(p, q) == pytest.approx(0, abs=1e-12)
    assert divergences.jensen_shannon(p, q) == pytest.approx(math.log(2), abs=1e-12)
    assert divergences.cost(p, p) == pytest.approx(-math.log(4), abs=1e-12)


weights = arrays(float, 6, elements=st.floats(0.001, 1))


@given(weights, weights, arrays(float, 6, elements=st.floats(0.01, 0.99)))
def test_no_discriminator_beats_the_best_and_its_value_is_the_theorem_s(p, q, belief):
    p, q = p / p.sum(), q / q.sum()
    best = divergences.optimal_discriminator(p, q)
    assert divergences.value(p, q, best) == pytest.approx(divergences.cost(p, q), abs=1e-9)
    assert divergences.value(p, q, belief) <= divergences.cost(p, q) + 1e-9
    assert divergences.jensen_shannon(p, q) == pytest.approx(np.nan_to_num(jensenshannon(p, q)) ** 2, abs=1e-9)


def test_the_same_holds_for_densities_on_a_line_to_a_millionth():
    places, step = np.linspace(-12, 12, 20_001, retstep=True)
    p, q = norm.pdf(places, 0, 1), norm.pdf(places, 0.5, 1.1)
    best = divergences.optimal_discriminator(p, q)
    assert divergences.value(p, q, best, measure=step) == pytest.approx(divergences.cost(p, q, measure=step), abs=1e-6)
    assert best == pytest.approx(1 / (1 + np.exp(norm.logpdf(places, 0.5, 1.1) - norm.logpdf(places, 0, 1))), abs=1e-6)


# --- data of points


@pytest.mark.parametrize(
    ("name", "size", "classes"),
    [
        ("gaussian", 1, 1),
        ("mixture", 1, 3),
        ("ring8", 2, 8),
        ("grid25", 2, 25),
        ("swissroll", 2, 0),
        ("two-lines", 2, 0),
    ],
)
def test_points_are_always_the_same_and_of_their_size(name, size, classes):
    one, again = data.load(name), data.load(name)
    assert one.shape == (size,)
    assert len(one.classes) == classes
    assert one.facts().fingerprint == again.facts().fingerprint
    assert np.abs(one.items).max() < 3


def test_the_ring_has_eight_modes_and_not_seven():
    ring = data.load("ring8")
    centres = np.array([ring.items[ring.train["label"] == mode].mean(axis=0) for mode in range(8)])
    apart = np.linalg.norm(centres[:, None] - centres[None], axis=-1) + 9 * np.eye(8)
    assert apart.min() == pytest.approx(2 * math.sin(math.pi / 8), abs=0.01)
    assert ring.items[ring.train["label"] == 0].std(axis=0) == pytest.approx([0.01, 0.01], rel=0.05)


# --- modes


def test_points_from_the_data_cover_all_modes_with_99_percent_of_high_quality():
    grid = data.load("grid25")
    found = modes.of_points(grid.items[:2500], grid.items, grid.train["label"])
    assert found.covered == 25
    assert found.good == pytest.approx(1 - math.exp(-4.5), abs=0.005)  # a plane's share within three deviations
    assert found.reverse_kl < 0.02


def test_one_mode_is_one_covered_and_points_between_modes_are_none():
    ring = data.load("ring8")
    one = ring.items[ring.train["label"] == 3][:1000]
    found = modes.of_points(np.concatenate([one, np.zeros((1000, 2))]), ring.items, ring.train["label"])
    assert found.covered == 1
    assert found.good == pytest.approx(0.5, abs=0.01)
    assert found.reverse_kl == pytest.approx(math.log(8), abs=0.01)
    assert found.counts[3] == found.counts.sum()


def test_the_reverse_kl_is_the_formula_s():
    assert modes.reverse_kl(np.array([3, 1]), np.array([1, 1])) == pytest.approx(
        0.75 * math.log(1.5) + 0.25 * math.log(0.5)
    )
    assert modes.reverse_kl(np.array([1, 1]), np.array([0, 1])) == math.inf
    assert math.isnan(modes.reverse_kl(np.array([0, 0]), np.array([1, 1])))


def test_stacked_digits_are_named_by_red_green_and_blue(tmp_path):
    from gancli.data.datasets import stacked_mnist

    shades = np.arange(10, dtype=np.uint8)  # the digit d is an image of the shade 20 d
    images = np.repeat(20 * np.tile(shades, 4), 64).reshape(40, 8, 8)
    labels = np.tile(shades, 4)
    np.savez(tmp_path / "mnist.npz", x_train=images, y_train=labels, x_test=images, y_test=labels)
    found = data.load("stacked_mnist", data.Request(data_dir=str(tmp_path)))
    assert found.shape == (8, 8, 3)
    assert len(found.classes) == 1000
    digits = found.items[:500, 4, 4] // 20
    assert np.array_equal(stacked_mnist.classes_of(digits), found.train["label"][:500])
    with pytest.raises(DataError, match="leave --color out"):
        data.load("stacked_mnist", data.Request(color="gray", data_dir=str(tmp_path)))


# --- the commands on points


@pytest.fixture(scope="module")
def ring(tmp_path_factory):
    """A folder with a short training on the ring."""
    from gancli.training import loop, setup

    outdir = tmp_path_factory.mktemp("ring")
    plan = setup.prepare("toy", {"data": "ring8", "steps": 40, "units": 16, "jit": "off"}, data_dir=None)
    list(loop.train(*plan.start(outdir, "ring", [])))
    return outdir


def test_a_training_on_points_draws_its_pictures(ring):
    run = next(ring.iterdir())
    assert len(list((run / "samples").glob("train-*.png"))) == 21
    assert (run / "samples" / "growing.gif").exists()


def test_eval_modes_counts_and_says_how(gancli, ring):
    answer = gancli("eval-modes", "--outdir", ring, "--num-samples", 500, "--json")
    assert answer.code == 0, answer.err
    found = json.loads(answer.out)
    assert found["modes"] == 8
    assert 0 <= found["covered"] <= 8
    assert found["samples"] == 500
    assert found["high_quality_is"] == "within 3 deviations of a mode"
    assert json.loads((next(ring.iterdir()) / "eval" / "modes.json").read_text(encoding="utf-8")) == found
    assert "PacGAN" in gancli("eval-modes", "--outdir", ring).out


def test_points_without_modes_are_refused(gancli, tmp_path):
    words = ["--steps", 2, "--units", 8, "--jit", "off", "--outdir", tmp_path, "-q"]
    assert gancli("train", "--model", "toy", "--data", "two-lines", *words).code == 0
    answer = gancli("eval-modes", "--outdir", tmp_path)
    assert answer.code == 3
    assert "no modes" in answer.err


def test_eval_modes_of_images_counts_the_classes_that_are_read(gancli, trained):
    answer = gancli("eval-modes", "--outdir", trained, "--num-samples", 100)
    assert answer.code == 0, answer.err
    assert "of 2 modes" in answer.out
    assert "sha256" in answer.out
    assert "published" not in answer.out
    assert "good" not in json.loads(gancli("eval-modes", "--outdir", trained, "--num-samples", 100, "--json").out)


def test_what_makes_images_is_refused_of_points_and_the_other_way_round(gancli, ring):
    answer = gancli("sample", "--outdir", ring, "--run", "ring")
    assert answer.code == 2
    assert "toy" in answer.err
    assert gancli("train", "--model", "dcgan", "--data", "ring8", "--outdir", ring).code == 3
    assert gancli("train", "--model", "toy", "--data", "digits", "--outdir", ring).code == 3


def test_the_critic_s_estimate_falls_with_the_true_distance(tmp_path):
    """Arjovsky et al. 2017, section 4.2, where the distance can be computed."""
    from scipy.optimize import linear_sum_assignment
    from scipy.spatial.distance import cdist
    from scipy.stats import spearmanr

    from gancli.core.backend import tf
    from gancli.training import loop, setup

    values = {
        "data": "ring8",
        "loss": "wasserstein",
        "gradient_penalty": 1.0,
        "d_steps": 25,
        "ema": 0.0,
        "units": 64,
        "beta1": 0.0,
    }
    values |= {"steps": 200, "log_every": 10, "learning_rate": 4e-4}
    started = setup.prepare("toy", values, data_dir=None).start(tmp_path, "", [])
    z, real = tf.constant(started.model.latents(range(500))), started.dataset.some(500)
    true, told = [], []
    for moment in loop.train(*started):
        if moment.recorded:
            costs = cdist(real, started.model.decode(z).numpy())
            true.append(costs[linear_sum_assignment(costs)].mean())
            told.append(moment.scalars["distance"])
    assert len(true) == 20
    assert true[-1] < true[0] / 2
    assert spearmanr(true, told).statistic > 0.7


def test_figures_of_a_line_are_drawn_for_any_game(tmp_path):
    from gancli.training import loop, setup

    for game in ("non-saturating", "least-squares"):
        values = {"data": "mixture", "steps": 2, "units": 8, "jit": "off", "z_dim": 1, "loss": game}
        plan = setup.prepare("toy", values, data_dir=None)
        started = plan.start(tmp_path, "", [])
        list(loop.train(*started))
        assert len(started.run.pictures()) == 3
