"""SRGAN: super-resolution that a discriminator takes for a photograph. Ledig et al. 2017, arXiv:1609.04802.

SRResNet is trained on the mean squared error of pixels first, so that the game begins from good pictures; then the
generator descends the perceptual loss (equation 3): the content loss and a thousandth of -log D(G(low)) (equation 6).
The content loss (equation 5) is the squared distance of the maps of VGG19: its fourth convolution before the fifth
pooling, or its second before the second (`--content vgg54`, `vgg22`), over 12.75; or of the pixels.

    gancli train --model srgan --data photos/
    gancli train --model srgan --data photos/ --init-from runs/00003-srresnet-photos      without the pre-training
    gancli train --model srgan --data photos/ --content cifar10        by the maps of this data set's classifier
    gancli train --model srgan --content cifar10 --pixel-weight 1 --adversarial-weight 2e-2 --d-lr-factor 2.5

Where VGG19's weights cannot be had, `--content` may name a labelled data set: the maps are those of the last
convolution of its classifier, as gancli trains one for its scores, and scaled so that of pictures that the bicubic
kernel enlarged they cost as much as the pixels' error. The maps become part of the run, and its results name them.

Differences from the paper: those of srresnet; -log D(G(low)) is a mean over the batch, where equation 6 prints a sum
over images, so that a thousandth of it weighs the same for any batch; the generator's Adam keeps its moments from the
pre-training into the game (a run of --init-from brings weights alone, and the moments begin at 0); the pre-training
takes four times the game's step size, 4e-4, for 20,000 steps; in the game the generator moves first, and the
discriminator judges what it made before; the discriminator is shown real and made images as one batch, since BatchNorm
would bring each half alone to one power, and blur could not be seen; both are seen through a window that moves by up to
as many pixels as one became, for its strides must not fall on the same ones of them each time; no total variation,
which the paper adds for SRResNet-VGG22 alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.imaging import images
from gancli.models.base import Batches, Model, Stage
from gancli.models.families.super_resolution import Upscaling
from gancli.nn.architectures import perceptual, super_resolution
from gancli.nn.losses import GAMES, mean_probability
from gancli.nn.network import Network, frozen, minimize
from gancli.nn.optimizers import adam, piecewise_constant

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.capabilities import Upscaler
    from gancli.models.config import TrainingConfig

CALIBRATED_BY = 64  # crops by which the maps of a classifier are scaled
LEAST_SEEN = 17  # below, parts of a kernel reach no pixel, and oneDNN leaves their slopes in bfloat16 as memory was
NEAR = 0.02  # of 1: scaled already, but for the rounding of bfloat16


class SRGAN(Upscaling, Model):
    """The residual network and its discriminator."""

    default_steps = 10_000
    ema_networks: ClassVar[tuple[str, ...]] = ("generator",)

    @dataclass(frozen=True)
    class Options(Upscaling.Options, Model.Options):
        """A quarter of the paper's generator, and its loss."""

        blocks: int = option(8, "residual blocks (paper: 16)", low=1, high=64)
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
        d_lr_factor: float = option(
            1.0, "learning rate of the discriminator relative to the generator's", above=0, high=1000
        )
        lr_drop_step: int | None = option(
            None, "step at which the learning rate drops to a tenth (default: halfway)", low=1
        )
        init_from: str = option("", "srresnet run to start from, instead of pre-training")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator, discriminator, and the maps that content is compared by."""
        chosen, channels = self.options, data.shape[2]
        first = 0 if chosen.init_from else chosen.pretrain_steps
        rate, beta1, half = chosen.learning_rate, chosen.beta1, self.resolved()["lr_drop_step"]
        early, fast = chosen.pretrain_lr_factor * rate, chosen.d_lr_factor * rate
        rates = {0: early, round(0.8 * first): 0.1 * early} if first else {}
        sizes = {"blocks": chosen.blocks, "width": chosen.width, "anti_checkerboard": chosen.anti_checkerboard}
        generator = super_resolution.generator(self.scale, channels, **sizes)
        judge = super_resolution.discriminator((self.seen, self.seen, channels), width=chosen.width)
        networks = {
            "generator": Network(
                generator, adam(piecewise_constant(rates | {first: rate, first + half: 0.1 * rate}), beta1=beta1)
            ),
            "discriminator": Network(judge, adam(piecewise_constant({0: fast, half: 0.1 * fast}), beta1=beta1)),
        }
        if chosen.content != "pixels" and self._is_named():
            networks["features"] = Network(perceptual.features(chosen.content), keras.optimizers.SGD(0.0))
        return networks

    def resolved(self) -> dict[str, object]:
        """Where the rate falls: it stays there if the training is made longer."""
        return {"lr_drop_step": self.options.lr_drop_step or max(1, self.total_steps() // 2)}

    @property
    def seen(self) -> int:
        """Side of what is looked at of a crop."""
        return self.config.crop - self.scale

    def _is_named(self) -> bool:
        """Whether the maps are known by now: a data set's classifier is looked for when a run is planned."""
        return self.options.content in perceptual.VGG or perceptual.is_of_classifier(self.options.content)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that do not go together."""
        super().check(config, chosen)
        least = LEAST_SEEN + int(chosen.scale)
        if config.crop < least:
            raise OptionError(f"--crop {config.crop}: the discriminator halves it four times, give {least} or more")
        if not chosen.pretrain_steps and not chosen.init_from:
            raise OptionError("--pretrain-steps 0: the game needs a start, name a run of srresnet with --init-from")

    @classmethod
    def pretrained_sources(cls, chosen: Options) -> dict[str, str]:
        """The run that is begun with, and what knows the maps."""
        maps = {"pixels": None, "vgg22": "vgg19", "vgg54": "vgg19"}.get(chosen.content, "classifier")
        known = perceptual.OF_CLASSIFIER.fullmatch(chosen.content)  # of a run.json that is taken as a configuration
        of = known[2] if known else chosen.content
        return ({"run": chosen.init_from} if chosen.init_from else {}) | ({maps: of} if maps else {})

    @classmethod
    def options_from_pretrained(
        cls, config: TrainingConfig, chosen: Options, facts: DataFacts, lent: Mapping[str, object]
    ) -> tuple[Options, DataFacts]:
        """The sizes of the run that is begun with, and the maps by their full name. Raises: OptionError."""
        if "run" in lent:
            chosen = _sized(chosen, facts, lent["run"])
            cls.check_crop(config, chosen)
        if chosen.content != "pixels" and facts.shape[2] != 3:
            raise OptionError(f"--content {chosen.content} sees colours: give --color rgb, or --content pixels")
        if "classifier" in lent:
            found = lent["classifier"]
            first, *others = _convolutions(found.layers)
            name = perceptual.name_of_classifier(1 + len(others), cls.pretrained_sources(chosen)["classifier"])
            if first.kernel.shape[2] != 3:
                raise OptionError(f"--content {chosen.content}: its images are grey, and the maps must see colours")
            chosen = replace(chosen, content=name)
        return chosen, facts

    def load_pretrained(self, lent: Mapping[str, object]) -> None:
        """Take weights."""
        if "run" in lent:
            self.generator.layers.set_weights(lent["run"].generator.used.get_weights())
            self.generator.reset_ema()
        source = lent["classifier"].layers if "classifier" in lent else lent.get("vgg19")
        if source is not None:
            for layer in _convolutions(self.features.layers):
                layer.set_weights(source.get_layer(layer.name).get_weights())

    def begin(self, number: int, dataset: Dataset) -> None:
        """Before the game: scale a classifier's maps, by their last convolution: its rectifier lets scales through."""
        if self.stages()[number].name != "adversarial" or not perceptual.is_of_classifier(self.options.content):
            return
        side, rows = self.config.crop, self.training_rows(dataset)[:CALIBRATED_BY]
        high = np.stack([pixels[:side, :side] for pixels in dataset.pictures(rows)])
        high = images.from_uint8(tf.constant(high))
        made = tf.image.resize(2.0 * self.low(high) - 1.0, (side, side), method="bicubic")
        ratio = float(_error(made, high) / _error(self.features.infer(made), self.features.infer(high)))
        if abs(ratio - 1.0) > NEAR:
            last = _convolutions(self.features.layers)[-1]
            last.set_weights([weight * ratio**0.5 for weight in last.get_weights()])

    def stages(self) -> list[Stage]:
        """SRResNet's training, and the game."""
        begins = not self.options.init_from
        return [
            Stage("pretrain", self.options.pretrain_steps, self.pretrain_step, begins, is_scored=False),
            Stage("adversarial", self.total_steps(), self.train_step),
        ]

    def pretrain_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equation 4."""
        return self.pixel_step(batches)

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Equations 2 and 3: one step of the generator, one of the discriminator; both look at the same images."""
        game, told, chosen = GAMES["non-saturating"], {}, self.options
        high = next(batches)["image"]
        low, window, plays = self.low(high), self._window(), chosen.adversarial_weight > 0
        real, made = window(high), {}

        def cost() -> Tensor:
            made["fake"] = fake = window(self.generator(low))
            told["content_loss"] = loss = _error(*map(self._maps, (fake, real)))
            loss += chosen.pixel_weight * _error(fake, real) if chosen.pixel_weight else 0.0
            if not plays:
                return loss
            _, judged = tf.split(frozen(self.discriminator)(tf.concat([real, fake], axis=0)), 2)
            return loss + chosen.adversarial_weight * game.generator(judged)

        def loss() -> Tensor:
            judged = tf.split(self.discriminator(tf.concat([real, tf.stop_gradient(made["fake"])], axis=0)), 2)
            told.update({name: mean_probability(one) for name, one in zip(("p_real", "p_fake"), judged, strict=True)})
            return game.real(judged[0]) + game.fake(judged[1])

        told["generator_loss"] = minimize(self.generator, loss=cost)
        if plays:
            told["discriminator_loss"] = minimize(self.discriminator, loss=loss)
        return told

    def _window(self) -> Callable[[Tensor], Tensor]:
        """A function that cuts a square out of crops, at one random place of as many as there are sub-pixels."""
        at, side = tf.cast(tf.floor(self.random.uniform([2]) * self.scale), tf.int32), self.seen
        return lambda image: tf.slice(image, [0, at[0], at[1], 0], [*image.shape[:1], side, side, image.shape[3]])

    def _maps(self, image: Tensor) -> Tensor:
        """What content is compared by."""
        return image if self.options.content == "pixels" else frozen(self.features)(image)


def _error(first: Tensor, second: Tensor) -> Tensor:
    return tf.reduce_mean((first - second) ** 2)


def _convolutions(layers: keras.Model) -> list[keras.Layer]:
    """Those of a network and of the networks in it, in order."""
    found = []
    for layer in layers.layers:
        if isinstance(layer, keras.Model):
            found += _convolutions(layer)
        elif isinstance(layer, keras.layers.Conv2D):
            found.append(layer)
    return found


def _sized(chosen: SRGAN.Options, facts: DataFacts, lent: Upscaler) -> SRGAN.Options:
    """The options with the sizes of a run of srresnet. Raises: OptionError for another run."""
    if lent.name() != "srresnet":
        raise OptionError(f"--init-from {chosen.init_from}: a run of {lent.name()}, not of srresnet")
    if lent.data.shape[2] != facts.shape[2]:
        raise OptionError(f"--init-from {chosen.init_from}: it enlarges images of {lent.data.shape[2]} channels")
    sizes = {name: getattr(lent.options, name) for name in ("scale", "blocks", "width", "anti_checkerboard")}
    for name, size in sizes.items():
        if getattr(chosen, name) not in (size, getattr(SRGAN.Options(), name)):  # a default means the run's own value
            flag = f"--{name.replace('_', '-')}"
            raise OptionError(f"{flag} {getattr(chosen, name)}: the run of --init-from has {size}; leave it out")
    return replace(chosen, **sizes)
