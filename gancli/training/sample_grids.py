"""Sample grids of a training: always of the same seeds or images, so that progress is visible."""

from __future__ import annotations

import math
from typing import Protocol

from gancli.core.backend import np, tf
from gancli.data import Dataset
from gancli.data.annotations.label_maps import colored
from gancli.imaging import bicubic, images, plots
from gancli.inference.sampling import Sampler
from gancli.inference.segmentation import SegmentationPredictor, overlay
from gancli.inference.translation import INVERSE, ImageTranslator
from gancli.models.base import Model
from gancli.models.capabilities import Decoder, PointGenerator, Segmenter, Translator, Upscaler

SEEDS = range(64)
MAX_IMAGES = 6  # images in a grid
ROWS, COLUMNS = 16, 8  # of a grid with a row per class: most classes, images of each
SPREAD_OF, SPREAD_VALUES = 1000, 50_000_000  # real images for the spread of the data; most pixels of them
POINTS = 2000  # generated points of a plot
FINE = 100  # grid points per axis for the discriminator
MARGIN = 1.25  # range of the axes over the range of the data
ROUNDING = 1e-6  # of the largest coordinate; a smaller spread counts as none


class Grid(Protocol):
    """Draws a grid of a model's output."""

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, uint8 (height, width, channels), and metrics of it.

        `diversity` of samples is their spread divided by that of real data.
        """


def can_draw(model: Model) -> bool:
    """Whether a model generates something that can be drawn."""
    return isinstance(model, (Decoder, Upscaler, Segmenter, Translator, PointGenerator))


def for_model(model: Model, dataset: Dataset) -> Grid | None:
    """The grid for a model; None if it generates nothing that can be drawn."""
    if isinstance(model, Decoder):
        return SampleGrid(Sampler(model), dataset)
    if isinstance(model, Upscaler):
        return UpscaleGrid(model, dataset)
    if isinstance(model, Segmenter):
        return SegmentationGrid(model, dataset)
    if isinstance(model, Translator):
        return TranslationGrid(model, dataset)
    return PointCloudPlot(model, dataset) if isinstance(model, PointGenerator) else None


class SampleGrid:
    """Images of 64 seeds; for a conditional model, a row of eight seeds per class or text."""

    def __init__(self, sampler: Sampler, dataset: Dataset) -> None:
        self.sampler = sampler
        few = max(len(SEEDS), min(SPREAD_OF, SPREAD_VALUES // math.prod(dataset.shape)))
        self.real_spread, self.counts = images.spread(dataset.sample(few)), dataset.class_counts()

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, uint8 (height, width, channels), and its `diversity`; none if all real images are equal."""
        if self.sampler.takes_texts:
            self.sampler.set_texts(self.sampler.texts)  # encoded again, as the text encoder is trained too
        if self.sampler.conditions is not None:
            order = self.sampler.order_by_class(COLUMNS, most=ROWS, counts=self.counts)
            pixels, shape = self.sampler.draw(order).load().pixels, (order.count // COLUMNS, COLUMNS)
        else:
            pixels, shape = self.sampler.seeds(list(SEEDS)), None
        metrics = {"diversity": images.spread(pixels) / self.real_spread} if self.real_spread else {}
        return images.grid(pixels, shape=shape), metrics


class UpscaleGrid:
    """The centers of some images, a row each: low resolution, bicubic, the model's, the original.

    They are validation images if some are held out.
    """

    def __init__(self, model: Upscaler, dataset: Dataset) -> None:
        self.model = model
        side = model.config.crop
        rows = _few(model, dataset)
        self.high = np.stack([_middle(pixels, side) for pixels in dataset.pictures(rows)])
        self.low = np.stack([bicubic.downscale(pixels, model.scale) for pixels in self.high])
        self.bicubic = np.stack([bicubic.upscale(pixels, model.scale) for pixels in self.low])

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, and the mean PSNR of its images over all channels, in dB."""
        upscaled = images.to_uint8(self.model.upscale(images.from_uint8(tf.constant(self.low))))
        errors = np.square(images.to_unit(upscaled) - images.to_unit(self.high)).mean(axis=(1, 2, 3))
        metrics = {"windows_psnr": float(np.mean(images.psnr_from_mse(errors)))}
        return images.stages_grid([self.low, self.bicubic, upscaled, self.high]), metrics


class SegmentationGrid:
    """Some images, a row each: the image, the predicted classes over it, and the true ones.

    They are validation images if some are held out.
    """

    def __init__(self, model: Segmenter, dataset: Dataset) -> None:
        self.predictor, self.palette = SegmentationPredictor(model), dataset.palette
        rows = _few(model, dataset)
        self.images, self.maps = dataset.pictures(rows), dataset.maps(rows)
        self.largest = dataset.shape[:2]

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, and the pixel accuracy in it."""
        cells: list[np.ndarray] = []
        correct = labeled = 0
        for pixels, truth in zip(self.images, self.maps, strict=True):
            predicted = self.predictor(pixels)
            over = [overlay(pixels, colored(classes, self.palette)) for classes in (predicted, truth)]
            cells += [self._padded(one) for one in (np.broadcast_to(pixels, over[0].shape), *over)]
            is_labeled = truth < len(self.palette)
            correct += (predicted == truth)[is_labeled].sum()
            labeled += is_labeled.sum()
        grid = images.grid(np.stack(cells), shape=(len(self.images), 3))
        return grid, {"pictures_accuracy": float(correct / max(labeled, 1))}

    def _padded(self, pixels: np.ndarray) -> np.ndarray:
        rest = [(0, largest - own) for largest, own in zip(self.largest, pixels.shape[:2], strict=True)]
        return np.pad(pixels, [*rest, (0, 0)], constant_values=255)


class TranslationGrid:
    """Some images, a row each: the image, its translation, and the translation back or, of pairs, the true one."""

    def __init__(self, model: Translator, dataset: Dataset) -> None:
        self.translator = ImageTranslator(model)
        self.rows: list[tuple[str, np.ndarray, np.ndarray | None]] = []  # direction, image, true translation
        for number, direction in enumerate(model.directions):
            if "other" in dataset.train:
                rows = _few(model, dataset)
                pair = [np.stack([dataset.train[name][row] for row in rows]) for name in ("image", "other")]
                self.rows += zip([direction] * len(rows), *(pair if direction == "a-to-b" else pair[::-1]), strict=True)
            else:
                rows = np.flatnonzero(dataset.train["label"][:] == number)
                rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), MAX_IMAGES // 2)).astype(int)]
                self.rows += [(direction, pixels, None) for pixels in dataset.take(np.sort(rows))]

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The grid, uint8 (height, width, channels), with originals beside translations; no metrics."""
        cells = []
        for direction, source, truth in self.rows:
            translated = self.translator(source, direction)
            cells += [source, translated, self.translator(translated, INVERSE[direction]) if truth is None else truth]
        return images.grid(np.stack(cells), shape=(len(self.rows), 3)), {}


def _few(model: Model, dataset: Dataset) -> np.ndarray:
    """The rows of some images, evenly spaced: of validation images if some are held out."""
    rows = dataset.split()[1] if model.config.hold_out else np.zeros(0, int)
    rows = rows if len(rows) else np.arange(len(dataset))  # with fewer than five images none is held out
    return rows[np.linspace(0, len(rows) - 1, min(len(rows), MAX_IMAGES)).astype(int)]


def _middle(pixels: np.ndarray, side: int) -> np.ndarray:
    top, left = ((own - side) // 2 for own in pixels.shape[:2])
    return pixels[top : top + side, left : left + side]


class PointCloudPlot:
    """Points on a line as densities, or on a plane as a scatter plot, with the discriminator's output there."""

    def __init__(self, model: PointGenerator, dataset: Dataset) -> None:
        self.model, self.real = model, dataset.sample(POINTS)
        self.z = model.latents(range(POINTS))
        center, extent = self.real.mean(axis=0), MARGIN * np.abs(self.real - self.real.mean(axis=0)).max(axis=0)
        axes = [np.linspace(*ends, FINE) for ends in zip(center - extent, center + extent, strict=True)][:2]
        self.at = np.stack(np.meshgrid(*axes), axis=-1).reshape(-1, len(axes)).astype(np.float32)

    def draw(self) -> tuple[np.ndarray, dict[str, float]]:
        """The figure, and the diversity of the points, with the norm of their standard deviations as spread."""
        fake = self.model.decode(tf.constant(self.z)).numpy()
        spread, real = (float(np.linalg.norm(points.std(axis=0))) for points in (fake, self.real))
        metrics = {"diversity": spread / real} if real > ROUNDING * float(np.abs(self.real).max()) else {}
        return images.read_png(self._figure(fake))[..., :3], metrics

    def _figure(self, fake: np.ndarray) -> bytes:
        size = self.real.shape[1]
        judged = self.model.discriminator_output(tf.constant(self.at)) if size < 3 else None
        belief = None if judged is None else judged.numpy()
        if size == 1:
            return plots.line(self.real, fake, self.at, belief, z=self.z if self.z.shape[1] == 1 else None)
        return plots.plane(self.real[:, :2], fake[:, :2], self.at, belief)
