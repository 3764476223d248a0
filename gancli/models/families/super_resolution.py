"""What models of super-resolution share: pairs of images from random crops, their options, and enlarging."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core import options
from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.imaging import bicubic, images
from gancli.models.capabilities import Upscaler
from gancli.models.config import TrainingConfig
from gancli.nn.architectures import super_resolution
from gancli.nn.network import minimize

if TYPE_CHECKING:
    from gancli.data.dataset import Dataset
    from gancli.models.base import Batches

SCALES = ("2", "3", "4", "8")


class Upscaling(Upscaler):
    """A `generator` of high resolution from low; the base of a model beside Model itself.

    Batches hold random crops of the pictures, turned and mirrored; low resolution is made of them in the graph.
    """

    columns: ClassVar[tuple[str, ...]] = ("image",)
    ema_networks: ClassVar[tuple[str, ...]] = ("generator",)
    native_resolution: ClassVar[bool] = True
    xla_unsupported_reason: ClassVar[str] = "reduces pictures"

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Random crops of images at their own sizes, and a score for them."""

        crop: int = option(96, "side of the random training crops (smaller images are skipped)", low=8, high=1024)
        eval_score: str = option("psnr", "metric that selects the best checkpoint: PSNR of the luma", choices=("psnr",))

    @dataclass(frozen=True)
    class Options(options.Options):
        """The paper's, which a resume may not change but for the rate."""

        scale: str = option("4", "upscaling factor", choices=SCALES)
        rotate: bool = option(True, "augment with rotated and mirrored crops")
        batch_size: int = option(16, "crops per batch")
        learning_rate: float = 1e-4
        beta1: float = 0.9

    @property
    def scale(self) -> int:
        """How many times larger."""
        return int(self.options.scale)

    @property
    def reach(self) -> int:
        """Pixels of low resolution around its own that one of the result depends on."""
        return super_resolution.reach(self.generator.layers, self.scale)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that do not go together."""
        super().check(config, chosen)
        if "run" not in cls.pretrained_sources(chosen):
            cls.check_crop(config, chosen)

    @classmethod
    def check_crop(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for a crop that does not fit the scale."""
        if config.crop % int(chosen.scale) or config.crop <= 2 * int(chosen.scale):
            raise OptionError(
                f"--crop {config.crop}: expected a multiple of --scale {chosen.scale}, three times it or more"
            )

    def held(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Pictures, and the height and width of each."""
        return {"image": dataset.train["image"], "size": np.array(dataset.sizes())}

    def gathered(self, columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """A random crop of each of these pictures, turned by a random quarter and mirrored or not."""
        side, count = self.config.crop, self.options.batch_size
        room = tf.cast(tf.gather(columns["size"], rows) - side + 1, tf.float32)
        at = tf.cast(tf.floor(self.random.uniform([count, 2]) * room), tf.int64)
        steps = tf.range(side, dtype=tf.int64)  # 2 GB of pictures are more than int32 counts
        places = tf.meshgrid(tf.cast(rows, tf.int64), steps, steps, indexing="ij")
        places[1] += at[:, 0, None, None]
        places[2] += at[:, 1, None, None]
        image = images.from_uint8(tf.gather_nd(columns["image"], tf.stack(places, axis=-1)))
        return {"image": self._turned(image) if self.options.rotate else image}

    def _turned(self, image: Tensor) -> Tensor:
        """Each one of its eight positions."""
        for change in (
            lambda x: tf.reverse(x, [1]),
            lambda x: tf.reverse(x, [2]),
            lambda x: tf.transpose(x, [0, 2, 1, 3]),
        ):
            is_changed = self.random.uniform([self.options.batch_size, 1, 1, 1]) < 0.5
            image = tf.where(is_changed, change(image), image)
        return image

    def low(self, high: Tensor) -> Tensor:
        """What the generator is given for images float32 in [-1, 1]: reduced, in [0, 1]."""
        return 0.5 * (bicubic.reduced(high, self.scale) + 1.0)

    def pixel_step(self, batches: Batches) -> dict[str, Tensor]:
        """One step down the mean squared error of pixels in [-1, 1]."""
        high = next(batches)["image"]
        low = self.low(high)
        error = minimize(self.generator, loss=lambda: tf.reduce_mean((self.generator(low) - high) ** 2))
        return {"content_loss": error}

    def upscale(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> (batch, scale height, scale width, channels)."""
        return tf.clip_by_value(self.generator.infer(0.5 * (images + 1.0)), -1.0, 1.0)
