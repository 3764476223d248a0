"""Losses of adversarial games, as functions of the discriminator's logits: float32 (batch, 1) in, a scalar out.

With a the logit and D = sigmoid(a): -log D = softplus(-a) and -log(1 - D) = softplus(a), exact where the sigmoid
has long been rounded to 0 or 1.
"""

from __future__ import annotations

from gancli.backend import Tensor, tf


def discriminator(real: Tensor, fake: Tensor) -> Tensor:
    """J_D = -½ E log D(x) - ½ E log(1 - D(G(z))). Goodfellow 2016 (1701.00160), equation 8. ln 2 where D = ½."""
    return 0.5 * (tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake)))


def non_saturating(fake: Tensor) -> Tensor:
    """J_G = -E log D(G(z)): the generator's cost as in the code of Goodfellow et al. 2014. ln 2 where D = ½."""
    return tf.reduce_mean(tf.nn.softplus(-fake))


def mean_probability(logits: Tensor) -> Tensor:
    """E D, the discriminator's mean belief that its input is real, in [0, 1]."""
    return tf.reduce_mean(tf.sigmoid(logits))
