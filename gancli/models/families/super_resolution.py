"""Base of super-resolution models: training pairs from random crops, options, and upscaling."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core import options
from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.imaging import bicubic, images
from gancli.models import exports, learning_rates
from gancli.models.base import Model
from gancli.models.capabilities import Upscaler
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements
from gancli.models.input_pipeline import InputPipeline
from gancli.nn.architectures import super_resolution
from gancli.nn.network import minimize
from gancli.nn.optimizers import piecewise_constant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gancli.core.backend import keras
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.base import Batches
    from gancli.nn.network import Network

SCALES = ("2", "3", "4", "8")


@dataclass(frozen=True)
class LRStepOptions(options.Options):
    """A learning rate that drops to a tenth once."""

    lr_schedule: str = option(
        "step",
        "learning rate over the training (step: a tenth from --lr-drop-step on)",
        choices=("step", *learning_rates.SCHEDULES),
    )
    lr_drop_step: int | None = option(None, "step at which --lr-schedule step drops to a tenth", low=1)


class RotatedCrops(InputPipeline):
    """A random crop of each image at its own size, rotated and mirrored."""

    def columns_to_load(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images, and the height and width of each."""
        return {"image": dataset.train["image"], "size": np.array(dataset.sizes())}

    def make_batch(self, columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """A crop of each of these images, in one of its eight orientations."""
        model = self.model
        side, count = model.config.crop, model.options.batch_size
        room = tf.cast(tf.gather(columns["size"], rows) - side + 1, tf.float32)
        at = tf.cast(tf.floor(model.random.uniform([count, 2]) * room), tf.int64)
        steps = tf.range(side, dtype=tf.int64)  # int32 cannot index 2 GB of images
        places = tf.meshgrid(tf.cast(rows, tf.int64), steps, steps, indexing="ij")
        places[1] += at[:, 0, None, None]
        places[2] += at[:, 1, None, None]
        image = images.from_uint8(tf.gather_nd(columns["image"], tf.stack(places, axis=-1)))
        return {"image": self._rotated(image) if model.options.rotate else image}

    def _rotated(self, image: Tensor) -> Tensor:
        for change in (
            lambda x: tf.reverse(x, [1]),
            lambda x: tf.reverse(x, [2]),
            lambda x: tf.transpose(x, [0, 2, 1, 3]),
        ):
            is_changed = self.model.random.uniform([self.model.options.batch_size, 1, 1, 1]) < 0.5
            image = tf.where(is_changed, change(image), image)
        return image


class SuperResolutionModel(Model, Upscaler):
    """A generator of high resolution from low. Low-resolution images are made of random crops in the graph."""

    Pipeline = RotatedCrops
    generator: Network
    inference_networks = exports.upscaler()
    xla_unsupported_reason: ClassVar[str] = "resizes images"

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Random crops of images at their own sizes, and a score for them."""

        crop: int = option(96, "side of the random training crops (smaller images are skipped)", low=8, high=1024)
        eval_score: str = option("psnr", "metric that selects the best checkpoint: PSNR of the luma", choices=("psnr",))

    @dataclass(frozen=True)
    class Options(Model.Options):
        """Scale and augmentation."""

        scale: str = option("4", "upscaling factor", choices=SCALES)
        rotate: bool = option(True, "augment with rotated and mirrored crops")
        batch_size: int = option(16, "crops per batch")
        learning_rate: float = 1e-4
        beta1: float = 0.9

    @property
    def scale(self) -> int:
        """Upscaling factor."""
        return int(self.options.scale)

    @property
    def reach(self) -> int:
        """Radius of the receptive field, in low-resolution pixels."""
        return super_resolution.reach(self.generator.model, self.scale)

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Images at their own sizes."""
        return DataRequirements(cls.columns, native_resolution=True)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if getattr(chosen, "lr_drop_step", None) is not None and chosen.lr_schedule != "step":
            raise OptionError(f"--lr-drop-step {chosen.lr_drop_step} belongs to --lr-schedule step: leave one out")
        if cls.scale_is_final(chosen):
            cls.check_crop(config, chosen)

    @classmethod
    def scale_is_final(cls, chosen: Options) -> bool:
        """Whether --scale is known before pretrained networks are loaded."""
        return True

    @classmethod
    def check_crop(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for a crop that does not fit the scale."""
        if config.crop % int(chosen.scale) or config.crop <= 2 * int(chosen.scale):
            raise OptionError(
                f"--crop {config.crop}: expected a multiple of --scale {chosen.scale}, at least three times it"
            )

    def low(self, high: Tensor) -> Tensor:
        """The generator's input for images float32 in [-1, 1]: downscaled, in [0, 1]."""
        return 0.5 * (bicubic.downscale_batch(high, self.scale) + 1.0)

    def pixel_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step on the mean squared error of pixels in [-1, 1]."""
        high = next(batches)["image"]
        low = self.low(high)
        error = minimize(self.generator, loss=lambda: tf.reduce_mean((self.generator(low) - high) ** 2))
        return {"content_loss": error}

    def upscale(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> (batch, scale height, scale width, channels)."""
        return tf.clip_by_value(self.generator.infer(0.5 * (images + 1.0)), -1.0, 1.0)


def stepped_rate(
    model: SuperResolutionModel, side: str = "", *, before: Mapping[int, float] | None = None, first: int = 0
) -> float | keras.optimizers.schedules.LearningRateSchedule:
    """The learning rate of a network by a model's LRStepOptions.

    before: rates until update `first`, where --lr-schedule begins.
    """
    rate = learning_rates.learning_rate(model.options, side)
    rates = {**(before or {}), first: rate}
    if model.options.lr_schedule == "step":
        rates[first + model.resolved_options()["lr_drop_step"]] = 0.1 * rate
    return learning_rates.scheduled(model, side, base=piecewise_constant(rates), first=first)


def with_sizes_of_run(
    chosen: SuperResolutionModel.Options, facts: DataFacts, source: SuperResolutionModel
) -> SuperResolutionModel.Options:
    """The options with the sizes of an srresnet run. Raises: OptionError for another run."""
    if source.name() != "srresnet":
        raise OptionError(f"--init-from {chosen.init_from}: a run of {source.name()}, not of srresnet")
    if source.data.shape[2] != facts.shape[2]:
        raise OptionError(f"--init-from {chosen.init_from}: it upscales images of {source.data.shape[2]} channels")
    sizes = {name: getattr(source.options, name) for name in ("scale", "depth", "width", "anti_checkerboard")}
    defaults = type(chosen)()
    for name, size in sizes.items():
        if getattr(chosen, name) not in (size, getattr(defaults, name)):  # a default means the run's own value
            flag = f"--{name.replace('_', '-')}"
            raise OptionError(f"{flag} {getattr(chosen, name)}: the run of --init-from has {size}; leave it out")
    return replace(chosen, **sizes)
