"""Progressive growing of GANs. Karras, Aila, Laine & Lehtinen 2018, arXiv:1710.10196.

Both networks begin with images of 4 pixels. When these are learned, a block for twice the side fades in: its share of
the image rises from 0 to 1, while real images gain details at the same pace. Then it is trained in full, and so on up
to the image. Large images build on structure that small ones have, and most steps are cheap. `--growth-steps` are the
steps until the last resolution has faded in, divided equally among the first resolution and the fade-in and training
of each other; the last one is trained for the rest. The optimizers begin anew with each of these stages, as in the
authors' code. samples/growing.gif shows the growth.

The critic of WGAN-GP, with one step per generator step and a penalty `--drift` on large outputs, compares the images of
groups by their standard deviation. In the generator each pixel is normalized after each convolution, z at the input.
Weights have an equalized learning rate.

Differences from the paper:
- Narrower networks: 64 channels up to 8 pixels, the paper's 512 up to 32 pixels (`--preset paper`).
- Stages of equal numbers of steps, all with batches of 16; the paper's stages have 600,000 images each, in batches of
  16, and fewer from 256 pixels on.
- The first dense layer has a bias per number, the authors' one per channel.
- Sides that are no powers of 2 are halved rounding up: 4, 7, 14, 28.
- The EMA begins anew with each stage, as it counts the steps of the optimizer.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, keras, tf
from gancli.core.distributed import replica_ops
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.models import exports
from gancli.models.base import Batches, Stage
from gancli.models.capabilities import Decoder
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements, at_least_8
from gancli.models.families.adversarial import AdversarialModel
from gancli.models.learning_rates import scheduled
from gancli.models.metric_names import SHARED, Metric
from gancli.nn import optimizers
from gancli.nn.adversarial_step import AdversarialConfig, alternating_step
from gancli.nn.architectures.progressive import networks
from gancli.nn.architectures.progressive.schedule import Schedule
from gancli.nn.network import Network

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gancli.data.dataset import DataFacts

BETA2 = 0.99


def _grown(model: ProGAN, stock: exports.Stock) -> keras.Model:
    """From z to the image at the growth that the training has reached."""
    ops, z = keras.ops, keras.Input((model.z_size,), name="z")
    ones, shares = ops.ones_like(z[:, :1]), model.shares().numpy().tolist()
    image = stock("generator")([z, ops.concatenate([share * ones for share in shares], axis=1)])
    return keras.Model(z, ops.clip(image, -1.0, 1.0), name="generator")


class ProGAN(AdversarialModel, Decoder):
    """A GAN whose networks grow with the images."""

    default_steps = 10_000
    inference_networks = exports.decoder(build=_grown)
    metrics = SHARED | {"share": Metric("share", "share of the newest resolution in the image")}
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "paper": {"width": 512, "full_width_side": 32, "z_dim": 512}
    }

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Images in float32, which is faster than bfloat16 in networks of few channels."""

        precision: str = "float32"

    @dataclass(frozen=True)
    class Options(AdversarialModel.Options):
        """The paper's settings, narrower."""

        batch_size: int = 16
        width: int = option(64, "channels of the smallest feature maps (paper: 512)", low=1, high=1024)
        full_width_side: int = option(
            8, "largest side of maps of --width channels; halved beyond (paper: 32)", low=1, high=1024
        )
        z_dim: int = option(128, "length of the latent vector (paper: 512)")
        growth_steps: int | None = option(
            None, "steps until the images have their full size (default: half of them)", low=1
        )
        learning_rate: float = 1e-3
        beta1: float = 0.0
        loss: str = "wasserstein"
        gradient_penalty: float = 10.0
        drift: float = option(1e-3, "weight of the mean square of outputs on real images", low=0, high=100)
        equalized_lr: bool = True
        minibatch_stddev: int = 4

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of 8 pixels or more."""
        return DataRequirements(cls.columns, nearest_side=at_least_8)

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        for name in ("warmup_loss", "feature_matching", "minibatch_kernels"):
            if getattr(chosen, name):
                flag = f"--{name.replace('_', '-')}"
                raise OptionError(f"{flag} is for networks of one resolution, and those of {cls.name()} grow: omit it")

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator of all resolutions, and the parts of them that the stages train."""
        chosen, self.state["growth"] = self.options, replica_ops.state_variable(0.0, "growth")
        sizes = networks.sizes(data.shape, width=chosen.width, full_width_side=chosen.full_width_side)
        self.growing = {
            "generator": networks.generator(sizes, chosen.z_dim),
            "discriminator": networks.discriminator(sizes, group=chosen.minibatch_stddev),
        }
        return {
            name: Network(growing.whole, self.adam(name[0]), gains=networks.GAINS)
            for name, growing in self.growing.items()
        }

    def adam(self, side: str = "") -> keras.optimizers.Optimizer:
        """A new Adam optimizer with beta2 0.99, whose rate decays over all stages if it does."""
        timing = self.timing(side)
        rate, updates = scheduled(self, side, **timing), timing.get("updates", 1)
        if callable(rate):
            rate = optimizers.counted_by(rate, lambda: updates * self.state["growth"].value)
        return optimizers.adam(rate, beta1=self.options.beta1, beta2=BETA2)

    @property
    def schedule(self) -> Schedule:
        """When each resolution fades in."""
        return Schedule(networks.sides(self.data.shape), self.resolved_options()["growth_steps"])

    def resolved_options(self) -> dict[str, object]:
        """The steps of the growth, which stay in a longer training."""
        steps = self.options.growth_steps or max(1, self.total_steps() // 2)
        return super().resolved_options() | {"growth_steps": steps}

    def shares(self) -> Tensor:
        """The share of each resolution but the first after the steps done so far, float32 (resolutions - 1,)."""
        return self.schedule.shares(self.state["growth"].value)

    def stages(self) -> list[Stage]:
        """Two for each resolution but the first, as it fades in and as it stays; they share a compiled step."""
        phases = self.schedule.phases(self.total_steps())
        steps = [functools.partial(self.train_step, level=level) for level in range(len(self.schedule.sides))]
        return [Stage(name, length, steps[level]) for name, level, length in phases]

    def on_stage_start(self, number: int, dataset: object) -> None:
        """Reset the state of the optimizers."""
        for network in self.networks.values():
            optimizers.reset(network.optimizer)

    def train_step(self, batches: Batches, level: int = -1) -> dict[str, Tensor]:
        """A step of one resolution, by default the last, at the share that it has after the steps done so far."""
        level %= len(self.schedule.sides)
        share = self.shares()[level - 1] if level else tf.constant(1.0)
        with contextlib.ExitStack() as stack:
            for name, growing in self.growing.items():
                stack.enter_context(self.networks[name].limited_to(growing.parts[level]))
            config = self.adversarial_config(self.options.loss, self.options.d_steps)
            config = dataclasses.replace(config, **self._of_resolution(level, share))
            metrics = alternating_step(self.generator, self.discriminator, batches, config)
        self.state["growth"].assign_add(1.0)
        return metrics | {"share": share}

    def _of_resolution(self, level: int, share: Tensor) -> dict[str, object]:
        """What an AdversarialConfig has at a resolution: real images, and the share as an input of both networks."""
        side = self.schedule.sides[level]

        def real(batch: dict[str, Tensor]) -> Tensor:
            images = networks.down(batch["image"], side)
            return networks.faded(images, share) if level else images

        column = (tf.fill([self.options.batch_size, 1], share),) if level else ()
        return {"real": real, "conditioning": lambda batch: column}

    def adversarial_config(self, loss: str, d_steps: int = 1) -> AdversarialConfig:
        """The configuration of a training step, with the drift penalty if the loss has outputs of real images alone."""
        config = super().adversarial_config(loss, d_steps)
        plain, drift = config.loss, self.options.drift
        if not drift or plain.pair:
            return config
        drifting = plain._replace(real=lambda a: plain.real(a) + drift * tf.reduce_mean(a**2))
        return dataclasses.replace(config, loss=drifting)

    def progress(self) -> Tensor:
        """The share of the training's steps that are done, float32 from 0 to 1."""
        return self.state["growth"].value / self.total_steps()

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, side, side, channels) in [-1, 1], enlarged from the newest resolution."""
        shares = tf.tile(self.shares()[None], (tf.shape(z)[0], 1))
        return tf.clip_by_value(self.generator.infer(z, shares), -1.0, 1.0)
