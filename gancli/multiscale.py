"""The multi-scale Parzen log-likelihood of a pyramid: Denton et al. 2015, arXiv:1506.05751, appendix A.

Each 2x2 block of pixels is turned, by an orthogonal map, into its mean (times two) and three details. The density of an
image is then that of its details given its coarse half, times that of the coarse half, and so on down to the coarsest:

    log p(I) = log p(coarsest) + sum over levels of (log p(details | coarse) - numbers in coarse * log 2)

Both kinds are Gaussian windows, around samples of the coarsest level, and around draws of a level's generator for the
image's own coarse half.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from gancli import images
from gancli.abilities import Pyramid
from gancli.backend import Tensor, tf
from gancli.errors import OptionError
from gancli.metrics import parzen
from gancli.sampling import in_batches

TEST, VALIDATION, DRAWS = 200, 100, 128  # images to score, and to choose widths on; draws of a level for each
WIDTHS = tuple(float(sigma) for sigma in np.logspace(-2.5, 0.5, 31))


class Real(NamedTuple):
    """Real images uint8 (count, *shape), and their labels int (count,) for a model that takes labels."""

    pixels: np.ndarray
    labels: np.ndarray | None


class Score(NamedTuple):
    """Nats: the mean over images, its standard error, the deviation of an image; the means and widths of each level."""

    mean: float
    standard_error: float
    deviation: float
    levels: tuple[float, ...]
    sigmas: tuple[float, ...]


def check(model: Pyramid) -> None:
    """Raise OptionError for a pyramid whose levels are not halves."""
    if any(2 * coarse != fine for coarse, fine in zip(model.sides, model.sides[1:], strict=False)):
        raise OptionError(f"--multi-scale needs levels that double, these are {', '.join(map(str, model.sides))}")


def details(pixels: np.ndarray) -> np.ndarray:
    """The three details of each 2x2 block, float (count, 2n, 2n, channels) -> (count, 3 n² channels).

    With twice the blocks' means they are an orthogonal map of the image.
    """
    a, b, c, d = (pixels[:, top::2, left::2] for top in (0, 1) for left in (0, 1))
    parts = np.stack([a - b + c - d, a + b - c - d, a - b - c + d], axis=-1) / 2
    return parts.reshape(len(pixels), -1)


def means(pixels: np.ndarray) -> np.ndarray:
    """The means of 2x2 blocks, float (count, 2n, 2n, channels) -> (count, n, n, channels)."""
    count, side, _, channels = pixels.shape
    return pixels.reshape(count, side // 2, 2, side // 2, 2, channels).mean(axis=(2, 4))


def score(
    model: Pyramid, tuning: Real, test: Real, *, samples: int, told: Callable[[int], None] = lambda done: None
) -> Score:
    """Choose a width for each level on the images of `tuning`, and score those of `test`, of pixels in [0, 1].

    samples: of the coarsest level. told: how many images of levels are done.
    """
    drawn = _coarsest(model, samples)
    totals, levels, sigmas, done = np.zeros(len(test.pixels)), [], [], 0
    for level in range(len(model.sides)):
        if level == 0:
            tuned, tested = (
                parzen.log_likelihoods(drawn, _at(real.pixels, model.sides[0]).reshape(len(real.pixels), -1), WIDTHS)
                for real in (tuning, test)
            )
        else:
            given = _given(model, level)
            tuned, tested = (
                _of_details(real, given, model.sides[level], lambda count, done=done: told(done + count))
                for real in (tuning, test)
            )
            done += len(tuning.pixels) + len(test.pixels)
            blocks = model.sides[level - 1] ** 2 * model.data.shape[2]
            tested = tested - blocks * np.log(2.0)
        best = int(tuned.mean(axis=1).argmax())
        totals += tested[best]
        levels.append(float(tested[best].mean()))
        sigmas.append(WIDTHS[best])
    deviation = float(totals.std())
    return Score(float(totals.mean()), deviation / len(totals) ** 0.5, deviation, tuple(levels), tuple(sigmas))


def _at(pixels: np.ndarray, side: int) -> np.ndarray:
    """Images in [0, 1], halved down to a side, float32."""
    found = images.to_unit(pixels)
    while found.shape[1] > side:
        found = means(found)
    return found.astype(np.float32)


def _coarsest(model: Pyramid, count: int) -> np.ndarray:
    """Samples of the coarsest level, of every class in turn, float32 (count, numbers) in [0, 1]."""
    columns = [model.latents(range(count))]
    if "label" in model.columns:
        columns.append(np.eye(len(model.data.classes), dtype=np.float32)[np.arange(count) % len(model.data.classes)])
    return (in_batches(tf.function(model.coarsest), *columns).reshape(count, -1) + 1) / 2


Given = Callable[[np.ndarray, int | None], np.ndarray]


def _given(model: Pyramid, level: int) -> Given:
    """Draws the details of a level for a coarse image, float32 (side, side, channels) in [0, 1] -> (draws, numbers)."""
    z = tf.constant(model.latents(range(DRAWS)))

    @tf.function
    def refined(coarse: Tensor, z: Tensor, *condition: Tensor) -> Tensor:
        enlarged, found = model.refine(level, coarse, z, *condition)
        return enlarged + found

    def given(coarse: np.ndarray, label: int | None) -> np.ndarray:
        rows = np.repeat(2 * coarse[None] - 1, DRAWS, axis=0)
        classes = len(model.data.classes)
        condition = [] if label is None else [np.eye(classes, dtype=np.float32)[np.full(DRAWS, label)]]
        return details((refined(rows, z, *condition).numpy() + 1) / 2)

    return given


def _of_details(real: Real, given: Given, side: int, told: Callable[[int], None]) -> np.ndarray:
    """The log-likelihoods of the details of images at a side, given their own coarse halves, (widths, images)."""
    fine = _at(real.pixels, side)
    coarse, wanted, found = means(fine), details(fine), []
    for number, (below, detail) in enumerate(zip(coarse, wanted, strict=True)):
        label = None if real.labels is None else int(real.labels[number])
        found.append(parzen.log_likelihoods(given(below, label), detail[None], WIDTHS)[:, 0])
        told(number + 1)
    return np.stack(found, axis=1)
