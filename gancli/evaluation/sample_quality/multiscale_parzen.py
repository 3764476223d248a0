"""The multi-scale Parzen log-likelihood of a pyramid: Denton et al. 2015, arXiv:1506.05751, appendix A.

An orthogonal map turns each 2x2 block of pixels into its mean (times two) and three details. The density of an image is
then that of its details given its coarse half, times that of the coarse half, and so on down to the coarsest level:

    log p(I) = log p(coarsest) + sum over levels of (log p(details | coarse) - numbers in coarse * log 2)

Both densities are Parzen windows: around samples of the coarsest level, and around samples of a level's generator that
is conditioned on the image's own coarse half.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from gancli.core.backend import Tensor, graph_function, np, tf
from gancli.core.errors import DataError, OptionError
from gancli.core.progress import track
from gancli.data import Dataset
from gancli.evaluation.metrics import parzen
from gancli.imaging import images
from gancli.inference.sampling import in_batches
from gancli.models.capabilities import Pyramid

NUM_TEST, NUM_VALIDATION = 200, 100  # images to score, and to choose window widths on
DRAWS = 128  # samples of a level's details for each image


@functools.cache
def widths() -> tuple[float, ...]:
    """The window widths to choose from, for every level."""
    return tuple(np.logspace(-2.5, 0.5, 31).tolist())


@dataclass(frozen=True)
class MultiscaleResult:
    """Log-likelihoods in nats: the mean over the test images and its standard error, the standard deviation over
    images, both None for one image; the mean and the window width of each level, from the coarsest on."""

    mean: float
    standard_error: float | None
    deviation: float | None
    levels: tuple[float, ...]
    sigmas: tuple[float, ...]
    sides: tuple[int, ...]
    samples: int

    def to_dict(self) -> dict[str, object]:
        """The values that --json prints, by key."""
        return {
            "metric": "multi-scale Parzen log-likelihood, nats",
            "mean": self.mean,
            "standard_error": self.standard_error,
            "deviation": self.deviation,
            "levels": {str(side): mean for side, mean in zip(self.sides, self.levels, strict=True)},
            "sigma": list(self.sigmas),
            "draws": DRAWS,
            "samples": self.samples,
        }


def check(model: Pyramid) -> None:
    """Raise OptionError for a class-conditional pyramid, whose p(I) would mix all classes, or for levels that do not
    double the side."""
    if "label" in model.columns:
        raise OptionError("--multi-scale does not work for a class-conditional pyramid; train it without labels")
    if any(2 * coarse != fine for coarse, fine in zip(model.sides, model.sides[1:], strict=False)):
        raise OptionError(
            f"--multi-scale needs levels whose side doubles; this run has {', '.join(map(str, model.sides))}"
        )


def tuning_images(dataset: Dataset) -> np.ndarray:
    """Training images to choose window widths on, uint8 (count, *shape). Raises: DataError if there are none."""
    rows = dataset.sample_rows(NUM_VALIDATION, among=dataset.split()[0])
    if not len(rows):
        raise DataError(f"'{dataset.name}' has no training images to choose window widths on")
    return dataset.take(rows)


def details(pixels: np.ndarray) -> np.ndarray:
    """The three details of each 2x2 block, float (count, 2n, 2n, channels) -> (count, 3 n² channels).

    Together with twice the means of the blocks they are an orthogonal map of the image.
    """
    a, b, c, d = (pixels[:, top::2, left::2] for top in (0, 1) for left in (0, 1))
    parts = np.stack([a - b + c - d, a + b - c - d, a - b - c + d], axis=-1) / 2
    return parts.reshape(len(pixels), -1)


def means(pixels: np.ndarray) -> np.ndarray:
    """The means of 2x2 blocks, float (count, 2n, 2n, channels) -> (count, n, n, channels)."""
    count, side, _, channels = pixels.shape
    return pixels.reshape(count, side // 2, 2, side // 2, 2, channels).mean(axis=(2, 4))


def score(model: Pyramid, tuning: np.ndarray, test: np.ndarray, *, samples: int) -> MultiscaleResult:
    """Choose a window width for each level on the images `tuning`, and score the images `test`, pixels in [0, 1].

    tuning, test: uint8 (count, *shape). samples: of the coarsest level.
    """
    totals = np.zeros(len(test))
    levels = []
    sigmas = []
    for level, side in enumerate(model.sides):
        if level == 0:
            centers = _coarsest(model, samples)
            tuned, tested = (
                parzen.log_likelihoods(centers, _at(pixels, side).reshape(len(pixels), -1), widths())
                for pixels in (tuning, test)
            )
        else:
            both = _at(np.concatenate([tuning, test]), side)
            likelihoods = _detail_likelihoods(both, _detail_sampler(model, level), side)
            blocks = model.sides[level - 1] ** 2 * model.data.shape[2]
            tuned, tested = np.split(likelihoods - blocks * np.log(2.0), [len(tuning)], axis=1)
        best = int(tuned.mean(axis=1).argmax())
        totals += tested[best]
        levels.append(float(tested[best].mean()))
        sigmas.append(widths()[best])
    deviation = float(totals.std()) if len(totals) > 1 else None
    error = None if deviation is None else deviation / len(totals) ** 0.5
    return MultiscaleResult(
        float(totals.mean()), error, deviation, tuple(levels), tuple(sigmas), tuple(model.sides), samples
    )


def _at(pixels: np.ndarray, side: int) -> np.ndarray:
    """Images in [0, 1], halved until they have this side, float32."""
    halved = images.to_unit(pixels)
    while halved.shape[1] > side:
        halved = means(halved)
    return halved.astype(np.float32)


def _coarsest(model: Pyramid, count: int) -> np.ndarray:
    """Samples of the coarsest level, float32 (count, numbers) in [0, 1]."""
    return (in_batches(graph_function(model.coarsest), model.latents(range(count))).reshape(count, -1) + 1) / 2


DetailSampler: TypeAlias = "Callable[[np.ndarray], np.ndarray]"


def _detail_sampler(model: Pyramid, level: int) -> DetailSampler:
    """Samples details of a level given a coarse image, float32 (side, side, channels) in [0, 1] -> (draws, numbers)."""
    z = tf.constant(model.latents(range(DRAWS)))

    @graph_function
    def refined(coarse: Tensor) -> Tensor:
        enlarged, residual = model.refine(level, coarse, z)
        return enlarged + residual

    def sample(coarse: np.ndarray) -> np.ndarray:
        return details((refined(np.repeat(2 * coarse[None] - 1, DRAWS, axis=0)).numpy() + 1) / 2)

    return sample


def _detail_likelihoods(fine: np.ndarray, sample: DetailSampler, side: int) -> np.ndarray:
    """The log-likelihoods of the details of images in [0, 1] given their own coarse halves, (widths, images)."""
    likelihoods = []
    pairs = zip(means(fine), details(fine), strict=True)
    for coarse, detail in track(pairs, f"Parzen windows of {side} pixels", total=len(fine)):
        likelihoods.append(parzen.log_likelihoods(sample(coarse), detail[None], widths())[:, 0])
    return np.stack(likelihoods, axis=1)
