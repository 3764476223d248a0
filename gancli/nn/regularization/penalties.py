"""Penalties on the slope of a discriminator: WGAN-GP, DRAGAN, R1 and R2. All arithmetic is in float32.

They are trained by second derivatives, see second_derivatives.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from gancli.core.backend import Tensor, tf
from gancli.nn.network import Network, in_float32

Critic = Callable[[Tensor], Tensor]


def slopes(critic: Critic, images: Tensor) -> Tensor:
    """The gradient of each critic output by its image, float32 (batch, size): right if images are treated one by one.

    critic: images float32 (batch, …) -> outputs float32 (batch, 1).
    """
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        score = tf.reduce_sum(critic(images))
    unit = tf.cast(tf.reduce_min(images) > -1e30, score.dtype)  # 1, but no constant: see network.minimize
    gradient = tape.gradient(score, images, output_gradients=unit)
    return tf.reshape(gradient, (tf.shape(images)[0], -1))


def distance_from_one(critic: Critic, images: Tensor) -> Tensor:
    """E (‖∇ critic(x)‖ - 1)², a scalar. Gradient norms above and below 1 are penalized."""
    norms = tf.sqrt(tf.reduce_sum(slopes(critic, images) ** 2, axis=1) + 1e-12)  # the root has no gradient at 0
    return tf.reduce_mean((norms - 1.0) ** 2)


def gradient_penalty(critic: Critic, real: Tensor, fake: Tensor, share: Tensor) -> Tensor:
    """E (‖∇ critic(x̂)‖ - 1)², x̂ = share real + (1 - share) fake. Gulrajani et al. 2017 (1704.00028), equation 3.

    share: float32 (batch, 1, …), one number in [0, 1] for each pair.
    """
    return distance_from_one(critic, share * real + (1.0 - share) * fake)


def zero_centered(critic: Critic, images: Tensor) -> Tensor:
    """½ E ‖∇ critic(x)‖², a scalar. Mescheder et al. 2018 (1801.04406), equation 9: R1 on real images, R2 on generated.

    The weight γ is not part of it.
    """
    return 0.5 * tf.reduce_mean(tf.reduce_sum(slopes(critic, images) ** 2, axis=1))


def dragan(critic: Critic, real: Tensor, noise: Tensor) -> Tensor:
    """E (‖∇ critic(x + δ)‖ - 1)², δ = ½ std(x) noise. Kodali et al. 2017 (1705.07215), Algorithm 1 and their code.

    std: the standard deviation of all numbers of the batch. noise: float32, of the shape of `real`, from U(0, 1).
    """
    return distance_from_one(critic, real + 0.5 * tf.math.reduce_std(real) * noise)


@dataclass(frozen=True)
class Penalties:
    """The penalties of a training, called as penalties(network, real, fake, *conditioning) -> a scalar.

    Attributes: weights of the four penalties, 0 for none; `every`, discriminator steps between two computations, each
    of which counts `every` times (lazy regularization: Karras et al. 2020, 1912.04958, section 3.1); `uniform`, which
    draws from U(0, 1), shape -> float32.
    """

    uniform: Callable[[Tensor], Tensor]
    gradient_penalty: float = 0.0
    r1: float = 0.0
    r2: float = 0.0
    dragan: float = 0.0
    every: int = 1

    def __bool__(self) -> bool:
        return bool(self.gradient_penalty or self.r1 or self.r2 or self.dragan)

    def __call__(self, network: Network, real: Tensor, fake: Tensor, *conditioning: Tensor) -> Tensor:
        """The weighted sum of the penalties on a network float (batch, …) -> (batch, 1), a float32 scalar."""
        return self.of(network, lambda critic, x: critic(x, *conditioning), real, fake)

    def of(
        self, network: Network, output: Callable[[Callable[..., Tensor], Tensor], Tensor], real: Tensor, fake: Tensor
    ) -> Tensor:
        """As a call, for a network that has several inputs or outputs.

        output: (the network in float32, images) -> outputs (batch, 1), such as the first of two heads.
        """
        critic, is_due = in_float32(network), network.optimizer.iterations.value % self.every == 0

        def total() -> Tensor:
            return self.every * self._sum(lambda x: output(critic, x), real, fake)

        return total() if self.every == 1 else tf.cond(is_due, total, lambda: tf.constant(0.0))

    def _sum(self, critic: Critic, real: Tensor, fake: Tensor) -> Tensor:
        real, fake = tf.cast(real, tf.float32), tf.cast(fake, tf.float32)
        total = tf.constant(0.0)
        if self.gradient_penalty:
            share = self.uniform([tf.shape(real)[0], *([1] * (len(real.shape) - 1))])
            total += self.gradient_penalty * gradient_penalty(critic, real, fake, share)
        if self.r1:
            total += self.r1 * zero_centered(critic, real)
        if self.r2:
            total += self.r2 * zero_centered(critic, fake)
        if self.dragan:
            total += self.dragan * dragan(critic, real, self.uniform(tf.shape(real)))
        return total
