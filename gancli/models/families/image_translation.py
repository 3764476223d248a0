"""Base of image-to-image translation models: options, and random crops of images and their counterparts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, np, tf
from gancli.core.options import option
from gancli.imaging import images, random_crops
from gancli.models.base import Model
from gancli.models.capabilities import Translator
from gancli.models.input_pipeline import InputPipeline
from gancli.models.learning_rates import AdversarialRates

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset
    from gancli.models.config import TrainingConfig

PAPERS_SIDE = 256
ENLARGED = 286 / 256  # before cropping, as in the papers' code


class JitteredCrops(InputPipeline):
    """Crops of slightly enlarged images, half of them mirrored; the same crop of an image and its counterpart."""

    def columns_to_load(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images, and their counterparts if paired."""
        return {name: dataset.train[name] for name in self.model.columns if name != "label"}

    def make_batch(self, columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """Whole images with --no-jitter, else crops."""
        model = self.model
        if not model.options.jitter:
            return super().make_batch(columns, rows)
        side = model.data.shape[0]
        sizes = tf.constant([[side, side]] * model.options.batch_size)
        at = random_crops.sample_boxes(model.random, sizes, side, zoom=(ENLARGED, ENLARGED))
        return {name: images.from_uint8(random_crops.crop(column, rows, at, side)) for name, column in columns.items()}


class ImageTranslationModel(Model, Translator):
    """A model that translates images between two domains, trained with a decaying learning rate."""

    Pipeline = JitteredCrops
    xla_unsupported_reason: ClassVar[str] = "cuts and resizes crops"

    @dataclass(frozen=True)
    class Options(AdversarialRates, Model.Options):
        """The papers', with fewer channels for a CPU."""

        batch_size: int = option(1, "images per batch, from each domain (papers: 1)", low=1, high=1024)
        width: int = option(32, "channels of the first feature maps of all networks (papers: 64)", low=1, high=512)
        lr_schedule: str = "linear"
        jitter: bool = option(True, "enlarge images slightly, crop them randomly and mirror half")

    @classmethod
    def example_shape(cls, config: TrainingConfig, chosen: Options) -> tuple[int, int, int]:
        """Height, width and channels of the papers' images, or of the size and color in the settings."""
        side = cls.data_requirements(chosen).nearest_side(config.image_size or PAPERS_SIDE)
        return side, side, 1 if config.color == "gray" else 3
