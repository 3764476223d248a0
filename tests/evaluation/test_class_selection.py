"""Images chosen by two judges and audited by a third: calibration, bounds, thresholds, what is told of them."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize_scalar
from scipy.special import expit, log_softmax
from scipy.stats import binomtest

from gancli.data.labels.attribute_query import AttributeQuery
from gancli.evaluation import classifier, classifier_kinds
from gancli.evaluation.metrics import selective_classification
from gancli.evaluation.selection import class_selection
from gancli.inference.sampling import Sampler, rejection_sample

SEVEN = AttributeQuery("7", "label", {1: True})


# --- calibrated probabilities


def test_the_temperature_undoes_a_factor_and_is_scipy_s_minimum():
    random = np.random.default_rng(0)
    logits = random.normal(0, 2, (20_000, 4))
    truth = np.array([random.choice(4, p=np.exp(row)) for row in log_softmax(logits, axis=1)])
    assert selective_classification.temperature(3 * logits, truth) == pytest.approx(3, rel=0.05)

    def cost(t):
        return -log_softmax(3 * logits / t, axis=1)[np.arange(len(truth)), truth].mean()

    assert selective_classification.temperature(3 * logits, truth) == pytest.approx(
        minimize_scalar(cost, bracket=(1, 5)).x, rel=1e-3
    )


def test_of_two_opposite_logits_the_temperature_has_a_closed_form():
    logits = np.tile([2.0, -2.0], (100, 1))
    truth = np.arange(100) < 20  # the first class in 80 of 100: a difference of log(4) is calibrated, not 4
    assert selective_classification.temperature(logits, truth.astype(int)) == pytest.approx(4 / np.log(4), rel=1e-4)


def test_no_mistake_leaves_a_finite_temperature():
    logits, truth = 10 * np.eye(3), np.arange(3)
    assert np.isfinite(selective_classification.temperature(logits, truth))


def test_platt_s_line_is_that_of_the_chances_that_made_the_labels():
    random = np.random.default_rng(1)
    logits = random.normal(0, 3, 50_000)
    truth = random.uniform(size=50_000) < expit(0.5 * logits - 1)
    assert selective_classification.platt(logits, truth) == pytest.approx((0.5, -1), abs=0.05)
    _, offset = selective_classification.platt(np.zeros(8), np.zeros(8))  # never there: Platt's target is 1 / (8 + 2)
    assert expit(offset) == pytest.approx(0.1, abs=1e-4)
    assert selective_classification.platt(-logits, truth)[0] == 0  # a network that is wrong does not become right


# --- bounds and thresholds


@given(st.integers(1, 500).flatmap(lambda count: st.tuples(st.integers(0, count), st.just(count))))
def test_the_bound_is_wilson_s(pair):
    expected = binomtest(*pair).proportion_ci(0.9, method="wilson").high
    assert float(selective_classification.upper_bound(*pair)) == pytest.approx(expected, abs=1e-9)


def test_nothing_seen_bounds_nothing():
    assert selective_classification.upper_bound([0, 0], [0, 100]).tolist() == [1.0, pytest.approx(0.0263, abs=1e-4)]


def chosen(scores, wrong, max_error):
    return selective_classification.choose_threshold(scores, wrong, max_error, lowest=0.5)


def test_the_lowest_threshold_within_the_error_is_chosen():
    scores = np.linspace(0.5, 1, 1001)  # wrong below .8, right above
    found = chosen(scores, scores < 0.8, 0.02)
    assert found.is_reached
    kept = scores >= found.value
    assert selective_classification.upper_bound((scores[kept] < 0.8).sum(), kept.sum()) <= 0.02
    one_more = scores >= found.value - 0.0006
    assert selective_classification.upper_bound((scores[one_more] < 0.8).sum(), one_more.sum()) > 0.02
    assert chosen(scores, scores < 0.8, 0.1).value < found.value
    assert chosen(scores, np.zeros(1001, bool), 0.02) == selective_classification.Threshold(0.5, True)


@pytest.mark.parametrize("wrong", [np.ones(200, bool), np.arange(200) % 4 == 0])
def test_an_error_out_of_reach_is_told(wrong):
    found = chosen(np.linspace(0.5, 1, 200), wrong, 0.02)
    assert not found.is_reached


def test_few_images_prove_nothing_and_ties_are_kept_together():
    assert not chosen(np.ones(40), np.zeros(40, bool), 0.02).is_reached  # 0 of 40: at most 6.3 %
    assert chosen(np.array([0.2, 0.4]), np.zeros(2, bool), 0.02) == selective_classification.Threshold(0.5, False)
    tied = chosen(np.ones(1000), np.arange(1000) >= 500, 0.02)  # the wrong ones stand last, yet count
    assert not tied.is_reached


# --- two judges and an auditor


class Judge:
    """Reads brightness: the chance of the second class is the mean pixel over 255, as it is."""

    classes, by_attribute, kind, accuracy = ("dark", "light"), (), "label", 0.99

    def __init__(self, sharpness, bias=0.0):
        self.sharpness, self.bias = sharpness, bias

    def logits(self, pixels):
        light = self.sharpness * (pixels.mean(axis=(1, 2, 3)) / 255 - 0.5 + self.bias)
        return np.stack([-light, light], axis=1)

    def recipe(self):
        return {"test_accuracy": self.accuracy}


class Lamp:
    """An image as bright as its z, uniform in [-1, 1]."""

    columns = ("image",)
    z_size = 1

    def latents(self, seeds):
        return np.array([np.random.default_rng(seed).uniform(-1, 1, 1) for seed in seeds], np.float32)

    def decode(self, z, condition=None):
        from gancli.core.backend import tf

        return tf.reshape(z, (-1, 1, 1, 1)) * tf.ones((1, 2, 2, 1))


def calibrated(*settings):
    return class_selection.CalibratedClassifier(Judge(*settings), np.ones(2), np.zeros(2))


@pytest.fixture
def selector(monkeypatch):
    """Judges that take gray for light from a third on; the auditor from the middle on."""
    monkeypatch.setattr(class_selection, "ROUND", 512)
    ensemble = class_selection.ClassifierEnsemble((calibrated(20, 0.16), calibrated(10, 0.2)), calibrated(30))
    return class_selection.Selector(Sampler(Lamp()), ensemble)


def test_the_threshold_is_where_the_auditor_agrees(selector):
    rule = selector.rule(SEVEN)
    assert rule.is_reached
    assert rule.error <= rule.bound
    kept = rejection_sample(selector.sampler, SEVEN, 200, selector)
    light = kept.pixels.mean(axis=(1, 2, 3)) / 255
    assert light.min() >= 0.5  # what the auditor contradicts is left out
    assert light.min() < 0.53  # and no more than must be
    told = json.dumps(rule.recipe(), allow_nan=False)
    assert set(json.loads(told)) == {"threshold", "estimated_error", "error_bound", "audited", "max_error", "reached"}


def test_a_rule_is_the_same_whatever_was_asked_before(selector, monkeypatch):
    fresh = class_selection.Selector(selector.sampler, selector.ensemble)
    dark = AttributeQuery("0", "label", {0: True})
    monkeypatch.setattr(class_selection, "MIN_MATCHES", 5000)
    fresh.rule(dark)
    monkeypatch.setattr(class_selection, "MIN_MATCHES", 100)
    assert fresh.rule(SEVEN) == selector.rule(SEVEN)


def test_an_auditor_that_disagrees_puts_the_error_out_of_reach(selector):
    ensemble = dataclasses.replace(selector.ensemble, auditor=calibrated(30, -0.6))
    rule = class_selection.Selector(selector.sampler, ensemble).rule(SEVEN)
    assert (rule.is_reached, rule.error) == (False, 1.0)
    assert "estimated error 100.0%" in str(rule)


def test_what_a_run_never_makes_has_no_error(selector):
    ensemble = dataclasses.replace(selector.ensemble, voters=(calibrated(20, -0.9), calibrated(10)))
    rule = class_selection.Selector(selector.sampler, ensemble).rule(SEVEN)
    assert (rule.error, rule.is_reached, rule.bound) == (None, False, 1.0)
    json.dumps(rule.recipe(), allow_nan=False)
    assert "unknown" in str(rule)


def test_the_threshold_and_the_error_come_from_different_images():
    sure = np.ones((3, 400, 2)) * [0.1, 0.9]
    sure[2, 1::2] = [0.9, 0.1]  # of every second image the auditor says otherwise
    rule = class_selection.fit_rule(sure, SEVEN, 0.02)
    assert (rule.threshold, rule.wrong, rule.audited, rule.is_reached) == (0.9, 200, 200, False)


def test_a_seed_is_kept_in_any_company(selector):
    alone = [seed for seed in range(40) if first_is_kept(selector, [seed])]
    together = selector.matches(SEVEN, selector.sampler.seeds(list(range(40))))
    assert alone == np.flatnonzero(together).tolist()


def first_is_kept(selector, seeds):
    return selector.matches(SEVEN, selector.sampler.seeds(seeds))[0]


def test_attributes_are_calibrated_each():
    random = np.random.default_rng(2)
    logits = random.normal(0, 3, (20_000, 2))
    truth = random.uniform(size=logits.shape) < expit(logits * [0.5, 2] + [1, 0])
    slopes, offsets = class_selection.calibrate(logits, truth.astype(np.uint8))
    assert np.allclose(slopes, [0.5, 2], atol=0.15)
    assert np.allclose(offsets, [1, 0], atol=0.1)


# --- networks


def test_a_panel_is_trained_once_and_the_plain_classifier_stays_as_it_was(stripes_file, tmp_path, monkeypatch):
    from gancli import data

    monkeypatch.setenv("GANCLI_CACHE", str(tmp_path))
    monkeypatch.setattr(classifier_kinds, "MAX_EPOCHS", 12)
    dataset, said = data.load(str(stripes_file)), []
    plain = classifier.for_dataset(dataset, note=said.append)
    first = class_selection.load_ensemble(dataset, "label", note=said.append)
    again = class_selection.load_ensemble(dataset, "label", note=lambda text: pytest.fail(text))
    assert len(said) == 3
    assert first.auditor.classifier.digest == plain.digest
    assert len({one.classifier.digest for one in (*first.voters, first.auditor)}) == 3
    pixels = dataset.sample(70)
    assert np.array_equal(first.probabilities(pixels), again.probabilities(pixels))
    assert np.allclose(first.probabilities(pixels).sum(axis=2), 1)
    assert np.array_equal(first.probabilities(pixels)[:, 3:4], first.probabilities(pixels[3:4]))
