"""The multi-scale Parzen log-likelihood of a pyramid: Denton et al. 2015, arXiv:1506.05751, appendix A.

Each 2x2 block of pixels is turned, by an orthogonal map, into its mean (times two) and three details. The density of an
image is then that of its details given its coarse half, times that of the coarse half, and so on down to the coarsest:

    log p(I) = log p(coarsest) + sum over levels of (log p(details | coarse) - numbers in coarse * log 2)

Both kinds are Gaussian windows, around samples of the coarsest level, and around draws of a level's generator for the
image's own coarse half.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import OptionError
from gancli.evaluation.metrics import parzen
from gancli.imaging import images
from gancli.inference.sampling import in_batches
from gancli.models.capabilities import Pyramid

TEST, VALIDATION, DRAWS = 200, 100, 128  # images to score, and to choose widths on; draws of a level for each


@functools.cache
def widths() -> tuple[float, ...]:
    """The widths of the windows that are tried, of the details of every level."""
    return tuple(np.logspace(-2.5, 0.5, 31).tolist())


class Score(NamedTuple):
    """Nats: the mean over images, its standard error, the deviation of an image, both None of one image; the means and
    widths of each level."""

    mean: float
    standard_error: float | None
    deviation: float | None
    levels: tuple[float, ...]
    sigmas: tuple[float, ...]


def check(model: Pyramid) -> None:
    """Raise OptionError for a pyramid whose levels are not halves, or that takes labels: p(I) would mix all classes."""
    if "label" in model.columns:
        raise OptionError("--multi-scale is for a pyramid that takes no labels")
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
    model: Pyramid,
    tuning: np.ndarray,
    test: np.ndarray,
    *,
    samples: int,
    told: Callable[[int], None] = lambda done: None,
) -> Score:
    """Choose a width for each level on the images of `tuning`, and score those of `test`, of pixels in [0, 1].

    tuning, test: uint8 (count, *shape). samples: of the coarsest level. told: how many images of levels are done.
    """
    totals, levels, sigmas, done = np.zeros(len(test)), [], [], 0
    for level, side in enumerate(model.sides):
        if level == 0:
            drawn = _coarsest(model, samples)
            tuned, tested = (
                parzen.log_likelihoods(drawn, _at(pixels, side).reshape(len(pixels), -1), widths())
                for pixels in (tuning, test)
            )
        else:
            both = _at(np.concatenate([tuning, test]), side)
            found = _of_details(both, _given(model, level), lambda count, done=done: told(done + count))
            done += len(both)
            blocks = model.sides[level - 1] ** 2 * model.data.shape[2]
            tuned, tested = np.split(found - blocks * np.log(2.0), [len(tuning)], axis=1)
        best = int(tuned.mean(axis=1).argmax())
        totals += tested[best]
        levels.append(float(tested[best].mean()))
        sigmas.append(widths()[best])
    deviation = float(totals.std()) if len(totals) > 1 else None
    error = None if deviation is None else deviation / len(totals) ** 0.5
    return Score(float(totals.mean()), error, deviation, tuple(levels), tuple(sigmas))


def _at(pixels: np.ndarray, side: int) -> np.ndarray:
    """Images in [0, 1], halved down to a side, float32."""
    found = images.to_unit(pixels)
    while found.shape[1] > side:
        found = means(found)
    return found.astype(np.float32)


def _coarsest(model: Pyramid, count: int) -> np.ndarray:
    """Samples of the coarsest level, float32 (count, numbers) in [0, 1]."""
    return (in_batches(tf.function(model.coarsest), model.latents(range(count))).reshape(count, -1) + 1) / 2


Given: TypeAlias = "Callable[[np.ndarray], np.ndarray]"


def _given(model: Pyramid, level: int) -> Given:
    """Draws the details of a level for a coarse image, float32 (side, side, channels) in [0, 1] -> (draws, numbers)."""
    z = tf.constant(model.latents(range(DRAWS)))

    @tf.function
    def refined(coarse: Tensor) -> Tensor:
        enlarged, found = model.refine(level, coarse, z)
        return enlarged + found

    return lambda coarse: details((refined(np.repeat(2 * coarse[None] - 1, DRAWS, axis=0)).numpy() + 1) / 2)


def _of_details(fine: np.ndarray, given: Given, told: Callable[[int], None]) -> np.ndarray:
    """The log-likelihoods of the details of images in [0, 1], given their own coarse halves, (widths, images)."""
    found = []
    for number, (below, detail) in enumerate(zip(means(fine), details(fine), strict=True)):
        found.append(parzen.log_likelihoods(given(below), detail[None], widths())[:, 0])
        told(number + 1)
    return np.stack(found, axis=1)
