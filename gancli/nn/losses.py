"""Adversarial losses, as functions of discriminator outputs float32 (batch, 1), and the terms of other objectives.

With a the logit and D = sigmoid(a): -log D = softplus(-a) and -log(1 - D) = softplus(a), which stay exact where the
sigmoid rounds to 0 or 1.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gancli.core.backend import Tensor, tf

LOG_TWO_PI = 1.8378770664093453
CAP = 10.0  # of the exponent in exponential losses, which continue along their tangent
Loss = Callable[[Tensor], Tensor]


class AdversarialLoss(NamedTuple):
    """Losses of discriminator outputs a: real(a) and fake(a) of the discriminator on real and generated images,
    generator(a) of the generator, and the metrics to record of both kinds of outputs.

    has_targets: whether the discriminator has the targets 1 and 0, so that the 1 can be smoothed. is_logit: whether
    sigmoid(a) is a probability. pair: if real and generated images are compared, the loss of both networks,
    pair(winner's a, other's a); real, fake and generator are then those of outputs compared with 0. middle: the output
    of the best discriminator for an image that is as often real as generated.
    """

    real: Loss
    fake: Loss
    generator: Loss
    metrics: Callable[[Tensor, Tensor], dict[str, Tensor]]
    has_targets: bool = False
    is_logit: bool = False
    pair: Callable[[Tensor, Tensor], Tensor] | None = None
    middle: float = 0.0

    def discriminator(self, real: Tensor, fake: Tensor) -> Tensor:
        """The discriminator's loss, a scalar, of its outputs for real and generated images, float32 (batch, 1)."""
        return self.pair(real, fake) if self.pair else self.real(real) + self.fake(fake)

    def of_generator(self, fake: Tensor, real: Callable[[], Tensor]) -> Tensor:
        """The generator's loss, a scalar. real: gives the outputs for real images, if they are compared."""
        return self.pair(fake, real()) if self.pair else self.generator(fake)

    def with_label_smoothing(self, share: float) -> AdversarialLoss:
        """One-sided label smoothing with the real target 1 - share, Salimans et al. 2016, section 3.4. Its loss is, up
        to a constant, this mixture of both losses."""
        return self._replace(real=lambda a: (1 - share) * self.real(a) + share * self.fake(a))


def mean_probability(logits: Tensor) -> Tensor:
    """E D, the mean probability of being real, in [0, 1]."""
    return tf.reduce_mean(tf.sigmoid(logits))


def _mean(loss: Loss) -> Loss:
    return lambda a: tf.reduce_mean(loss(a))


def _exp(a: Tensor) -> Tensor:
    """e^a up to a = 10, then its tangent, so that neither loss nor gradient overflows."""
    return tf.exp(tf.minimum(a, CAP)) * (1.0 + tf.nn.relu(a - CAP))


def _probabilities(real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    return {"D(x)": mean_probability(real), "D(G(z))": mean_probability(fake)}


def _outputs(real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    return {"output_real": tf.reduce_mean(real), "output_fake": tf.reduce_mean(fake)}


def _distance(real: Tensor, fake: Tensor) -> dict[str, Tensor]:
    return {"distance": tf.reduce_mean(real) - tf.reduce_mean(fake)}


def _cross_entropy(generator: Loss) -> AdversarialLoss:
    """J_D = -½ E log D(x) - ½ E log(1 - D(G(z))). Goodfellow 2016 (1701.00160), equation 8. ln 2 where D = ½."""
    real, fake = (lambda a: 0.5 * tf.nn.softplus(-a)), (lambda a: 0.5 * tf.nn.softplus(a))
    return AdversarialLoss(_mean(real), _mean(fake), _mean(generator), _probabilities, has_targets=True, is_logit=True)


def _f_divergence(activation: Loss, conjugate: Loss, *, more: Callable | None = None) -> AdversarialLoss:
    """Nowozin et al. 2016 (1606.00709), equation 6: T = g(a); D climbs E T(x) - E f*(T(G(z))), G descends it.

    activation: g, of table 6; conjugate: f*(g(a)). The value D climbs is a lower bound of the divergence.
    """

    def real(a: Tensor) -> Tensor:
        return -activation(a)

    def generator(a: Tensor) -> Tensor:
        return -conjugate(a)

    def metrics(real_a: Tensor, fake_a: Tensor) -> dict[str, Tensor]:
        bound = tf.reduce_mean(activation(real_a)) - tf.reduce_mean(conjugate(fake_a))
        return (more(real_a, fake_a) if more else {}) | {"divergence": bound}

    return AdversarialLoss(
        _mean(real), _mean(conjugate), _mean(generator), metrics, has_targets=bool(more), is_logit=bool(more)
    )


def _pairing(winner: Tensor, other: Tensor) -> Tensor:
    return tf.reduce_mean(tf.nn.softplus(other - winner))


def _averaging(winner: Tensor, other: Tensor) -> Tensor:
    more, less = winner - tf.reduce_mean(other), other - tf.reduce_mean(winner)
    return tf.reduce_mean(tf.nn.softplus(-more)) + tf.reduce_mean(tf.nn.softplus(less))


def _relativistic(pair: Callable[[Tensor, Tensor], Tensor]) -> AdversarialLoss:
    """D and G minimize the same pair loss with the roles of real and generated images exchanged."""

    def metrics(real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        return _outputs(real, fake) | {"real_above_fake": tf.reduce_mean(tf.cast(real > fake, tf.float32))}

    return _cross_entropy(lambda a: tf.nn.softplus(-a))._replace(
        metrics=metrics, has_targets=False, is_logit=False, pair=pair
    )


_LN2 = 0.6931471805599453

ADVERSARIAL_LOSSES: dict[str, AdversarialLoss] = {
    # J_G = E log(1 - D(G(z))). Goodfellow et al. 2014, equation 1. The tutorial of 2016 halves this and the next two.
    "minimax": _cross_entropy(lambda a: -tf.nn.softplus(a)),
    # J_G = -E log D(G(z)). Goodfellow et al. 2014, section 3, and their code. ln 2 where D = ½.
    "non-saturating": _cross_entropy(lambda a: tf.nn.softplus(-a)),
    # J_G = -E exp(a), that is -E D / (1 - D). Goodfellow 2016, section 3.2.4; beyond a = 10 along the tangent.
    "maximum-likelihood": _cross_entropy(lambda a: -_exp(a)),
    # J_D = ½ E (a(x) - 1)² + ½ E a(G(z))², J_G = ½ E (a - 1)². Mao et al. 2017 (1611.04076), equation 9.
    "least-squares": AdversarialLoss(
        _mean(lambda a: 0.5 * (a - 1.0) ** 2),
        _mean(lambda a: 0.5 * a**2),
        _mean(lambda a: 0.5 * (a - 1.0) ** 2),
        _outputs,
        has_targets=True,
        middle=0.5,
    ),
    # J_D = E a(G(z)) - E a(x), J_G = -E a(G(z)), with a bounded gradient of a. Arjovsky et al. 2017, Algorithm 1.
    "wasserstein": AdversarialLoss(_mean(lambda a: -a), _mean(lambda a: a), _mean(lambda a: -a), _distance),
    # J_D = E max(0, 1 - a(x)) + E max(0, 1 + a(G(z))), J_G = -E a. Lim & Ye 2017 (1705.02894).
    "hinge": AdversarialLoss(
        _mean(lambda a: tf.nn.relu(1.0 - a)), _mean(lambda a: tf.nn.relu(1.0 + a)), _mean(lambda a: -a), _outputs
    ),
    # J_D as non-saturating, J_G = ½ E a² = ½ E (log D - log(1 - D))². Hjelm et al. 2017 (1702.08431), equation 10.
    "boundary-seeking": _cross_entropy(lambda a: 0.5 * a**2),
    # J_D = E softplus(a(G(z)) - a(x)), J_G = E softplus(a(x) - a(G(z))), of pairs.
    # Jolicoeur-Martineau 2018 (1807.00734), section 4.1; RpGAN of Huang et al. 2024 (2501.05441), equation 2.
    "relativistic": _relativistic(_pairing),
    # J_D = -E log σ(a(x) - E a(G(z))) - E log(1 - σ(a(G(z)) - E a(x))), J_G with x and G(z) exchanged. Ibid., 4.2.
    "relativistic-average": _relativistic(_averaging),
    # f*(t) = exp(t - 1), g(a) = a
    "kl": _f_divergence(lambda a: a, lambda a: _exp(a - 1.0))._replace(middle=1.0),
    # f*(t) = -1 - log(-t), g(a) = -exp(-a)
    "reverse-kl": _f_divergence(lambda a: -_exp(-a), lambda a: a - 1.0),
    # f*(t) = t²/4 + t, g(a) = a
    "pearson": _f_divergence(lambda a: a, lambda a: 0.25 * a**2 + a),
    # f*(t) = t / (1 - t), g(a) = 1 - exp(-a)
    "squared-hellinger": _f_divergence(lambda a: 1.0 - _exp(-a), lambda a: _exp(a) - 1.0),
    # f*(t) = -log(2 - exp t), g(a) = log 2 - log(1 + exp(-a)); a is the logit of the classic loss
    "jensen-shannon": _f_divergence(
        lambda a: _LN2 - tf.nn.softplus(-a), lambda a: tf.nn.softplus(a) - _LN2, more=_probabilities
    ),
}

SEPARABLE_LOSSES = {name: loss for name, loss in ADVERSARIAL_LOSSES.items() if loss.pair is None}


def feature_matching(real: Tensor, fake: Tensor) -> Tensor:
    """‖E f(x) - E f(G(z))‖² of features float (batch, size). Salimans et al. 2016 (1606.03498), section 3.1."""
    gap = tf.reduce_mean(tf.cast(real, tf.float32), axis=0) - tf.reduce_mean(tf.cast(fake, tf.float32), axis=0)
    return tf.reduce_sum(gap**2)


def auxiliary_class_loss(logits: Tensor, labels: Tensor) -> Tensor:
    """-E log P(c | image), P the softmax of the logits (batch, classes); labels: one-hot. Odena et al. 2016, eq. 3."""
    return tf.reduce_mean(tf.nn.softmax_cross_entropy_with_logits(labels, logits))


def pulling_away(codes: Tensor) -> Tensor:
    """The mean squared cosine of two different codes, float (batch, size). Zhao et al. 2016 (1609.03126), section 2.4.

    1 where all codes point one way, 0 where each two are orthogonal.
    """
    codes = tf.cast(codes, tf.float32)
    unit = codes * tf.math.rsqrt(
        tf.reduce_sum(codes**2, axis=1, keepdims=True) + 1e-12
    )  # the root has no gradient at 0
    count = tf.cast(tf.shape(codes)[0], tf.float32)
    cosines = tf.matmul(unit, unit, transpose_b=True)
    own = tf.reduce_sum(tf.linalg.diag_part(cosines) ** 2)
    return (tf.reduce_sum(cosines**2) - own) / (count * (count - 1.0))


def joint_embedding_hinge_loss(images: Tensor, texts: Tensor) -> Tensor:
    """The hinge of a joint embedding: each right pair is to score 1 more than each wrong one of the batch.

    E max(0, 1 + s(image, other text) - s(image, text)) and the same of other images, s the product of two vectors,
    float (batch, size) each: Reed et al. 2016 (1605.05395), equations 2 to 5, of a batch of different pictures.
    """
    scores = tf.matmul(tf.cast(images, tf.float32), tf.cast(texts, tf.float32), transpose_b=True)
    right = tf.linalg.diag_part(scores)
    wrong = 1.0 - tf.eye(tf.shape(scores)[0])
    gaps = tf.nn.relu(1.0 + scores - right[:, None]) + tf.nn.relu(1.0 + scores - right[None, :])
    return tf.reduce_sum(gaps * wrong) / tf.reduce_sum(wrong)


def gaussian_kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, 1)) in nats, summed over a row, float32 (batch, size) -> (batch,).

    -½ Σ (1 + log σ² - μ² - σ²): Kingma & Welling 2013 (1312.6114), appendix B.
    """
    return -0.5 * tf.reduce_sum(1.0 + log_variance - mean**2 - tf.exp(log_variance), axis=1)


def log_normal(x: Tensor, mean: Tensor, log_variance: Tensor) -> Tensor:
    """log N(x; mean, variance) in nats, summed over all but the first axis, float32 (batch,)."""
    squared = (x - mean) ** 2 * tf.exp(-log_variance) + log_variance + LOG_TWO_PI
    return -0.5 * tf.reduce_sum(squared, axis=list(range(1, len(x.shape))))


def log_bernoulli(x: Tensor, logits: Tensor) -> Tensor:
    """log p(x), p(x = 1) = σ(logit), in nats, summed over all but the first axis, float32 (batch,). x: 0 or 1."""
    each = tf.nn.sigmoid_cross_entropy_with_logits(x, logits)
    return -tf.reduce_sum(each, axis=list(range(1, len(logits.shape))))
