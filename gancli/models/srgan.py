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

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models import regularization
from gancli.models.base import Batches, Stage
from gancli.models.families.content_loss import ContentLossModel, mean_squared_error
from gancli.models.families.dcgan_networks import DiscriminatorNorm
from gancli.models.families.super_resolution import LRStepOptions, stepped_rate
from gancli.models.learning_rates import AdversarialRates, learning_rate
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import super_resolution
from gancli.nn.losses import ADVERSARIAL_LOSSES, mean_probability
from gancli.nn.network import Network, frozen, minimize
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig

MIN_WINDOW = 17  # below, parts of a kernel reach no pixel, and oneDNN leaves their bfloat16 gradients uninitialized


class SRGAN(ContentLossModel):
    """SRResNet, trained further with a content loss and a discriminator (Ledig et al. 2017)."""

    default_steps = 10_000
    equalized_networks: ClassVar[tuple[str, ...]] = ("generator", "discriminator")
    discriminator: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, DiscriminatorNorm, AdversarialRates, LRStepOptions, ContentLossModel.Options):
        """A quarter of the paper's generator, and its losses."""

        depth: int = option(8, "residual blocks (paper: 16)", low=1, high=64)
        width: int = option(32, "channels of both networks' first feature maps (paper: 64)", low=1, high=512)
        anti_checkerboard: bool = option(True, "average neighboring pixels after each upsampling (paper: no)")
        loss: str = option("non-saturating", "adversarial loss", choices=tuple(ADVERSARIAL_LOSSES))
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

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator for images of any size, discriminator of crops, and the feature extractor of the content loss."""
        chosen, channels = self.options, data.shape[2]
        first = 0 if chosen.init_from else chosen.pretrain_steps
        early = chosen.pretrain_lr_factor * learning_rate(chosen, "g")
        before = {0: early, round(0.8 * first): 0.1 * early} if first else {}
        sizes = {"blocks": chosen.depth, "width": chosen.width, "anti_checkerboard": chosen.anti_checkerboard}
        generator = super_resolution.generator(self.scale, channels, **sizes)
        discriminator = super_resolution.discriminator(
            (self.window_side, self.window_side, channels), width=chosen.width, norm=chosen.d_norm
        )
        rate, d_rate = stepped_rate(self, "g", before=before, first=first), stepped_rate(self, "d")
        networks = {
            "generator": Network(generator, adam(rate, beta1=chosen.beta1)),
            "discriminator": Network(discriminator, adam(d_rate, beta1=chosen.beta1)),
        }
        return networks | self.feature_network()

    def resolved_options(self) -> dict[str, object]:
        """The step of the drop, which stays when the training is made longer."""
        if self.options.lr_schedule != "step":
            return super().resolved_options()
        return {"lr_drop_step": self.options.lr_drop_step or max(1, self.total_steps() // 2)}

    @property
    def window_side(self) -> int:
        """Side of the window of a crop that the losses compare."""
        return self.config.crop - self.scale

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        least = MIN_WINDOW + int(chosen.scale)
        if config.crop < least:
            raise OptionError(f"--crop {config.crop}: the discriminator halves it four times, give {least} or more")
        if not chosen.pretrain_steps and not chosen.init_from:
            raise OptionError("--pretrain-steps 0: the GAN stage needs a trained generator, give --init-from")
        has_discriminator = chosen.adversarial_weight > 0
        regularization.check(
            cls,
            chosen,
            has_batchnorm=chosen.batchnorm_advice(),
            loss=chosen.loss if has_discriminator else "",
            has_discriminator=has_discriminator,
        )

    @classmethod
    def scale_is_final(cls, chosen: Options) -> bool:
        """Not with --init-from: the scale is that of the run."""
        return not chosen.init_from

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
        adversarial, chosen = ADVERSARIAL_LOSSES[self.options.loss], self.options
        high = next(batches)["image"]
        low, window = self.low(high), self._window()
        has_discriminator = chosen.adversarial_weight > 0
        real = window(high)
        generated: dict[str, Tensor] = {}
        metrics: dict[str, Tensor] = {}

        def generator_loss() -> Tensor:
            generated["image"] = fake = window(self.generator(low))
            metrics["content_loss"] = total = mean_squared_error(*map(self.content_features, (fake, real)))
            total += chosen.pixel_weight * mean_squared_error(fake, real) if chosen.pixel_weight else 0.0
            if not has_discriminator:
                return total
            both = regularization.augmentation_of(self)(tf.concat([real, fake], axis=0))
            real_output, fake_output = tf.split(frozen(self.discriminator)(both), 2)
            return total + chosen.adversarial_weight * adversarial.of_generator(fake_output, lambda: real_output)

        metrics["generator_loss"] = minimize(self.generator, loss=generator_loss)
        return metrics | (self._discriminator_step(real, generated["image"]) if has_discriminator else {})

    def _discriminator_step(self, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """A step on real and generated images as one batch."""
        adversarial = ADVERSARIAL_LOSSES[self.options.loss]
        images = regularization.augmentation_of(self)(tf.concat([real, tf.stop_gradient(fake)], axis=0))
        outputs: list[Tensor] = []
        metrics: dict[str, Tensor] = {}

        def loss() -> Tensor:
            outputs[:] = tf.split(self.discriminator(images), 2)
            if adversarial.is_logit:
                metrics.update(p_real=mean_probability(outputs[0]), p_fake=mean_probability(outputs[1]))
            else:
                metrics.update(adversarial.metrics(*outputs))
            penalty = regularization.penalty(self, metrics, self.discriminator, *tf.split(images, 2))
            return adversarial.discriminator(*outputs) + penalty

        metrics["discriminator_loss"] = minimize(self.discriminator, loss=loss)
        paired = adversarial.pair is not None
        return metrics | regularization.after_discriminator_step(
            self, self.discriminator, *outputs, paired=paired, middle=adversarial.middle
        )

    def _window(self) -> Callable[[Tensor], Tensor]:
        """A function that cuts a square out of crops, at a random offset of less than the scale."""
        at, side = tf.cast(tf.floor(self.random.uniform([2]) * self.scale), tf.int32), self.window_side
        return lambda image: tf.slice(image, [0, at[0], at[1], 0], [*image.shape[:1], side, side, image.shape[3]])
