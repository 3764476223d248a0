"""Losses: closed forms, and safety where the sigmoid is long saturated."""

import math

import numpy as np
import pytest

from gancli import losses
from gancli.backend import tf


def logit(probability):
    return tf.constant([[math.log(probability / (1 - probability))]], tf.float32)


def test_equal_beliefs_cost_ln_2():
    half = tf.zeros((4, 1))
    assert float(losses.discriminator(half, half)) == pytest.approx(math.log(2), abs=1e-6)
    assert float(losses.non_saturating(half)) == pytest.approx(math.log(2), abs=1e-6)


@pytest.mark.parametrize(("real", "fake"), [(0.9, 0.2), (0.01, 0.99), (0.5, 0.3)])
def test_discriminator_loss_is_half_the_two_cross_entropies(real, fake):
    expected = -0.5 * (math.log(real) + math.log(1 - fake))
    assert float(losses.discriminator(logit(real), logit(fake))) == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize(("belief", "gradient"), [(0.01, -0.99), (0.5, -0.5), (0.99, -0.01)])
def test_the_non_saturating_gradient_in_the_logit_is_d_minus_1(belief, gradient):
    a = logit(belief)
    with tf.GradientTape() as tape:
        tape.watch(a)
        loss = losses.non_saturating(a)
    assert float(loss) == pytest.approx(-math.log(belief), rel=1e-5)
    assert tape.gradient(loss, a).numpy().item() == pytest.approx(gradient, abs=1e-5)


def test_losses_are_finite_and_exact_at_far_logits():
    far = tf.constant([[50.0], [-50.0]])
    assert float(losses.non_saturating(far)) == pytest.approx(25.0, abs=1e-5)
    assert np.isfinite(float(losses.discriminator(far, far)))
    assert float(losses.mean_probability(far)) == pytest.approx(0.5)
