"""Latent vectors of real images (GAN inversion): from an encoder, or by gradient descent over z."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from gancli.core.backend import Tensor, graph_function, keras, np, tf
from gancli.core.distributed.replica_ops import repeat
from gancli.core.progress import track
from gancli.imaging import images
from gancli.inference.sampling import BATCH, in_batches
from gancli.models.base import one_hot
from gancli.models.capabilities import Encoder, Latent
from gancli.nn.optimizers import adam

STARTS, STEPS = 16, 300
LEARNING_RATE = 0.05
DEVIATION = 0.1  # standard deviation of a pixel in [-1, 1] around G(z), which weighs the prior


def encode(model: Encoder, pixels: np.ndarray, labels: np.ndarray | None = None) -> np.ndarray:
    """Encode images uint8 (count, height, width, channels) -> z float32 (count, z_size), 64 at a time.

    labels: int (count,), for a class-conditional model.
    """
    signature = [tf.TensorSpec((BATCH, *model.data.shape), tf.uint8)]
    columns = [pixels]
    if labels is not None:
        signature.append(tf.TensorSpec((BATCH, len(model.data.classes)), tf.float32))
        columns.append(one_hot(labels, model.data.classes).numpy())

    def run(batch: Tensor, *condition: Tensor) -> Tensor:
        return model.encode(images.from_uint8(batch), *condition)

    return in_batches(graph_function(run, input_signature=signature), *columns)


class Projection(NamedTuple):
    """z: float32 (count, z_size). errors: mean squared errors of the reconstructions, pixels in [0, 1], (count,)."""

    z: np.ndarray
    errors: np.ndarray


def project(
    model: Latent,
    pixels: np.ndarray,
    labels: np.ndarray | None = None,
    *,
    starts: int = STARTS,
    steps: int = STEPS,
) -> Projection:
    """Find z of each image by gradient descent.

    The maximum of the posterior if a pixel deviates from G(z) by N(0, .1): minimizes ‖G(z) - x‖² / 2 0.1² - log p(z), x
    in [-1, 1], by Adam from z of the seeds 0, 1, …; a uniform z is clipped to its cube (Lipton & Tripathi 2017,
    1702.04782). Of all starts, the one with the smallest reconstruction error is kept.

    pixels: uint8 (count, height, width, channels). labels: int (count,), for a class-conditional model.
    """
    descend = _descent(model, starts, steps)
    found = []
    for number, image in enumerate(track(pixels, "finding z of images", total=len(pixels))):
        rows = [] if labels is None else [one_hot(labels[number : number + 1].repeat(starts), model.data.classes)]
        found.append([part.numpy() for part in descend(images.from_uint8(tf.constant(image[None])), *rows)])
    vectors, errors = zip(*found, strict=True)
    return Projection(np.array(vectors, np.float32), np.array(errors, np.float32))


def _descent(model: Latent, starts: int, steps: int) -> Callable[..., tuple[Tensor, Tensor]]:
    """A compiled function from an image, and its condition repeated for all starts, to the best z and its error."""
    z, first = keras.Variable(np.zeros((starts, model.z_size), np.float32), name="z"), model.latents(range(starts))
    optimizer, is_normal = adam(LEARNING_RATE, beta1=0.9), model.prior == "normal"
    optimizer.build([z])
    state = [variable for variable in optimizer.variables if variable.name != "learning_rate"]

    def squares(target: Tensor, condition: tuple[Tensor, ...]) -> Tensor:
        return (model.decode(z.value, *condition) - target) ** 2

    def step(target: Tensor, condition: tuple[Tensor, ...]) -> None:
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(z.value)
            loss = tf.reduce_sum(squares(target, condition)) / (2.0 * DEVIATION**2)
            loss += 0.5 * tf.reduce_sum(z.value**2) if is_normal else 0.0
        optimizer.apply([tape.gradient(loss, z.value)], [z])
        if not is_normal:
            z.assign(tf.clip_by_value(z.value, -1.0, 1.0))

    @graph_function
    def descend(target: Tensor, *condition: Tensor) -> tuple[Tensor, Tensor]:
        z.assign(first)
        for variable in state:
            variable.assign(tf.zeros(variable.shape, variable.dtype))
        repeat(steps, lambda index: step(target, condition))
        errors = tf.reduce_mean(squares(target, condition), axis=(1, 2, 3)) / 4.0
        best = tf.argmin(errors)
        return z.value[best], errors[best]

    return descend
