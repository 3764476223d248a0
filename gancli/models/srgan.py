"""SRGAN: photo-realistic super-resolution. Ledig et al. 2017, arXiv:1609.04802.

SRResNet is first trained on the mean squared pixel error, so that the GAN stage starts from good images. Then the
generator minimizes the perceptual loss (equation 3): the content loss and a thousandth of -log D(G(low)) (equation 6).
The content loss (equation 5) is the squared distance of VGG19 feature maps: the fourth convolution before the fifth
pooling or the second before the second (`--content vgg54`, `vgg22`), divided by 12.75; or of the pixels.

    gancli train --model srgan --data photos/
    gancli train --model srgan --data photos/ --init-from runs/00003-srresnet-photos      without the pre-training
    gancli train --model srgan --data photos/ --content cifar10        with the classifier of this data set
    gancli train --model srgan --content cifar10 --pixel-weight 1 --adversarial-weight 2e-2 --d-learning-rate 2.5e-4

If the weights of VGG19 are not available, `--content` may name a labeled data set: the features are those of the last
convolution of its classifier, as gancli trains one for its scores, scaled so that for bicubically upscaled images their
loss equals the pixel error. They become part of the run, and its results name them.

Differences from the paper:
- Those of srresnet.
- -log D(G(low)) is a mean over the batch; equation 6 prints a sum over images. So a thousandth of it has the same
  weight for any batch size.
- The generator's Adam keeps its moments from the pre-training (with --init-from only weights are loaded, and the
  moments start at 0).
- Pre-training takes 20,000 steps at four times the learning rate of the GAN stage, 4e-4.
- In the GAN stage the generator is updated first; the discriminator is trained on the images from before.
- The discriminator takes real and generated images as one batch: BatchNorm would scale each half separately and hide
  blur.
- Both losses use a window of the crop that moves by up to as many pixels as the scale, so that strided convolutions do
  not always meet the same sub-pixels.
- No total variation loss, which the paper adds only for SRResNet-VGG22.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.imaging import images
from gancli.models.base import Batches, Stage
from gancli.models.families.super_resolution import LRStepOptions, SuperResolutionModel, stepped_rate, with_sizes_of_run
from gancli.models.learning_rates import AdversarialRates, learning_rate
from gancli.models.pretrained import StartsFromPretrained
from gancli.nn.architectures import perceptual, super_resolution
from gancli.nn.losses import ADVERSARIAL_LOSSES, mean_probability
from gancli.nn.network import Network, frozen, minimize
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.config import TrainingConfig

CALIBRATED_BY = 64  # crops that determine the scale of a classifier's features
MIN_WINDOW = 17  # below, parts of a kernel reach no pixel, and oneDNN leaves their bfloat16 gradients uninitialized
NEAR = 0.02  # of 1: scaled already, up to the rounding of bfloat16


class SRGAN(SuperResolutionModel, StartsFromPretrained):
    """SRResNet, trained further with a content loss and a discriminator (Ledig et al. 2017)."""

    default_steps = 10_000
    unpublished_networks = ("features",)
    discriminator: Network
    features: Network

    @dataclass(frozen=True)
    class Options(AdversarialRates, LRStepOptions, SuperResolutionModel.Options):
        """A quarter of the paper's generator, and its losses."""

        depth: int = option(8, "residual blocks (paper: 16)", low=1, high=64)
        width: int = option(32, "channels of both networks' first feature maps (paper: 64)", low=1, high=512)
        anti_checkerboard: bool = option(True, "average neighboring pixels after each upsampling (paper: no)")
        content: str = option(
            "vgg54", "features of the content loss: vgg54, vgg22, pixels, or a labeled data set (its classifier)"
        )
        pixel_weight: float = option(0.0, "weight of a pixel loss beside the content loss (paper: 0)", low=0, high=1000)
        adversarial_weight: float = option(
            1e-3, "weight of the adversarial loss (0: no discriminator)", low=0, high=1000
        )
        pretrain_steps: int = option(20_000, "steps of pre-training on the pixel loss", low=0)
        pretrain_lr_factor: float = option(
            4.0, "learning-rate factor during pre-training (a tenth for its last fifth; paper: 1)", above=0, high=1000
        )
        learning_rate: float = option(1e-4, "learning rate of the GAN stage")
        lr_drop_step: int | None = option(None, "step at which --lr-schedule step drops to a tenth (default: halfway)")
        init_from: str = option("", "srresnet run to start from, instead of pre-training")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator for images of any size, discriminator of crops, and the feature extractor of the content loss."""
        chosen, channels = self.options, data.shape[2]
        first = 0 if chosen.init_from else chosen.pretrain_steps
        early = chosen.pretrain_lr_factor * learning_rate(chosen, "g")
        before = {0: early, round(0.8 * first): 0.1 * early} if first else {}
        sizes = {"blocks": chosen.depth, "width": chosen.width, "anti_checkerboard": chosen.anti_checkerboard}
        generator = super_resolution.generator(self.scale, channels, **sizes)
        discriminator = super_resolution.discriminator(
            (self.window_side, self.window_side, channels), width=chosen.width
        )
        rate, d_rate = stepped_rate(self, "g", before=before, first=first), stepped_rate(self, "d")
        networks = {
            "generator": Network(generator, adam(rate, beta1=chosen.beta1)),
            "discriminator": Network(discriminator, adam(d_rate, beta1=chosen.beta1)),
        }
        if chosen.content != "pixels" and self._is_named():
            networks["features"] = Network(perceptual.features(chosen.content), keras.optimizers.SGD(0.0))
        return networks

    def resolved_options(self) -> dict[str, object]:
        """The step of the drop, which stays when the training is made longer."""
        if self.options.lr_schedule != "step":
            return super().resolved_options()
        return {"lr_drop_step": self.options.lr_drop_step or max(1, self.total_steps() // 2)}

    @property
    def window_side(self) -> int:
        """Side of the window of a crop that the losses compare."""
        return self.config.crop - self.scale

    def _is_named(self) -> bool:
        """Whether the features are known: the classifier of a data set is resolved when a training is prepared."""
        return self.options.content in perceptual.VGG or perceptual.is_of_classifier(self.options.content)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        least = MIN_WINDOW + int(chosen.scale)
        if config.crop < least:
            raise OptionError(f"--crop {config.crop}: the discriminator halves it four times, give {least} or more")
        if not chosen.pretrain_steps and not chosen.init_from:
            raise OptionError("--pretrain-steps 0: the GAN stage needs a trained generator, give --init-from")

    @classmethod
    def scale_is_final(cls, chosen: Options) -> bool:
        """Not with --init-from: the scale is that of the run."""
        return not chosen.init_from

    @classmethod
    def pretrained_sources(cls, chosen: Options) -> dict[str, str]:
        """The run to start from, and the network of the content loss."""
        maps = {"pixels": None, "vgg22": "vgg19", "vgg54": "vgg19"}.get(chosen.content, "classifier")
        known = perceptual.OF_CLASSIFIER.fullmatch(chosen.content)  # from a run.json given as --config
        name = known[2] if known else chosen.content
        return ({"run": chosen.init_from} if chosen.init_from else {}) | ({maps: name} if maps else {})

    @classmethod
    def options_from_pretrained(
        cls, config: TrainingConfig, chosen: Options, facts: DataFacts, sources: Mapping[str, object]
    ) -> tuple[Options, DataFacts]:
        """The sizes of the run to start from, and the full name of the features. Raises: OptionError."""
        if "run" in sources:
            chosen = with_sizes_of_run(chosen, facts, sources["run"])
            cls.check_crop(config, chosen)
        if chosen.content != "pixels" and facts.shape[2] != 3:
            raise OptionError(f"--content {chosen.content} needs color images: give --color rgb, or --content pixels")
        if "classifier" in sources:
            found = sources["classifier"]
            first, *others = perceptual.all_convolutions(found.model)
            name = perceptual.name_of_classifier(1 + len(others), cls.pretrained_sources(chosen)["classifier"])
            if first.kernel.shape[2] != 3:
                raise OptionError(f"--content {chosen.content}: its images are gray, and the content loss needs color")
            chosen = replace(chosen, content=name)
        return chosen, facts

    def load_pretrained(self, sources: Mapping[str, object]) -> None:
        """Copy the weights of the generator (`run`), and of the feature extractor (`classifier` or `vgg19`)."""
        if "run" in sources:
            self.generator.model.set_weights(sources["run"].generator.inference_model.get_weights())
            self.generator.reset_ema()
        source = sources["classifier"].model if "classifier" in sources else sources.get("vgg19")
        if source is not None:
            for layer in perceptual.all_convolutions(self.features.model):
                layer.set_weights(source.get_layer(layer.name).get_weights())

    def on_stage_start(self, number: int, dataset: Dataset) -> None:
        """Before the GAN stage: scale a classifier's features by its last convolution, as ReLU preserves scales."""
        if self.stages()[number].name != "adversarial" or not perceptual.is_of_classifier(self.options.content):
            return
        side, rows = self.config.crop, self.pipeline.training_rows(dataset)[:CALIBRATED_BY]
        high = np.stack([pixels[:side, :side] for pixels in dataset.pictures(rows)])
        high = images.from_uint8(tf.constant(high))
        upscaled = tf.image.resize(2.0 * self.low(high) - 1.0, (side, side), method="bicubic")
        ratio = float(_error(upscaled, high) / _error(self.features.infer(upscaled), self.features.infer(high)))
        if abs(ratio - 1.0) > NEAR:
            last = perceptual.all_convolutions(self.features.model)[-1]
            last.set_weights([weight * ratio**0.5 for weight in last.get_weights()])

    def stages(self) -> list[Stage]:
        """SRResNet's training, and the GAN stage."""
        begins = not self.options.init_from
        return [
            Stage("pretrain", self.options.pretrain_steps, self.pretrain_step, begins, is_scored=False),
            Stage("adversarial", self.total_steps(), self.train_step),
        ]

    def pretrain_step(self, batches: Batches) -> dict[str, Tensor]:
        """A step of SRResNet on the mean squared error of pixels, equation 4."""
        return self.pixel_step(batches)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equations 2 and 3: a generator step, then a discriminator step on the same images."""
        adversarial = ADVERSARIAL_LOSSES["non-saturating"]
        chosen = self.options
        high = next(batches)["image"]
        low = self.low(high)
        window = self._window()
        has_discriminator = chosen.adversarial_weight > 0
        real = window(high)
        generated: dict[str, Tensor] = {}
        metrics: dict[str, Tensor] = {}

        def generator_loss() -> Tensor:
            generated["image"] = fake = window(self.generator(low))
            metrics["content_loss"] = total = _error(*map(self._content_features, (fake, real)))
            total += chosen.pixel_weight * _error(fake, real) if chosen.pixel_weight else 0.0
            if not has_discriminator:
                return total
            _, fake_output = tf.split(frozen(self.discriminator)(tf.concat([real, fake], axis=0)), 2)
            return total + chosen.adversarial_weight * adversarial.generator(fake_output)

        def discriminator_loss() -> Tensor:
            images = tf.concat([real, tf.stop_gradient(generated["image"])], axis=0)
            real_output, fake_output = tf.split(self.discriminator(images), 2)
            metrics.update(p_real=mean_probability(real_output), p_fake=mean_probability(fake_output))
            return adversarial.real(real_output) + adversarial.fake(fake_output)

        metrics["generator_loss"] = minimize(self.generator, loss=generator_loss)
        if has_discriminator:
            metrics["discriminator_loss"] = minimize(self.discriminator, loss=discriminator_loss)
        return metrics

    def _window(self) -> Callable[[Tensor], Tensor]:
        """A function that cuts a square out of crops, at a random offset of less than the scale."""
        at, side = tf.cast(tf.floor(self.random.uniform([2]) * self.scale), tf.int32), self.window_side
        return lambda image: tf.slice(image, [0, at[0], at[1], 0], [*image.shape[:1], side, side, image.shape[3]])

    def _content_features(self, image: Tensor) -> Tensor:
        """The features of the content loss."""
        return image if self.options.content == "pixels" else frozen(self.features)(image)


def _error(first: Tensor, second: Tensor) -> Tensor:
    return tf.reduce_mean((first - second) ** 2)
