"""Costs of games: closed forms, divergences, and safety where the sigmoid is long saturated."""

import math

import numpy as np
import pytest

from gancli.core.backend import tf
from gancli.nn import losses
from gancli.nn.losses import ADVERSARIAL_LOSSES
from gancli.nn.regularization import penalties

LN2, CAP = math.log(2), losses.CAP


def logit(probability):
    return math.log(probability / (1 - probability))


def sigmoid(a):
    return 1 / (1 + math.exp(-a))


def softplus(a):
    return math.log1p(math.exp(a))


# of each game: real(a), its slope; fake(a), its slope; generator(a), its slope
_REAL = (lambda a: softplus(-a) / 2, lambda a: -(1 - sigmoid(a)) / 2)
_FAKE = (lambda a: softplus(a) / 2, lambda a: sigmoid(a) / 2)
CLOSED = {
    "minimax": (*_REAL, *_FAKE, lambda a: -softplus(a), lambda a: -sigmoid(a)),
    "non-saturating": (*_REAL, *_FAKE, lambda a: softplus(-a), lambda a: sigmoid(a) - 1),
    "maximum-likelihood": (*_REAL, *_FAKE, lambda a: -math.exp(a), lambda a: -math.exp(a)),
    "least-squares": (
        *(lambda a: (a - 1) ** 2 / 2, lambda a: a - 1),
        *(lambda a: a * a / 2, lambda a: a),
        *(lambda a: (a - 1) ** 2 / 2, lambda a: a - 1),
    ),
    "wasserstein": (lambda a: -a, lambda a: -1, lambda a: a, lambda a: 1, lambda a: -a, lambda a: -1),
    "hinge": (
        *(lambda a: max(0, 1 - a), lambda a: -float(a < 1)),
        *(lambda a: max(0, 1 + a), lambda a: float(a > -1)),
        *(lambda a: -a, lambda a: -1),
    ),
    "boundary-seeking": (*_REAL, *_FAKE, lambda a: a * a / 2, lambda a: a),
    "relativistic": (*_REAL, *_FAKE, lambda a: softplus(-a), lambda a: sigmoid(a) - 1),
    "relativistic-average": (*_REAL, *_FAKE, lambda a: softplus(-a), lambda a: sigmoid(a) - 1),
    "kl": (
        *(lambda a: -a, lambda a: -1),
        *(lambda a: math.exp(a - 1), lambda a: math.exp(a - 1)),
        *(lambda a: -math.exp(a - 1), lambda a: -math.exp(a - 1)),
    ),
    "reverse-kl": (
        *(lambda a: math.exp(-a), lambda a: -math.exp(-a)),
        *(lambda a: a - 1, lambda a: 1),
        *(lambda a: 1 - a, lambda a: -1),
    ),
    "pearson": (
        *(lambda a: -a, lambda a: -1),
        *(lambda a: a * a / 4 + a, lambda a: a / 2 + 1),
        *(lambda a: -a * a / 4 - a, lambda a: -a / 2 - 1),
    ),
    "squared-hellinger": (
        *(lambda a: math.exp(-a) - 1, lambda a: -math.exp(-a)),
        *(lambda a: math.exp(a) - 1, lambda a: math.exp(a)),
        *(lambda a: 1 - math.exp(a), lambda a: -math.exp(a)),
    ),
    "jensen-shannon": (
        *(lambda a: softplus(-a) - LN2, lambda a: sigmoid(a) - 1),
        *(lambda a: softplus(a) - LN2, lambda a: sigmoid(a)),
        *(lambda a: LN2 - softplus(a), lambda a: -sigmoid(a)),
    ),
}


def value_and_slope(cost, a):
    a = tf.constant([[a]], tf.float64)
    with tf.GradientTape() as tape:
        tape.watch(a)
        value = cost(a)
    slope = tape.gradient(value, a)
    return float(value), float(tf.reduce_sum(slope))


def test_every_game_has_its_closed_form():
    assert CLOSED.keys() == ADVERSARIAL_LOSSES.keys()


@pytest.mark.parametrize("a", [logit(0.01), -0.5, 0.0, logit(0.99)])
@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_costs_and_their_slopes_are_the_closed_forms(name, a):
    game, closed = ADVERSARIAL_LOSSES[name], CLOSED[name]
    for cost, value, slope in zip((game.real, game.fake, game.generator), closed[::2], closed[1::2], strict=True):
        assert value_and_slope(cost, a) == pytest.approx((value(a), slope(a)), abs=1e-6)


@pytest.mark.parametrize(
    ("name", "belief", "cost", "slope"),
    [  # Goodfellow 2016, section 3.2, halved as there
        ("minimax", 0.01, -0.00503, -0.005),
        ("minimax", 0.5, -0.3466, -0.25),
        ("minimax", 0.99, -2.3026, -0.495),
        ("non-saturating", 0.01, 2.3026, -0.495),
        ("non-saturating", 0.5, 0.3466, -0.25),
        ("non-saturating", 0.99, 0.00503, -0.005),
        ("maximum-likelihood", 0.01, -0.00505, -0.00505),
        ("maximum-likelihood", 0.5, -0.5, -0.5),
        ("maximum-likelihood", 0.99, -49.5, -49.5),
    ],
)
def test_half_the_generator_s_cost_is_the_tutorial_s(name, belief, cost, slope):
    found = [half / 2 for half in value_and_slope(ADVERSARIAL_LOSSES[name].generator, logit(belief))]
    assert found == pytest.approx([cost, slope], rel=2e-3)


def test_equal_beliefs_cost_ln_2():
    game, half = ADVERSARIAL_LOSSES["non-saturating"], tf.zeros((4, 1))
    assert float(game.real(half) + game.fake(half)) == pytest.approx(LN2, abs=1e-6)
    assert float(game.generator(half)) == pytest.approx(LN2, abs=1e-6)


@pytest.mark.parametrize("a", [-50.0, 50.0])
@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_costs_and_slopes_are_finite_at_far_logits(name, a):
    game, a = ADVERSARIAL_LOSSES[name], tf.constant([[a]])
    for cost in (game.real, game.fake, game.generator):
        with tf.GradientTape() as tape:
            tape.watch(a)
            value = cost(a)
        assert np.isfinite([float(value), float(tf.reduce_sum(tape.gradient(value, a)))]).all()
    assert np.isfinite([float(value) for value in game.metrics(a, -a).values()]).all()


def test_cross_entropies_are_exact_at_far_logits():
    far = tf.constant([[50.0], [-50.0]])
    assert float(ADVERSARIAL_LOSSES["non-saturating"].generator(far)) == pytest.approx(25.0, abs=1e-5)
    assert float(ADVERSARIAL_LOSSES["minimax"].generator(far)) == pytest.approx(-25.0, abs=1e-5)
    assert float(losses.mean_probability(far)) == pytest.approx(0.5)


def test_the_maximum_likelihood_cost_goes_on_along_its_tangent_beyond_the_cap():
    value, slope = value_and_slope(ADVERSARIAL_LOSSES["maximum-likelihood"].generator, 50.0)
    assert value == pytest.approx(-math.exp(CAP) * (1 + 50 - CAP), rel=1e-6)
    assert slope == pytest.approx(-math.exp(CAP), rel=1e-6)


PAIRS = np.random.default_rng(3).normal(0, 3, (2, 6, 1))  # outputs for real and generated images


def test_relativistic_losses_compare_each_pair_or_each_with_the_mean_of_the_others():
    real, fake = PAIRS
    above, mean_above, mean_below = real - fake, real - fake.mean(), fake - real.mean()
    log_odds = {
        "relativistic": np.log1p(np.exp(-above)).mean(),
        "relativistic-average": np.log1p(np.exp(-mean_above)).mean() + np.log1p(np.exp(mean_below)).mean(),
    }
    for name, expected in log_odds.items():
        loss = ADVERSARIAL_LOSSES[name]
        assert float(loss.discriminator(*map(tf.constant, PAIRS))) == pytest.approx(expected)
        assert loss.metrics(*map(tf.constant, PAIRS))["real_above_fake"] == np.mean(real > fake)


@pytest.mark.parametrize("name", ADVERSARIAL_LOSSES)
def test_only_relativistic_losses_need_real_images_for_the_generator_and_are_symmetric(name):
    loss, (real, fake), asked = ADVERSARIAL_LOSSES[name], map(tf.constant, PAIRS), []
    value = loss.of_generator(fake, lambda: asked.append(name) or real)
    assert bool(asked) == (name not in losses.SEPARABLE_LOSSES) == name.startswith("relativistic")
    if asked:
        assert value == loss.discriminator(fake, real)
        assert float(loss.discriminator(real + 5, fake + 5)) == pytest.approx(float(loss.discriminator(real, fake)))
    else:
        assert value == loss.generator(fake)
        assert loss.discriminator(real, fake) == loss.real(real) + loss.fake(fake)


@pytest.mark.parametrize("name", losses.SEPARABLE_LOSSES)
def test_the_middle_is_the_best_output_where_real_and_generated_images_are_alike(name):
    loss = ADVERSARIAL_LOSSES[name]
    slopes = [value_and_slope(cost, loss.middle)[1] for cost in (loss.real, loss.fake)]
    assert sum(slopes) == pytest.approx(0, abs=1e-9)


def counts(weights, values):
    return tf.constant(np.repeat(values, weights)[:, None], tf.float64)


P, Q = np.array([5, 3, 2]), np.array([2, 2, 6])  # tenths
_p, _q = P / 10, Q / 10
_m = (_p + _q) / 2
OPTIMA = {  # the best output a for the ratio p / q, and the divergence that it reaches
    "kl": (1 + np.log(_p / _q), np.sum(_p * np.log(_p / _q))),
    "reverse-kl": (np.log(_p / _q), np.sum(_q * np.log(_q / _p))),
    "pearson": (2 * (_p / _q - 1), np.sum((_p - _q) ** 2 / _q)),
    "squared-hellinger": (0.5 * np.log(_p / _q), np.sum((np.sqrt(_p) - np.sqrt(_q)) ** 2)),
    "jensen-shannon": (np.log(_p / _q), np.sum(_p * np.log(_p / _m) + _q * np.log(_q / _m))),
}


@pytest.mark.parametrize("name", OPTIMA)
def test_the_best_discriminator_of_an_f_gan_reaches_the_divergence_and_no_other_does(name):
    best, divergence = OPTIMA[name]
    game = ADVERSARIAL_LOSSES[name]

    def reached(outputs):
        of_real, of_fake = counts(P, outputs), counts(Q, outputs)
        told = float(game.metrics(of_real, of_fake)["divergence"])
        assert told == pytest.approx(-float(game.real(of_real) + game.fake(of_fake)), abs=1e-9)
        return told

    assert reached(best) == pytest.approx(divergence, abs=1e-9)
    random = np.random.default_rng(0)
    assert all(reached(best + random.normal(0, 0.3, 3)) < divergence for _ in range(20))


@pytest.mark.parametrize("name", ["non-saturating", "least-squares", "jensen-shannon"])
def test_with_one_sided_smoothing_the_best_belief_in_a_real_image_is_nine_tenths(name):
    game = ADVERSARIAL_LOSSES[name].with_label_smoothing(0.1)
    best = 0.9 if name == "least-squares" else logit(0.9)
    assert value_and_slope(game.real, best)[1] == pytest.approx(0, abs=1e-9)
    assert game.fake is ADVERSARIAL_LOSSES[name].fake


def test_the_gradient_penalty_of_a_linear_critic_is_its_slope_s_distance_from_1():
    random = np.random.default_rng(0)
    real, fake = (tf.constant(random.normal(size=(6, 4, 4, 1)), tf.float32) for _ in range(2))
    share = tf.constant(random.random((6, 1, 1, 1)), tf.float32)
    for slope in (0.0, 0.25, 1.0, 3.0):
        found = penalties.gradient_penalty(lambda x, slope=slope: slope * x[:, 1, 2], real, fake, share)
        assert float(found) == pytest.approx((slope - 1) ** 2, abs=1e-5)  # two-sided


def test_the_gradient_penalty_looks_between_the_pair():
    real, fake = tf.zeros((2, 3)), tf.ones((2, 3))
    seen = []
    penalties.gradient_penalty(
        lambda x: seen.append(x) or tf.reduce_sum(x, axis=1), real, fake, tf.constant([[0.0], [0.75]])
    )
    assert seen[0].numpy().tolist() == [[1, 1, 1], [0.25, 0.25, 0.25]]


def test_feature_matching_is_the_squared_gap_of_means():
    real, fake = tf.constant([[1.0, 2.0], [3.0, 4.0]]), tf.constant([[0.0, 0.0], [2.0, 2.0]])
    assert float(losses.feature_matching(real, fake)) == pytest.approx(1 + 4)


def test_the_class_cost_is_minus_the_log_of_the_right_class():
    logits, labels = tf.math.log([[0.2, 0.5, 0.3], [0.1, 0.1, 0.8]]), tf.one_hot([1, 0], 3)
    assert float(losses.auxiliary_class_loss(logits, labels)) == pytest.approx(
        -(math.log(0.5) + math.log(0.1)) / 2, abs=1e-6
    )


def test_codes_that_are_alike_pull_away_by_one_and_orthogonal_ones_by_nothing():
    assert float(losses.pulling_away(tf.constant([[1.0, 2.0], [2.0, 4.0], [-1.0, -2.0]]))) == pytest.approx(1, abs=1e-6)
    assert float(losses.pulling_away(tf.eye(4) * 3.0)) == pytest.approx(0, abs=1e-6)


def test_a_code_of_zeros_pulls_nothing_and_has_a_slope():
    codes = tf.constant([[0.0, 0.0], [1.0, 0.0], [0.0, 2.0]])
    with tf.GradientTape() as tape:
        tape.watch(codes)
        value = losses.pulling_away(codes)
    assert float(value) == pytest.approx(0, abs=1e-6)
    assert np.isfinite(tape.gradient(value, codes)).all()
