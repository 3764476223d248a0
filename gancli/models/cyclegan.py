"""CycleGAN: unpaired image-to-image translation. Zhu et al. 2017, arXiv:1703.10593.

Two generators, G from domain A to B and F back, and a patch discriminator for each domain. G and F minimize equation 3:
the least-squares adversarial loss (section 4) and 10 times the cycle-consistency loss, |F(G(a)) - a| + |G(F(b)) - b|. A
discriminator is trained on real images and on generated ones from a buffer of the last 50.

    gancli train --model cyclegan --data summer2winter_yosemite.zip --image-size 64 --width 32 --depth 6
    gancli translate summer.jpg --direction a-to-b

Data are folders `trainA` and `trainB`, and optionally `testA` and `testB`, or any two classes. An epoch takes as many
images as there are in both domains, half of them from each; images of the smaller domain are repeated in it, and some
of the larger one wait for the next.

Options for trainings shorter than the paper's: `--residual-output` adds the input image to the generator's output,
which keeps images sharp from the first step on and makes "no change" the easiest solution; use it with
`--cycle-weight 1` and `--d-steps 5` (discriminators learn five times as fast in twice the time).
`--anti-checkerboard` averages after each upsampling, so that uniform areas stay uniform.

Differences from the paper:
- Networks half as wide, and 20,000 steps by default.
- Instance normalization has gains and biases, which the authors' PyTorch code leaves out.
- The discriminator's last two convolutions keep the size of their maps (32 x 32 outputs for 256 x 256 pixels; 30 x 30
  in the code).
- EMA of the generators' weights.
- Images are enlarged by 286 / 256 and cropped as batches are made, not decoded again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import DataError, OptionError
from gancli.core.options import option
from gancli.models import exports, regularization
from gancli.models.base import Batches
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.image_translation import ImageTranslationModel, JitteredCrops
from gancli.models.learning_rates import scheduled
from gancli.models.metric_names import SHARED, Metric
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import image_translation
from gancli.nn.image_pool import ImagePool
from gancli.nn.losses import SEPARABLE_LOSSES
from gancli.nn.network import Network, frozen, minimize
from gancli.nn.optimizers import adam

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset
    from gancli.models.config import TrainingConfig

NO_POOL = "devices cannot share the image pool; give --pool 0, and a --batch-size that they can divide"


def multiple_of_4(side: int) -> int:
    """The nearest multiple of 4, at least 16."""
    return max(16, round(side / 4) * 4)


class UnpairedCrops(JitteredCrops):
    """Batches of A and of B in turn."""

    def columns_to_load(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images of both domains. Raises: DataError if one has none."""
        labels = dataset.train["label"][:][self.training_rows(dataset)]
        self._rows_of = [np.flatnonzero(labels == side) for side in range(2)]
        if not all(map(len, self._rows_of)):
            raise DataError(f"'{dataset.name}' has no training images of one of its two domains")
        return super().columns_to_load(dataset)

    def training_count(self) -> int:
        """A whole number of batches of each domain."""
        size = 2 * self.model.options.batch_size
        return super().training_count() // size * size

    def order_epoch(self, order: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Rows of an epoch, int: a batch of A, one of B, and so on."""
        each, size = len(order) // 2, self.model.options.batch_size
        orders = [np.resize(random.permutation(rows), each).reshape(-1, size) for rows in self._rows_of]
        return np.stack(orders, axis=1).reshape(-1)


class CycleGAN(ImageTranslationModel):
    """Two generators, from each domain to the other, and a discriminator of each (Zhu et al. 2017)."""

    columns: ClassVar[tuple[str, ...]] = ("image", "label")
    ema_networks: ClassVar[tuple[str, ...]] = ("a_to_b", "b_to_a")
    adversaries: ClassVar[tuple[str, ...]] = ("judge_a", "judge_b")
    inference_networks = exports.translator("a_to_b", "a-to-b") | exports.translator("b_to_a", "b-to-a")
    directions: ClassVar[tuple[str, ...]] = ("a-to-b", "b-to-a")
    multiple: ClassVar[int] = 4
    default_steps = 20_000
    metrics = SHARED | {
        "cycle_loss": Metric("cycle", "cycle-consistency loss"),
        "adversarial_loss": Metric("adv", "adversarial part of G"),
        "identity_loss": Metric("identity", "identity loss"),
        "judge_a_loss": Metric("D(a)", "loss of the discriminator of A"),
        "judge_b_loss": Metric("D(b)", "loss of the discriminator of B"),
    }
    Pipeline = UnpairedCrops
    a_to_b: Network
    b_to_a: Network

    @dataclass(frozen=True)
    class Options(RegularizationOptions, ImageTranslationModel.Options):
        """Generators, losses and image pool."""

        loss: str = option("least-squares", "adversarial loss", choices=tuple(SEPARABLE_LOSSES))
        depth: int = option(6, "residual blocks (paper: 6 for 128 pixels, 9 for 256)", low=1, high=64)
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
            raise DataError(
                "cyclegan needs two domains, such as folders trainA and trainB; "
                f"'{data.name}' has {len(data.classes)} classes"
            )
        chosen, channels = self.options, data.shape[2]
        if chosen.pool and self.devices.strategy:
            raise OptionError(NO_POOL)
        self.pools = {side: ImagePool(chosen.pool, data.shape) for side in "ab"}

        sizes = {
            "blocks": chosen.depth,
            "width": chosen.width,
            "residual_output": chosen.residual_output,
            "anti_checkerboard": chosen.anti_checkerboard,
        }
        networks = {
            way: Network(image_translation.residual((channels, channels), **sizes), self.adam("g"))
            for way in ("a_to_b", "b_to_a")
        }
        rate = scheduled(self, "d", updates=chosen.d_steps)
        for side in "ab":
            discriminator = image_translation.patches(channels, width=chosen.width)
            networks[f"judge_{side}"] = Network(discriminator, adam(rate, beta1=chosen.beta1))
        return networks

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if chosen.pool and config.devices != "1":
            raise OptionError(f"--devices {config.devices}: {NO_POOL}")
        if chosen.identity_weight and not chosen.cycle_weight:
            raise OptionError("--identity-weight is relative to --cycle-weight, which is 0")
        regularization.check(cls, chosen, loss=chosen.loss)

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts:
        """Images of the paper's size, or of the size and color in the settings."""
        from gancli.data.dataset import DataFacts

        return DataFacts("example", cls.example_shape(config, chosen), 2, cls.columns, ("a", "b"))

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images of two classes."""
        return DataRequirements(cls.columns, nearest_side=multiple_of_4)

    @property
    def d_a(self) -> Network:
        """The discriminator of domain A."""
        return self.networks["judge_a"]  # its name in checkpoints

    @property
    def d_b(self) -> Network:
        """The discriminator of domain B."""
        return self.networks["judge_b"]

    def variables(self) -> dict[str, tf.Variable]:
        """All state that training changes, including the image pools."""
        variables = super().variables()
        for side, pool in self.pools.items():
            variables |= {f"pool_{side}/{name}": variable for name, variable in pool.variables().items()}
        return variables

    def batches_per_step(self) -> int:
        """One batch of each domain per discriminator step."""
        return 2 * self.options.d_steps

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """`d_steps` steps of each discriminator, with a joint step of G and F before the last."""
        adversarial, chosen = SEPARABLE_LOSSES[self.options.loss], self.options
        augment = regularization.augmentation_of(self)
        fake: dict[str, Tensor] = {}
        metrics: dict[str, Tensor] = {}
        for _ in range(chosen.d_steps - 1):
            a, b = next(batches)["image"], next(batches)["image"]
            self._discriminator_steps(a, b, {"b": self.a_to_b(a), "a": self.b_to_a(b)})
        a, b = next(batches)["image"], next(batches)["image"]

        def generator_loss() -> Tensor:
            fake["b"], fake["a"] = self.a_to_b(a), self.b_to_a(b)
            outputs = frozen(self.d_b)(augment(fake["b"])), frozen(self.d_a)(augment(fake["a"]))
            metrics["adversarial_loss"] = total = 2.0 * sum(map(adversarial.generator, outputs))  # only D halves it
            if chosen.cycle_weight:
                metrics["cycle_loss"] = _l1(self.b_to_a(fake["b"]), a) + _l1(self.a_to_b(fake["a"]), b)
                total += chosen.cycle_weight * metrics["cycle_loss"]
            if chosen.identity_weight:
                metrics["identity_loss"] = _l1(self.a_to_b(b), b) + _l1(self.b_to_a(a), a)
                total += chosen.cycle_weight * chosen.identity_weight * metrics["identity_loss"]
            return total

        metrics["generator_loss"] = minimize(self.a_to_b, self.b_to_a, loss=generator_loss)
        return metrics | self._discriminator_steps(a, b, fake)

    def _discriminator_steps(self, a: Tensor, b: Tensor, fake: dict[str, Tensor]) -> dict[str, Tensor]:
        """A step of each discriminator, on real images and on those of its image pool."""
        augment, metrics = regularization.augmentation_of(self), {}
        for side, discriminator, real in (("a", self.d_a, a), ("b", self.d_b, b)):
            past = self.pools[side].query(tf.stop_gradient(fake[side]), self.random)
            loss = self._discriminator_step(discriminator, augment(real), augment(past), metrics)
            metrics[f"judge_{side}_loss"] = loss
        return metrics

    def _discriminator_step(
        self, discriminator: Network, real: Tensor, fake: Tensor, metrics: dict[str, Tensor]
    ) -> Tensor:
        adversarial, outputs = SEPARABLE_LOSSES[self.options.loss], []

        def loss() -> Tensor:
            outputs[:] = discriminator(real), discriminator(fake)
            total = adversarial.discriminator(*outputs)
            return total + regularization.penalty(self, metrics, discriminator, real, fake)

        value = minimize(discriminator, loss=loss)
        metrics |= regularization.after_discriminator_step(self, discriminator, *outputs, middle=adversarial.middle)
        return value

    def translate(self, images: Tensor, direction: str) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1], sides multiples of 4 -> the same in the other domain; it
        may leave [-1, 1] with --residual-output."""
        return self.networks[direction.replace("-", "_")].infer(images)


def _l1(images: Tensor, targets: Tensor) -> Tensor:
    return tf.reduce_mean(tf.abs(images - targets))
