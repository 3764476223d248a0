"""f-gan: the losses of its divergences, the single step of both networks, and the alternative generator."""

import numpy as np
import pytest
from helpers.tiny import BatchesOf, build, data

from gancli.core.backend import tf
from gancli.core.errors import OptionError
from gancli.models import f_gan
from gancli.nn.losses import ADVERSARIAL_LOSSES

P, Q = np.array([0.5, 0.3, 0.2]), np.array([0.2, 0.2, 0.6])  # two distributions over three points
DIVERGENCES = {  # closed forms, and the best output a at the ratio u = p / q: g_f(a) = f'(u)
    "kl": (lambda u: u * np.log(u), lambda u: 1 + np.log(u)),
    "reverse-kl": (lambda u: -np.log(u), lambda u: np.log(u)),
    "pearson": (lambda u: (u - 1) ** 2, lambda u: 2 * (u - 1)),
    "squared-hellinger": (lambda u: (np.sqrt(u) - 1) ** 2, lambda u: np.log(u) / 2),
    "jensen-shannon": (lambda u: u * np.log(u) - (u + 1) * np.log((u + 1) / 2), np.log),
}


@pytest.mark.parametrize("name", DIVERGENCES)
def test_the_best_discriminator_reaches_the_divergence(name):
    f, best = DIVERGENCES[name]
    loss = ADVERSARIAL_LOSSES[f_gan.DIVERGENCES[name]]
    outputs = tf.constant(best(P / Q), tf.float32)
    climbed = [
        sum(float(weight * side(tf.reshape(a, (1, 1)))) for weight, a in zip(weights, outputs, strict=True))
        for weights, side in ((P, loss.real), (Q, loss.fake))
    ]
    assert -sum(climbed) == pytest.approx((Q * f(P / Q)).sum(), rel=1e-5)
    metric = loss.metrics(outputs[:1], outputs[:1])
    assert "divergence" in metric


def test_gan_is_the_minimax_loss_and_every_name_is_a_loss():
    assert f_gan.DIVERGENCES["gan"] == "minimax"
    assert set(f_gan.DIVERGENCES.values()) <= ADVERSARIAL_LOSSES.keys()
    assert f_gan.DIVERGENCES.keys() == {*DIVERGENCES, "gan"}


@pytest.mark.parametrize("name", f_gan.DIVERGENCES)
def test_the_alternative_generator_climbs_the_term_of_real_images(name):
    plain = ADVERSARIAL_LOSSES[f_gan.DIVERGENCES[name]]
    other = f_gan.alternative(plain)
    a = tf.constant([[0.7], [-0.4]])
    assert float(other.generator(a)) == float(plain.real(a))
    assert float(plain.generator(a)) == pytest.approx(-float(plain.fake(a)) * (2 if name == "gan" else 1))
    assert float(other.fake(a)) == float(plain.fake(a))


def test_a_step_has_the_loss_of_the_divergence_or_its_alternative():
    for objective in ("alternative", "bound"):
        loss = build("f-gan", divergence="gan", g_objective=objective).adversarial_config("divergence").loss
        assert (loss == ADVERSARIAL_LOSSES["minimax"]) == (objective == "bound")


def test_both_networks_step_on_one_batch_of_noise(monkeypatch):
    model = build("f-gan", precision="float32")
    drawn, plain = [], model.noise
    monkeypatch.setattr(model, "noise", lambda *shape: drawn.append(plain(*shape)) or drawn[-1])
    model.train_step(BatchesOf(model.pipeline.make_batch(data(model), tf.range(8))))
    assert len(drawn) == 1


def test_options_of_alternating_steps_and_other_losses_are_refused():
    with pytest.raises(OptionError, match="--d-steps 2: f-gan takes one step of each network"):
        build("f-gan", d_steps=2)
    with pytest.raises(OptionError, match="expected one of divergence"):
        build("f-gan", loss="hinge")
    with pytest.raises(OptionError, match="--label-smoothing needs a loss with targets, and kl has none"):
        build("f-gan", divergence="kl", label_smoothing=0.1)
