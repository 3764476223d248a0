"""bgan: importance weights, the policy gradient on images of three pixels, and what the discriminator sees."""

import itertools

import numpy as np
import pytest
from helpers.tiny import BatchesOf, build

from gancli.core.backend import tf
from gancli.models import bgan

ALL_IMAGES = np.array(list(itertools.product((0.0, 1.0), repeat=3)), np.float32)  # of three pixels


def test_weights_are_odds_over_their_sum_for_each_z():
    d = np.array([[0.5, 0.9], [0.2, 0.9], [0.8, 0.1]])
    odds = d / (1 - d)
    found = bgan.importance_weights(tf.constant(np.log(odds), tf.float32))
    np.testing.assert_allclose(found, odds / odds.sum(axis=0), rtol=1e-5)


def test_weights_have_no_gradient():
    outputs = tf.constant([[1.0], [2.0]])
    with tf.GradientTape() as tape:
        tape.watch(outputs)
        weights = bgan.importance_weights(outputs)
    assert tape.gradient(weights, outputs) is None


def test_the_loss_is_the_weighted_log_likelihood_of_each_sample():
    random = np.random.default_rng(0)
    samples = random.integers(0, 2, (4, 2, 1, 3, 1)).astype(np.float32)
    weights = random.dirichlet(np.ones(4), 2).T.astype(np.float32)
    logits = random.normal(size=(2, 1, 3, 1)).astype(np.float32)
    p = 1 / (1 + np.exp(-logits))
    likelihood = (samples * np.log(p) + (1 - samples) * np.log(1 - p)).sum(axis=(2, 3, 4))
    found = bgan.policy_gradient_loss(tf.constant(samples), tf.constant(weights), tf.constant(logits))
    assert float(found) == pytest.approx(-(weights * likelihood).sum(axis=0).mean(), rel=1e-5)


def test_the_policy_gradient_is_that_of_the_divergence_from_the_target_over_all_images():
    """With every image as a sample, weighted by how often it is drawn, the gradient is that of KL(target || g)."""
    logits, outputs = tf.constant([[0.3, -0.8, 1.2]]), np.array([0.2, -1.0, 0.7, 1.5, -0.3, 0.1, 2.0, -2.0])
    p = 1 / (1 + np.exp(-logits.numpy()[0]))
    drawn = np.where(ALL_IMAGES == 1, p, 1 - p).prod(axis=1)
    target = drawn * np.exp(outputs) / (drawn * np.exp(outputs)).sum()  # g D / (1 - D), normalized
    shaped = tf.reshape(logits, (1, 1, 3, 1))
    with tf.GradientTape() as tape:
        tape.watch(shaped)
        samples = tf.constant(ALL_IMAGES.reshape(8, 1, 1, 3, 1))
        weights = bgan.importance_weights(tf.constant(np.log(drawn) + outputs, tf.float32)[:, None])
        loss = bgan.policy_gradient_loss(samples, weights, shaped)
    gradient = tape.gradient(loss, shaped).numpy().ravel()

    def divergence(at):
        q = 1 / (1 + np.exp(-at))
        g = np.where(ALL_IMAGES == 1, q, 1 - q).prod(axis=1)
        return (target * np.log(target / g)).sum()

    steps = 1e-4 * np.eye(3)
    differences = [(divergence(logits.numpy()[0] + one) - divergence(logits.numpy()[0] - one)) / 2e-4 for one in steps]
    np.testing.assert_allclose(gradient, differences, atol=1e-4)


def test_drawn_samples_follow_the_weights_of_the_discriminator_on_average():
    """Many draws of few samples have, on average, the gradient that enumeration of all tuples of samples gives."""
    p, outputs, count = np.array([0.3, 0.6, 0.5]), np.linspace(-1, 1, 8), 2
    drawn = np.where(ALL_IMAGES == 1, p, 1 - p).prod(axis=1)
    expected = np.zeros(3)
    for one, other in itertools.product(range(8), repeat=count):
        weights = np.exp(outputs[[one, other]]) / np.exp(outputs[[one, other]]).sum()
        expected += drawn[one] * drawn[other] * (p - weights @ ALL_IMAGES[[one, other]])
    model = build("bgan", precision="float32")
    logits = tf.tile(tf.constant(np.log(p / (1 - p)), tf.float32)[None, None, :, None], (20_000, 1, 1, 1))
    samples = model._draw(logits, count)
    rows = tf.cast(tf.reduce_sum(samples[:, :, 0, :, 0] * [4.0, 2.0, 1.0], axis=-1), tf.int32)
    weights = bgan.importance_weights(tf.gather(tf.constant(outputs, tf.float32), rows))
    target = tf.einsum("mb,mbhwc->bhwc", weights, samples)
    found = p - tf.reduce_mean(target, axis=0).numpy().ravel()
    np.testing.assert_allclose(found, expected, atol=0.015)


@pytest.mark.parametrize("kind", bgan.BINARIZATIONS)
def test_the_discriminator_sees_binary_images_alone(kind, monkeypatch):
    model, seen = build("bgan", precision="float32", binarization=kind), []
    plain = model.networks["discriminator"].model.call
    monkeypatch.setattr(
        model.networks["discriminator"].model, "call", lambda x, *a, **k: (seen.append(x), plain(x, *a, **k))[1]
    )
    gray = tf.random.stateless_uniform((8, 8, 8, 1), (1, 2), -1.0, 1.0)
    model.train_step(BatchesOf({"image": gray}))
    assert len(seen) >= 2
    assert all(set(np.unique(one)) == {-1.0, 1.0} for one in seen)
    same = model.binarize(gray).numpy() == model.binarize(gray).numpy()
    assert same.all() == (kind == "threshold")


def test_pixels_are_binarized_by_their_brightness():
    model = build("bgan", precision="float32")
    ones = model.binarize(tf.fill((50_000,), 0.5)).numpy() == 1
    assert ones.mean() == pytest.approx(0.75, abs=0.01)


def test_a_decoded_pixel_is_its_probability():
    model = build("bgan", precision="float32", ema=0.0)
    z = tf.constant(model.latents([0, 1]))
    probabilities = tf.sigmoid(bgan.pixel_logits(model._before_tanh(z, training=False)))
    np.testing.assert_allclose((model.decode(z) + 1) / 2, probabilities, atol=1e-6)
