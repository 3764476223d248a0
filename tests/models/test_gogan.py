"""gogan: the margins of its losses, its stages, and the generator that is kept from the stage before."""

import numpy as np
import pytest
from helpers.tiny import BatchesOf, build, data, state

from gancli.core.backend import tf
from gancli.models import gogan


@pytest.mark.parametrize(
    ("real", "fake", "expected"),
    [([3.0], [1.0], 0.0), ([2.0], [1.0], 0.0), ([1.5], [1.0], 0.5), ([0.0], [1.0], 2.0), ([3.0, 0.0], [1.0, 1.0], 1.0)],
)
def test_a_pair_that_is_a_margin_apart_costs_nothing(real, fake, expected):
    found = gogan.margin_loss(tf.constant(real)[:, None], tf.constant(fake)[:, None], 1.0)
    assert float(found) == pytest.approx(expected)


def test_a_wide_margin_has_the_gradient_of_the_wasserstein_loss():
    real, fake = tf.constant([[0.3], [0.9]]), tf.constant([[0.5], [0.1]])
    with tf.GradientTape() as tape:
        tape.watch([real, fake])
        loss = gogan.margin_loss(real, fake, 10.0)
    slopes = tape.gradient(loss, [real, fake])
    np.testing.assert_allclose(slopes[0], [[-0.5], [-0.5]])
    np.testing.assert_allclose(slopes[1], [[0.5], [0.5]])


def test_stages_share_the_steps_and_all_but_the_first_rank():
    model = build("gogan", stages=3, steps=10)
    assert [(stage.name, stage.steps) for stage in model.stages()] == [("stage-1", 3), ("stage-2", 3), ("stage-3", 4)]
    assert [stage.step.keywords["ranks"] for stage in model.stages()] == [False, True, True]


def test_the_critic_loss_of_a_later_stage_adds_two_margins_to_the_earlier_generator(monkeypatch):
    model, margins = build("gogan", precision="float32", margin=0.25, ranking_weight=3.0, d_steps=1), []
    plain = gogan.margin_loss

    def watched(real, fake, margin):
        margins.append((margin, plain(real, fake, margin)))
        return margins[-1][1]

    monkeypatch.setattr(gogan, "margin_loss", watched)
    batch = model.pipeline.make_batch(data(model), tf.range(8))
    found = model.train_step(BatchesOf(batch), ranks=True)
    assert [margin for margin, _ in margins] == [0.25, 0.5]
    assert float(found["discriminator_loss"]) == pytest.approx(float(margins[0][1] + 3.0 * margins[1][1]), rel=1e-6)
    assert float(found["gap_left"]) == pytest.approx(float(found["distance"] / found["previous_distance"]), rel=1e-5)
    del margins[:]
    assert "gap_left" not in model.train_step(BatchesOf(batch))
    assert [margin for margin, _ in margins] == [0.25]


def test_the_earlier_generator_is_that_of_the_end_of_the_stage_before_and_is_saved():
    model = build("gogan", precision="float32", stages=2, steps=4, d_steps=1)
    batches = BatchesOf(model.pipeline.make_batch(data(model), tf.range(8)))
    first, second = model.stages()
    kept = [name for name in state(model) if name.startswith("previous/")]
    model.on_stage_start(0, None)
    first.step(batches)
    model.on_stage_start(1, None)
    expected = [weight.numpy() for weight in model.generator.model.weights]
    second.step(batches)
    held, now = state(model), [weight.numpy() for weight in model.generator.model.weights]
    assert all(np.array_equal(held[name], weight) for name, weight in zip(kept, expected, strict=True))
    assert not all(np.array_equal(weight, old) for weight, old in zip(now, expected, strict=True))
    limit = model.options.weight_clip
    assert all(np.abs(weight.numpy()).max() <= limit for weight in model.discriminator.model.trainable_weights)
