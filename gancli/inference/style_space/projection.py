"""Styles of real images, by gradient descent over w. Karras et al. 2020 (1912.04958), appendix D.

Differences from the paper: the distance is that of pixels, averaged over several resolutions, where the paper has LPIPS
of VGG, whose weights are not part of gancli; the noise inputs of the generator stay as they are, so they are not
optimized, and there is no regularization of them. W+, one w for each style layer, is from Abdal et al. 2019
(1904.03189).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from gancli.core.backend import Tensor, graph_function, keras, np, tf
from gancli.core.distributed.replica_ops import repeat
from gancli.core.progress import track
from gancli.imaging import images
from gancli.inference.style_space.sampler import StyleSampler
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.inference.trained_model import TrainedModel

SPACES = ("w", "w+")
STEPS = 1000
LEARNING_RATE = 0.1
RAMP_UP, RAMP_DOWN = 0.05, 0.25  # shares of the steps in which the learning rate rises, and falls
NOISE, NOISE_END = 0.05, 0.75  # times the deviation of w; share of the steps after which there is none
SMALLEST = 4  # the side of the coarsest resolution that is compared


class StyleProjection(NamedTuple):
    """w: float32 (count, w_size), or (count, style_layers, w_size) in W+. errors: mean squared errors of the
    reconstructions, pixels in [0, 1], float32 (count,)."""

    w: np.ndarray
    errors: np.ndarray


def distance(pixels: Tensor, others: Tensor) -> Tensor:
    """The mean squared difference at the full resolution, half of it, a quarter, …, averaged over these: float32 ().

    pixels, others: float32 (batch, height, width, channels). Each resolution is the mean of 2 x 2 pixels of the one
    before, down to sides of at least 4: the coarse ones compare where large parts are, whatever their details.
    """
    difference = pixels - others
    found = [tf.reduce_mean(difference**2)]
    while min(difference.shape[1:3]) >= 2 * SMALLEST:
        difference = tf.nn.avg_pool2d(difference, 2, 2, "VALID")
        found.append(tf.reduce_mean(difference**2))
    return tf.add_n(found) / len(found)


def noise_scale(share: Tensor) -> Tensor:
    """The noise on w, in multiples of its deviation: .05 t², with t from 1 to 0 in the first three quarters.

    share: of the steps that are done, float32 ().
    """
    return NOISE * tf.maximum(0.0, 1.0 - share / NOISE_END) ** 2


def rate_scale(share: Tensor) -> Tensor:
    """The factor of the learning rate: rises from 0 in the first twentieth, falls to 0 by a cosine in the last quarter.

    share: of the steps that are done, float32 ().
    """
    falling = tf.minimum(1.0, (1.0 - share) / RAMP_DOWN)
    return (0.5 - 0.5 * tf.cos(math.pi * falling)) * tf.minimum(1.0, share / RAMP_UP)


def project(
    sampler: StyleSampler, pixels: np.ndarray, *, space: str = "w", steps: int | None = None
) -> StyleProjection:
    """Find w of each image, uint8 (count, height, width, channels), by gradient descent from the mean w.

    space: "w", one for all style layers, or "w+", one for each. steps: 1,000 by default; the result is that
    of the last one.
    """
    descend = _descent(sampler, sampler.model.style_layers if space == "w+" else 1, steps or STEPS)
    found = []
    for image in track(pixels, f"finding {space} of images", total=len(pixels)):
        found.append([part.numpy() for part in descend(images.from_uint8(tf.constant(image[None])))])
    w, errors = (np.array(part, np.float32) for part in zip(*found, strict=True))
    return StyleProjection(w if space == "w+" else w[:, 0], errors)


def invert(trained: TrainedModel, pixels: np.ndarray, *, space: str = "w", steps: int | None = None) -> np.ndarray:
    """w of each image as of `project`, which is reported. Raises: OptionError for a model without style space."""
    sampler, note = StyleSampler.of(trained), trained.reporting.note
    note(f"finding {space} of {len(pixels)} images by gradient descent")
    found = project(sampler, pixels, space=space, steps=steps)
    note(f"mean squared errors of the reconstructions: {', '.join(f'{error:.4f}' for error in found.errors)}")
    return found.w


def _descent(sampler: StyleSampler, rows: int, steps: int) -> Callable[[Tensor], tuple[Tensor, Tensor]]:
    """A compiled function from an image, float32 (1, …), to its w, float32 (rows, w_size), and the error."""
    model, spread = sampler.model, sampler.deviation
    start = np.repeat(sampler.mean[None, None], rows, axis=1)
    w = keras.Variable(start, name="w")
    optimizer = adam(LEARNING_RATE, beta1=0.9)
    optimizer.build([w])
    rate = optimizer.learning_rate
    state = [variable for variable in optimizer.variables if variable.name != "learning_rate"]

    def synthesize(rows: Tensor) -> Tensor:
        return model.from_w(tf.broadcast_to(rows, (1, model.style_layers, model.w_size)))

    def step(index: Tensor, target: Tensor) -> None:
        share = tf.cast(index, tf.float32) / steps
        noise = tf.random.stateless_normal(w.shape, tf.stack([tf.cast(index, tf.int32), 0]))
        with tf.GradientTape(watch_accessed_variables=False) as tape:
            tape.watch(w.value)
            loss = distance(synthesize(w.value + noise * spread * noise_scale(share)), target)
        rate.assign(LEARNING_RATE * rate_scale(share))
        optimizer.apply([tape.gradient(loss, w.value)], [w])

    @graph_function
    def descend(target: Tensor) -> tuple[Tensor, Tensor]:
        w.assign(start)
        for variable in state:
            variable.assign(tf.zeros(variable.shape, variable.dtype))
        repeat(steps, lambda index: step(index, target))
        return w.value[0], tf.reduce_mean((synthesize(w.value) - target) ** 2) / 4.0

    return descend
