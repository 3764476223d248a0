"""infogan: the bounds of the mutual information, the codes in z, and the traversal over them."""

import itertools
import json
import math
from types import SimpleNamespace

import numpy as np
import pytest
from helpers import trainings
from helpers.tiny import build

from gancli.core.backend import tf
from gancli.inference.latent_space import code_traversal
from gancli.models import infogan
from gancli.models.capabilities import LatentCode


def test_the_bound_is_the_entropy_of_the_category_where_q_is_perfect_and_0_where_it_knows_nothing():
    one_hot = tf.one_hot([0, 1, 2, 3], 4)
    assert float(infogan.category_bound(100.0 * one_hot, one_hot)) == pytest.approx(math.log(4))
    assert float(infogan.category_bound(tf.zeros((4, 4)), one_hot)) == pytest.approx(0, abs=1e-6)


def test_the_bound_of_a_noisy_channel_is_its_mutual_information():
    """Of a category that is read right with probability .7, Q the posterior: the bound is tight."""
    right, wrong = 0.7, 0.15
    posterior = np.full((3, 3), wrong) + (right - wrong) * np.eye(3)
    weights = {(c, x): posterior[x, c] / 3 for c, x in itertools.product(range(3), repeat=2)}
    logits, one_hot = tf.constant(np.log(posterior), tf.float32), tf.one_hot(range(3), 3)
    bound = sum(
        weight * float(infogan.category_bound(logits[x : x + 1], one_hot[c : c + 1]))
        for (c, x), weight in weights.items()
    )
    information = sum(weight * np.log(weight / (1 / 9)) for weight in weights.values())
    assert bound == pytest.approx(information, rel=1e-5)


def test_the_bound_of_continuous_codes_is_a_log_density_and_their_entropy():
    random = np.random.default_rng(0)
    codes, means, log_variances = (random.normal(size=(5, 2)).astype(np.float32) for _ in range(3))
    log_density = -0.5 * ((codes - means) ** 2 / np.exp(log_variances) + log_variances + np.log(2 * np.pi))
    found = infogan.uniform_bound(tf.constant(means), tf.constant(log_variances), tf.constant(codes))
    assert float(found) == pytest.approx(log_density.sum(axis=1).mean() + 2 * math.log(2), rel=1e-5)


@pytest.mark.parametrize("continuous", [0, 2])
def test_z_is_noise_a_one_hot_category_and_numbers(continuous):
    model = build("infogan", continuous=continuous)
    assert model.z_size == 9 + continuous
    codes = (LatentCode("category", 6, 3), *(LatentCode(f"c{at + 1}", 9 + at, 1) for at in range(continuous)))
    assert model.codes == codes
    for z in (model.noise().numpy(), model.latents(range(40))):
        assert set(np.unique(z[:, 6:9])) == {0.0, 1.0}
        assert (z[:, 6:9].sum(axis=1) == 1).all()
        assert np.abs(z).max() <= 1
    drawn = model.latents(range(300))
    assert np.abs(drawn[:, 6:9].mean(axis=0) - 1 / 3).max() < 0.1
    np.testing.assert_array_equal(
        model.latents([7, 2**40]), np.concatenate([model.latents([7]), model.latents([2**40])])
    )
    assert continuous == 0 or abs(np.corrcoef(drawn[:, 0], drawn[:, 9])[0, 1]) < 0.2


@pytest.mark.parametrize("learned", [False, True])
def test_q_has_a_variance_of_one_unless_it_is_learned(learned):
    model = build("infogan", precision="float32", learned_deviation=learned)
    z = tf.constant(model.latents(range(8)))
    code = model.discriminator(model.generator(z))[1]
    assert code.shape == (8, 3 + 2 * (2 if learned else 1))
    log_variances = code[:, 5:] if learned else tf.zeros((8, 2))
    found = model.information_bounds(code, z)
    assert float(found[0]) == pytest.approx(float(infogan.category_bound(code[:, :3], z[:, 6:9])))
    assert float(found[1]) == pytest.approx(float(infogan.uniform_bound(code[:, 3:5], log_variances, z[:, 9:])))


def test_vary_changes_a_code_and_nothing_else():
    starts = np.random.default_rng(0).normal(size=(2, 7)).astype(np.float32)
    numbers = code_traversal.vary(starts, LatentCode("c1", 5, 1), np.array([-2.0, 0.0, 2.0]))
    np.testing.assert_array_equal(numbers[:, :, 5], [[-2, 0, 2]] * 2)
    one_hot = code_traversal.vary(starts, LatentCode("category", 2, 3), np.array([2, 0]))
    np.testing.assert_array_equal(one_hot[:, :, 2:5], [np.eye(3)[[2, 0]]] * 2)
    for varied, kept in ((numbers, [0, 1, 2, 3, 4, 6]), (one_hot, [0, 1, 5, 6])):
        assert (varied[:, :, kept] == starts[:, None, kept]).all()


def test_the_best_matching_is_that_of_the_best_permutation():
    random = np.random.default_rng(0)
    categories, labels = random.integers(0, 4, 200), random.integers(0, 4, 200)
    found = code_traversal.best_matching(categories, labels, (4, 4))
    best = max(np.mean(np.array(order)[categories] == labels) for order in itertools.permutations(range(4)))
    assert found.accuracy == pytest.approx(best)
    assert np.mean(found.classes[categories] == labels) == pytest.approx(best)
    assert code_traversal.best_matching(np.array([0, 1, 2]), np.array([1, 0, 0]), (3, 2)).classes.tolist() in (
        [1, 0, -1],
        [1, -1, 0],
    )


@pytest.fixture(scope="module")
def run_path(tmp_path_factory, stripes_file):
    """A run on labeled images, before its first step."""
    small = {"model": "infogan", "width": 4, "z_dim": 6, "categories": 3}
    started = trainings.start(tmp_path_factory.mktemp("runs"), stripes_file, **small)
    trainings.run_until(started, 0)
    return started.run.path


def test_traverse_varies_the_codes_and_scores_the_category(run_path, gancli, tmp_path, monkeypatch):
    from gancli.evaluation.selection.run_classifiers import RunClassifiers

    same = SimpleNamespace(predict=lambda pixels: np.zeros(len(pixels), int))  # all samples are of the first class
    monkeypatch.setattr(RunClassifiers, "for_all", lambda self: same)
    line = ("traverse", "--run", run_path, "--num-samples", 50, "--steps", 3, "--json")
    found = json.loads(gancli(*line, "--out", tmp_path / "all.png").out)
    shown = [(one["code"], one["values"]) for one in found["codes"]]
    assert shown == [("category", [0, 1, 2]), ("c1", [-2, 0, 2]), ("c2", [-2, 0, 2])]
    most = build("infogan").latents(range(50))[:, 6:9].sum(axis=0).max()
    assert found["sample_accuracy"] == most / 50
    assert 0 <= found["real_accuracy"] <= 1
    assert len(found["classes"]) == 3
    assert (tmp_path / "all.png").stat().st_size > 0


def test_a_code_is_named_by_traverse_and_an_unknown_one_refused(run_path, gancli):
    refused = gancli("traverse", "--run", run_path, "--code", "c3")
    assert (refused.code, "the codes of this run are category, c1, c2" in refused.err) == (2, True)
    both = gancli("traverse", "--run", run_path, "--code", "c1", "--coordinate", 1)
    assert (both.code, "give one" in both.err) == (2, True)
