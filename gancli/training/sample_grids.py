"""The sample picture of a training: always the same seeds, so that it grows before one's eyes."""

from __future__ import annotations

import math
from typing import Protocol

from gancli.core.backend import np, tf
from gancli.data import Dataset
from gancli.data.annotations.label_maps import colored
from gancli.imaging import bicubic, images, plots
from gancli.inference.sampling import Sampler
from gancli.inference.segmentation import SegmentationPredictor, overlaid
from gancli.inference.translation import BACK, ImageTranslator
from gancli.models.base import Model
from gancli.models.capabilities import Decoder, PointGenerator, Segmenter, Translator, Upscaler

SEEDS = range(64)
WINDOWS = 6  # pictures that are shown
ROWS, COLUMNS = 16, 8  # of a picture with a row for each class: classes at most, images of each
SPREAD_OF, SPREAD_VALUES = 1000, 50_000_000  # real images to compare the samples' spread with; their pixels at most
POINTS, FINE, MARGIN = 2000, 100, 1.25  # drawn; places on an axis to ask the discriminator at; how far around the data
ROUNDING = 1e-6  # of the largest number of points: less is no spread


class Gallery(Protocol):
    """Draws a picture of what a model makes."""

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The picture, uint8 (height, width, channels), and what is told of it: of samples their diversity, how far
        they spread beside how far real data do."""


def of(model: Model, dataset: Dataset) -> Gallery | None:
    """The gallery of a model that draws, or None."""
    if isinstance(model, Decoder):
        return _Grid(Sampler(model), dataset)
    if isinstance(model, Upscaler):
        return _Windows(model, dataset)
    if isinstance(model, Segmenter):
        return _Maps(model, dataset)
    if isinstance(model, Translator):
        return _Crossings(model, dataset)
    return _Cloud(model, dataset) if isinstance(model, PointGenerator) else None


class _Grid:
    """Images of 64 seeds; of a model that takes labels or texts, eight seeds in a row for each."""

    def __init__(self, sampler: Sampler, dataset: Dataset) -> None:
        self.sampler = sampler
        few = max(len(SEEDS), min(SPREAD_OF, SPREAD_VALUES // math.prod(dataset.shape)))
        self.real_spread, self.counts = images.spread(dataset.some(few)), dataset.class_counts()

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, and the spread of its images; no spread where all of the data are one image."""
        if self.sampler.takes_texts:
            self.sampler.tell(self.sampler.texts)  # read anew, as the reader learns too
        if self.sampler.conditions is not None:
            order = self.sampler.by_class(COLUMNS, most=ROWS, counts=self.counts)
            pixels, shape = self.sampler.draw(order).at_once().pixels, (order.count // COLUMNS, COLUMNS)
        else:
            pixels, shape = self.sampler.seeds(list(SEEDS)), None
        told = {"diversity": images.spread(pixels) / self.real_spread} if self.real_spread else {}
        return images.grid(pixels, shape=shape), told


class _Windows:
    """The middles of some pictures, a row each: low resolution, bicubic, the model's, the original.

    They are validation pictures where some are held out.
    """

    def __init__(self, model: Upscaler, dataset: Dataset) -> None:
        self.model, side, rows = model, model.config.crop, _few(model, dataset)
        self.high = np.stack([_middle(pixels, side) for pixels in dataset.pictures(rows)])
        self.low = np.stack([bicubic.shrink(pixels, model.scale) for pixels in self.high])
        self.bicubic = np.stack([bicubic.enlarge(pixels, model.scale) for pixels in self.low])

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, and the PSNR of its windows by all channels, in dB."""
        made = images.to_uint8(self.model.upscale(images.from_uint8(tf.constant(self.low))))
        errors = np.square(images.to_unit(made) - images.to_unit(self.high)).mean(axis=(1, 2, 3))
        told = {"windows_psnr": float(np.mean(images.psnr_of(errors)))}
        return images.stages_grid([self.low, self.bicubic, made, self.high]), told


class _Maps:
    """Some pictures, a row each: as they are, the model's classes over them, and the true ones.

    They are validation pictures where some are held out.
    """

    def __init__(self, model: Segmenter, dataset: Dataset) -> None:
        self.labeller, self.palette = SegmentationPredictor(model), dataset.palette
        rows = _few(model, dataset)
        self.pictures, self.maps = dataset.pictures(rows), dataset.maps(rows)
        self.room = dataset.shape[:2]

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, and the share of its labelled pixels that are right."""
        drawn, right, told = [], 0, 0
        for pixels, truth in zip(self.pictures, self.maps, strict=True):
            found = self.labeller(pixels)
            over = [overlaid(pixels, colored(classes, self.palette)) for classes in (found, truth)]
            drawn += [self._padded(one) for one in (np.broadcast_to(pixels, over[0].shape), *over)]
            is_told = truth < len(self.palette)
            right, told = right + (found == truth)[is_told].sum(), told + is_told.sum()
        grid = images.grid(np.stack(drawn), shape=(len(self.pictures), 3))
        return grid, {"pictures_accuracy": float(right / max(told, 1))}

    def _padded(self, pixels: np.ndarray) -> np.ndarray:
        rest = [(0, room - own) for room, own in zip(self.room, pixels.shape[:2], strict=True)]
        return np.pad(pixels, [*rest, (0, 0)], constant_values=255)


class _Crossings:
    """Some pictures, a row each: as they are, translated, and turned back, or the true others of pairs."""

    def __init__(self, model: Translator, dataset: Dataset) -> None:
        self.interpreter, self.cells = ImageTranslator(model), []
        for number, direction in enumerate(model.directions):
            if "other" in dataset.train:
                rows = _few(model, dataset)
                pair = [np.stack([dataset.train[name][row] for row in rows]) for name in ("image", "other")]
                self.cells += zip(
                    [direction] * len(rows), *(pair if direction == "a-to-b" else pair[::-1]), strict=True
                )
            else:
                rows = np.flatnonzero(dataset.train["label"][:] == number)
                rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), WINDOWS // 2)).astype(int)]
                self.cells += [(direction, pixels, None) for pixels in dataset.take(np.sort(rows))]

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid."""
        drawn = []
        for direction, given, wanted in self.cells:
            made = self.interpreter(given, direction)
            drawn += [given, made, self.interpreter(made, BACK[direction]) if wanted is None else wanted]
        return images.grid(np.stack(drawn), shape=(len(self.cells), 3)), {}


def _few(model: Model, dataset: Dataset) -> np.ndarray:
    """The rows of some pictures, from all over: of validation pictures where some are held out."""
    rows = dataset.split()[1] if model.config.hold_out else np.zeros(0, int)
    rows = rows if len(rows) else np.arange(len(dataset))  # of fewer than five none is held out
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), WINDOWS)).astype(int)]


def _middle(pixels: np.ndarray, side: int) -> np.ndarray:
    top, left = ((own - side) // 2 for own in pixels.shape[:2])
    return pixels[top : top + side, left : left + side]


class _Cloud:
    """Points on a line as densities, or on a plane as a cloud, with what the discriminator thinks there."""

    def __init__(self, model: PointGenerator, dataset: Dataset) -> None:
        self.model, self.real = model, dataset.some(POINTS)
        self.z = model.latents(range(POINTS))
        middle, reach = self.real.mean(axis=0), MARGIN * np.abs(self.real - self.real.mean(axis=0)).max(axis=0)
        axes = [np.linspace(*ends, FINE) for ends in zip(middle - reach, middle + reach, strict=True)][:2]
        self.at = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, len(axes)).astype(np.float32)

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The figure, and the spread of the points: the norm of their deviations."""
        fake = self.model.decode(tf.constant(self.z)).numpy()
        spread, real = (float(np.linalg.norm(points.std(axis=0))) for points in (fake, self.real))
        told = {"diversity": spread / real} if real > ROUNDING * float(np.abs(self.real).max()) else {}
        return images.read_png(self._figure(fake))[..., :3], told

    def _figure(self, fake: np.ndarray) -> bytes:
        size = self.real.shape[1]
        judged = self.model.judge(tf.constant(self.at)) if size < 3 else None
        belief = None if judged is None else judged.numpy()
        if size == 1:
            return plots.line(self.real, fake, self.at, belief, z=self.z if self.z.shape[1] == 1 else None)
        return plots.plane(self.real[:, :2], fake[:, :2], self.at, belief)
