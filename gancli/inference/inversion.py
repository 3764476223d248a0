"""The latent vectors of real images: by a model's encoder, or by descent in z."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.distributed.replica_ops import repeat
from gancli.imaging import images
from gancli.inference.sampling import BATCH, in_batches
from gancli.models.base import one_hot
from gancli.models.capabilities import Encoder, Latent
from gancli.nn.optimizers import adam

RATE = 0.05  # of Adam, in the descent
DEVIATION = 0.1  # of a pixel in [-1, 1] from what a z makes, against which the prior weighs


def encode(model: Encoder, pixels: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """uint8 (count, height, width, channels) -> z float32 (count, z_size), 64 at a time.

    labels: int (count,), of a model that takes labels.
    """
    signature = [tf.TensorSpec((BATCH, *model.data.shape), tf.uint8)]
    columns = [pixels]
    if labels is not None:
        signature.append(tf.TensorSpec((BATCH, len(model.data.classes)), tf.float32))
        columns.append(one_hot(labels, model.data.classes).numpy())
    look = lambda shown, *given: model.encode(images.from_uint8(shown), *given)  # noqa: E731 (made a graph here)
    return in_batches(tf.function(look, input_signature=signature), *columns)


class Projection(NamedTuple):
    """z: float32 (count, z_size). errors: the mean squared errors of what they make, of pixels in [0, 1], (count,)."""

    z: np.ndarray
    errors: np.ndarray


def project(
    model: Latent,
    pixels: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    starts: int = 16,
    steps: int = 300,
    told: Callable[[int], None] = lambda done: None,
) -> Projection:
    """The z of each image that its model makes it from, or something near to it, found by descent.

    It is the likeliest z if a pixel deviates from G(z) by N(0, .1): the least ‖G(z) - x‖² / 2 0.1² - log p(z), x in
    [-1, 1], by Adam from the z's of the seeds 0, 1, …; a uniform z is kept inside its cube (Lipton & Tripathi 2017,
    1702.04782). Of so many starts the one whose image is nearest is taken.

    pixels: uint8 (count, height, width, channels). labels: int (count,), of a model that takes labels. told: after each
    image, how many are done.
    """
    z, first = keras.Variable(np.zeros((starts, model.z_size), np.float32), name="z"), model.latents(range(starts))
    optimizer, is_normal = adam(RATE, beta1=0.9), model.prior == "normal"
    optimizer.build([z])
    fresh = [variable for variable in optimizer.variables if variable.name != "learning_rate"]

    def squares(target: Tensor, given: tuple[Tensor, ...]) -> Tensor:
        return (model.decode(z.value, *given) - target) ** 2

    def step(target: Tensor, given: tuple[Tensor, ...]) -> None:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(z.value)
            cost = tf.reduce_sum(squares(target, given)) / (2.0 * DEVIATION**2)
            cost += 0.5 * tf.reduce_sum(z.value**2) if is_normal else 0.0
        optimizer.apply([tape.gradient(cost, z.value)], [z])
        if not is_normal:
            z.assign(tf.clip_by_value(z.value, -1.0, 1.0))

    @tf.function
    def descend(target: Tensor, *given: Tensor) -> tuple[Tensor, Tensor]:
        z.assign(first)
        for variable in fresh:
            variable.assign(tf.zeros(variable.shape, variable.dtype))
        repeat(steps, lambda index: step(target, given))
        errors = tf.reduce_mean(squares(target, given), axis=(1, 2, 3)) / 4.0
        best = tf.argmin(errors)
        return z.value[best], errors[best]

    found = []
    for number, image in enumerate(pixels):
        rows = [] if labels is None else [one_hot(labels[number : number + 1].repeat(starts), model.data.classes)]
        found.append([part.numpy() for part in descend(images.from_uint8(tf.constant(image[None])), *rows)])
        told(number + 1)
    vectors, errors = zip(*found, strict=True)
    return Projection(np.array(vectors, np.float32), np.array(errors, np.float32))
