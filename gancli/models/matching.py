"""A conditional GAN with a matching-aware discriminator. Reed et al. 2016, arXiv:1605.05396, section 4.2, on labels.

The discriminator sees three kinds of pairs: a real image with its label is real; a real image with another label is
fake; a generated image with the label that it was made for is fake. So it learns whether the image matches the label,
and not only whether it is real. The networks are those of dcgan, with the label joined to every layer.

--mismatch-weight is the weight of each of the two kinds of fakes: 0.5 as in Algorithm 1 of the paper. The wrong label
is drawn uniformly from the others. p_wrong, the discriminator's mean probability for mismatched pairs, is recorded.

--preset original has the networks and settings of gmlove/leifeng_course (week 9), for gray images of 28 x 28
(--network leifeng-course): the label embedded in 200 numbers next to z, and a plane of 4 x 4 in the discriminator.
These collapse to one image per label.

Differences from the paper:
- EMA of the weights.
- Labels instead of sentences; the label is replaced in a mismatched pair, as in the paper, not the image, as in its
  code.
- The networks of dcgan, where the label enters at every layer.

Differences of --preset original from leifeng_course:
- The weight of each kind of fakes is that of the paper (leifeng_course: --mismatch-weight 1).
- Images are generated with BatchNorm's moving statistics.
- Values above white are clipped.
- z has one distribution, U(-1, 1), for training and sampling (its sampling script uses N(0, 1)).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from gancli.core import options
from gancli.core.backend import Tensor, tf
from gancli.core.errors import DataError, OptionError
from gancli.core.options import option
from gancli.models import exports
from gancli.models.base import Batch, one_hot
from gancli.models.data_requirements import DataRequirements
from gancli.models.families.dcgan_networks import DCGANModel
from gancli.nn.adversarial_step import AdversarialConfig
from gancli.nn.architectures import matching
from gancli.nn.losses import SEPARABLE_LOSSES
from gancli.nn.network import Network

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts
    from gancli.models.config import TrainingConfig

COURSE = "leifeng-course"
NOT_OF_THE_COURSE = ("kernel", "g_norm", "conditioning", "discriminator")  # options of the networks of dcgan


class Matching(DCGANModel):
    """The conditional GAN whose discriminator also learns whether image and label match."""

    columns = ("image", "label")
    default_steps = 5_000
    inference_networks = exports.clipped_decoder()
    presets: ClassVar[Mapping[str, Mapping[str, object]]] = {
        "original": {
            "network": COURSE,
            "batch_size": 32,
            "learning_rate": 2e-4,
            "width": matching.WIDTH,
            "steps": 8_000,
        }
    }

    @dataclass(frozen=True)
    class Options(DCGANModel.Options):
        """The networks of dcgan, or those of leifeng_course."""

        learning_rate: float = option(8e-4, "learning rate (paper: 2e-4)")
        prior: str = "uniform"
        network: str = option(
            "dcgan", "networks of generator and discriminator", choices=("dcgan", COURSE), absent=COURSE
        )
        depth: int | None = option(
            None, "number of halvings (leifeng-course: of hidden convolutions, 4 or more)", low=1, high=64
        )
        loss: str = option("non-saturating", "adversarial loss", choices=tuple(SEPARABLE_LOSSES))
        mismatch_weight: float = option(
            0.5, "weight of mismatched pairs, and of generated pairs (leifeng_course: 1)", above=0, high=10
        )

    def build(self, data: DataFacts) -> dict[str, Network]:
        """Generator and discriminator for the data's classes."""
        chosen, classes = self.options, len(data.classes)
        if classes < 2:
            raise DataError(f"matching needs two classes or more, and '{data.name}' has {classes}")
        if chosen.network != COURSE:
            return super().build(data)
        sizes = {"width": chosen.width, "depth": chosen.depth or matching.DEPTH}
        discriminator = matching.discriminator(classes, norm=chosen.d_norm, **sizes)
        return {
            "generator": Network(matching.generator(chosen.z_dim, classes, **sizes), self.optimizer("g")),
            "discriminator": Network(self.with_minibatch_layers(discriminator), self.optimizer("d")),
        }

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        if chosen.network != COURSE:
            return
        if chosen.depth is not None and chosen.depth < matching.DEPTH:
            raise OptionError(f"--depth {chosen.depth}: --network {COURSE} needs {matching.DEPTH} or more")
        defaults = {field.name: field.default for field in options.fields(cls.Options)}
        for name in NOT_OF_THE_COURSE:
            if getattr(chosen, name) != defaults[name]:
                raise OptionError(f"--network {COURSE} has no --{name.replace('_', '-')}: leave it out")

    def adversarial_config(self, loss: str, d_steps: int = 1) -> AdversarialConfig:
        """Algorithm 1 of Reed et al. 2016."""
        plain = super().adversarial_config(loss, d_steps)
        return replace(plain, mismatched=self._wrong_labels, fake_weight=self.options.mismatch_weight)

    def decode(self, z: Tensor, condition: Tensor | None = None) -> Tensor:
        """Images float32 (batch, height, width, channels) in [-1, 1]; condition: one-hot labels."""
        return tf.minimum(super().decode(z, condition), 1.0)

    def _wrong_labels(self, batch: Batch) -> tuple[Tensor, ...]:
        return (one_hot(self._other_labels(batch["label"]), self.data.classes),)

    def _other_labels(self, labels: Tensor) -> Tensor:
        """A random other label for each."""
        classes = len(self.data.classes)
        return (labels + self.random.uniform(tf.shape(labels), 1, classes, tf.int32)) % classes

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Square images with labels; gray ones of 28 x 28 pixels for the networks of the course."""
        if chosen.network == COURSE:
            return DataRequirements(cls.columns, nearest_side=lambda side: matching.SIDE, channels=1)
        return super().data_requirements(chosen)
