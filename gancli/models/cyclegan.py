"""CycleGAN: from images of one kind to those of another and back, without pairs. Zhu et al. 2017, arXiv:1703.10593.

Two generators, G from A to B and F back, and a discriminator of patches for either kind. G and F descend the costs of
equation 3: that the discriminators take what they make for real (least squares, section 4), and 10 times what is lost
on the way there and back, |F(G(a)) - a| + |G(F(b)) - b|. A discriminator is shown an image of the last 50 that were
made, and a real one.

    gancli train --model cyclegan --data summer2winter_yosemite.zip --image-size 64 --width 32 --blocks 6
    gancli translate summer.jpg --direction a-to-b

Data are folders `trainA` and `trainB`, and perhaps `testA` and `testB`, or any two classes. In an epoch as many images
are taken as there are of both kinds, half of them of either; those of the smaller kind come again in it, and some of
the larger one's wait for the next.

Differences from the paper: networks half as wide and a training of 20,000 steps by default; instance normalization has
gains and biases, which the authors' PyTorch code leaves out; the discriminator's last two convolutions keep the size of
their maps (32 x 32 places of 256 x 256 pixels, where the code has 30 x 30); a moving average of the generators'
weights; images are enlarged by 286 / 256 and cut as they are gathered, not decoded anew.

Options for trainings shorter than the paper's: `--residual-output` adds the input image to the generator's output,
which keeps images sharp from the first step on and makes "no change" the easiest solution; use it with
`--cycle-weight 1` and `--d-steps 5` (discriminators learn five times as fast in twice the time).
`--anti-checkerboard` averages after each upsampling, so that plain areas stay plain.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import DataError, OptionError
from gancli.core.options import option
from gancli.models.base import Batches, Model
from gancli.models.families.image_translation import Translating
from gancli.models.families.lr_decay import Decaying
from gancli.nn.architectures import image_translation
from gancli.nn.image_pool import ImagePool
from gancli.nn.losses import GAMES
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.config import TrainingConfig

NO_POOL = "the pool of past images is one, and devices have none in common; give --pool 0, and a --batch-size to share"


class CycleGAN(Translating, Decaying, Model):
    """Two generators and two discriminators."""

    columns: ClassVar[tuple[str, ...]] = ("image", "label")
    ema_networks: ClassVar[tuple[str, ...]] = ("a_to_b", "b_to_a")
    directions: ClassVar[tuple[str, ...]] = ("a-to-b", "b-to-a")
    multiple: ClassVar[int] = 4
    default_steps = 20_000

    @dataclass(frozen=True)
    class Options(Translating.Options, Decaying.Options, Model.Options):
        """Of the generators, their costs, and the pool."""

        blocks: int = option(6, "residual blocks (paper: 6 for 128 pixels, 9 for 256)", low=1, high=64)
        cycle_weight: float = option(10.0, "weight of the cycle-consistency loss (0 disables)", low=0, high=1000)
        identity_weight: float = option(
            0.0, "weight of the identity loss relative to --cycle-weight (paper, paintings: 0.5)", low=0, high=10
        )
        d_steps: int = option(1, "discriminator steps per generator step (paper: 1)", low=1, high=10)
        residual_output: bool = option(False, "predict a residual that is added to the input (paper: no)")
        anti_checkerboard: bool = option(False, "average neighboring pixels after each upsampling (paper: no)")
        pool: int = option(50, "size of the image buffer of each discriminator (0 disables)", low=0, high=10_000)

    def build(self, data: DataFacts) -> dict[str, Network]:
        """G and F, and the discriminators of A and of B."""
        if len(data.classes) != 2:
            raise DataError(f"'{data.name}' is of {len(data.classes)} kinds: expected folders trainA and trainB")
        chosen, channels = self.options, data.shape[2]
        if chosen.pool and self.devices.strategy:
            raise OptionError(NO_POOL)
        self.pools = {side: ImagePool(chosen.pool, data.shape) for side in "ab"}

        sizes = {
            "blocks": chosen.blocks,
            "width": chosen.width,
            "residual_output": chosen.residual_output,
            "anti_checkerboard": chosen.anti_checkerboard,
        }
        networks = {
            way: Network(image_translation.residual((channels, channels), **sizes), self.adam())
            for way in ("a_to_b", "b_to_a")
        }
        for side in "ab":
            judge = image_translation.patches(channels, width=chosen.width)
            networks[f"judge_{side}"] = Network(judge, self.adam(times=chosen.d_steps))
        return networks

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that do not go together."""
        super().check(config, chosen)
        if chosen.pool and config.devices != "1":
            raise OptionError(f"--devices {config.devices}: {NO_POOL}")
        if chosen.identity_weight and not chosen.cycle_weight:
            raise OptionError("--identity-weight is a share of the weight of --cycle-weight, which is 0")

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts:
        """The paper's photographs, or others of the size and colors asked for."""
        from gancli.data.dataset import DataFacts

        return DataFacts("example", cls.example_shape(config), 2, cls.columns, ("a", "b"))

    @classmethod
    def fitting_size(cls, side: int) -> int:
        """A multiple of 4, of 16 or more."""
        return max(16, round(side / 4) * 4)

    def variables(self) -> dict[str, tf.Variable]:
        """All state that training changes: the pools too."""
        held = super().variables()
        for side, pool in self.pools.items():
            held |= {f"pool_{side}/{name}": variable for name, variable in pool.variables().items()}
        return held

    def held(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images of both kinds. Raises: DataError if there are none of one."""
        labels = dataset.train["label"][:][self.training_rows(dataset)]
        self._of = [np.flatnonzero(labels == side) for side in range(2)]
        if not all(map(len, self._of)):
            raise DataError(f"'{dataset.name}' has no images of one of its two kinds to train on")
        return super().held(dataset)

    def training_count(self) -> int:
        """A whole number of batches of either kind."""
        size = 2 * self.options.batch_size
        return super().training_count() // size * size

    def arranged(self, order: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """A batch of A, one of B, and so on."""
        each, size = len(order) // 2, self.options.batch_size
        drawn = [np.resize(random.permutation(rows), each).reshape(-1, size) for rows in self._of]
        return np.stack(drawn, axis=1).reshape(-1)

    def batches_per_step(self) -> int:
        """One of either kind for each step of the discriminators."""
        return 2 * self.options.d_steps

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """k steps of each discriminator, before the last of which G and F take one together."""
        game, chosen, told, made = GAMES["least-squares"], self.options, {}, {}
        for _ in range(chosen.d_steps - 1):
            a, b = next(batches)["image"], next(batches)["image"]
            self._judge(a, b, {"b": self.a_to_b(a), "a": self.b_to_a(b)})
        a, b = next(batches)["image"], next(batches)["image"]

        def cost() -> Tensor:
            made["b"], made["a"] = self.a_to_b(a), self.b_to_a(b)
            judged = frozen(self.judge_b)(made["b"]), frozen(self.judge_a)(made["a"])
            told["adversarial_loss"] = loss = 2.0 * sum(map(game.generator, judged))  # its half is for D alone
            if chosen.cycle_weight:
                told["cycle_loss"] = _lost(self.b_to_a(made["b"]), a) + _lost(self.a_to_b(made["a"]), b)
                loss += chosen.cycle_weight * told["cycle_loss"]
            if chosen.identity_weight:
                told["identity_loss"] = _lost(self.a_to_b(b), b) + _lost(self.b_to_a(a), a)
                loss += chosen.cycle_weight * chosen.identity_weight * told["identity_loss"]
            return loss

        told["generator_loss"] = minimize(self.a_to_b, self.b_to_a, loss=cost)
        return told | self._judge(a, b, made)

    def _judge(self, a: Tensor, b: Tensor, made: dict[str, Tensor]) -> dict[str, Tensor]:
        """A step of each discriminator, on real images and on those of the pools."""
        told = {}
        for side, judge, real in (("a", self.judge_a, a), ("b", self.judge_b, b)):
            fake = self.pools[side].query(tf.stop_gradient(made[side]), self.random)
            told[f"judge_{side}_loss"] = minimize(judge, loss=functools.partial(_told_apart, judge, real, fake))
        return told

    def translate(self, images: Tensor, direction: str) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1], sides multiples of 4 -> the same of the other kind; with
        --residual-output it may leave [-1, 1]."""
        return self.networks[direction.replace("-", "_")].infer(images)


def _told_apart(judge: Network, real: Tensor, fake: Tensor) -> Tensor:
    game = GAMES["least-squares"]
    return game.real(judge(real)) + game.fake(judge(fake))


def _lost(found: Tensor, wanted: Tensor) -> Tensor:
    return tf.reduce_mean(tf.abs(found - wanted))
