"""What models of translation share: options, and random crops of images and of what belongs to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core import options
from gancli.core.backend import Tensor, np, tf
from gancli.core.options import option
from gancli.imaging import images, random_crops
from gancli.models.base import Model
from gancli.models.capabilities import Translator
from gancli.models.config import TrainingConfig

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset

PAPERS_SIDE = 256
ENLARGED = 286 / 256  # before crops are cut, as the papers' code does


class Translating(Translator):
    """Batches hold crops of enlarged images, mirrored or not; the base of a model beside Model itself."""

    xla_unsupported_reason: ClassVar[str] = "cuts and resizes crops"

    @dataclass(frozen=True)
    class Options(options.Options):
        """The papers', with fewer channels for a CPU."""

        batch_size: int = option(1, "images per batch, from each domain (papers: 1)", low=1, high=1024)
        width: int = option(32, "channels of the first feature maps of all networks (papers: 64)", low=1, high=512)
        jitter: bool = option(True, "enlarge images slightly, crop them randomly and mirror half")

    @classmethod
    def example_shape(cls, config: TrainingConfig) -> tuple[int, int, int]:
        """Height, width, and channels of the papers' images, or of the size and colors asked for."""
        side = cls.fitting_size(config.image_size or PAPERS_SIDE)
        return side, side, 1 if config.color == "gray" else 3

    def held(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images, and others that belong to them."""
        return {name: dataset.train[name] for name in self.columns if name != "label"}

    def gathered(self, columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """The same crop of an image and of its other."""
        if not self.options.jitter:
            return Model.gathered(self, columns, rows)
        side = self.data.shape[0]
        sizes = tf.constant([[side, side]] * self.options.batch_size)
        at = random_crops.places(self.random, sizes, side, zoom=(ENLARGED, ENLARGED))
        return {name: images.from_uint8(random_crops.cut(column, rows, at, side)) for name, column in columns.items()}
