"""Semantic segmentation with an adversary. Luc et al. 2016, arXiv:1611.08408.

The segmenter s gives each pixel the probabilities of its classes; the adversary a sees an image with a label map and
says whether people made it. The paper's equation 1, in two halves: a descends bce(a(x, y), 1) + bce(a(x, s(x)), 0), s
descends the cross-entropy of its classes and lambda bce(a(x, s(x)), 1) (section 3.1: not minus bce of 0, whose slope
fades).

    gancli train --model segmentation --data camvid.zip                                   the standard net
    gancli train --model segmentation --data camvid.zip --adversarial-weight 0.1
    gancli segment street.jpg

What a is shown of s(x) and of y (section 3.2): `basic`, the probabilities and one-hot maps as they are; `product`, the
image times each class's map; `scaling`, y softened, so that its sharpness does not give it away: the true class has 0.9
or what s says if that is more, the others share the rest as s would.

Differences from the paper: costs are means over pixels, not sums, and lambda is on that scale; the segmenters have
BatchNorm and learn from random weights. `multiscale` sees the image, its half, and its quarter as they are (means of
pixels, the same weights for each), where the net of Farabet et al. 2013 that the paper takes sees the three levels of a
Laplacian pyramid, each normalized in every neighborhood; `dilated`, the default, is a small net of residual blocks, not
the paper's Dilated-8 with VGG16's weights. Both learn from random crops, enlarged or reduced by up to 1.5 and mirrored.
a judges every place of a map of an eighth of the size; Adam, its rate falling in a line for the second half. Pixels
without a label count for nothing, and are shown to a as of no class.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.imaging import images, random_crops
from gancli.models.base import Batches, Model, Stage
from gancli.models.capabilities import Segmenter
from gancli.models.config import TrainingConfig
from gancli.models.families.lr_decay import Decaying
from gancli.nn.architectures import segmentation
from gancli.nn.losses import mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset

CAMVID, CAMVID_CLASSES = (360, 480), 11  # height and width; without the unlabeled pixels
MOST_TURNS = 2_000
TAU = 0.9  # the least share of the true class in softened maps


class Segmentation(Decaying, Model, Segmenter):
    """A segmenter and, where its word weighs anything, an adversary."""

    columns: ClassVar[tuple[str, ...]] = ("image", "map")
    ema_networks: ClassVar[tuple[str, ...]] = ("segmenter",)
    native_resolution: ClassVar[bool] = True
    xla_unsupported_reason: ClassVar[str] = "cuts and resizes crops"
    default_steps = 8_000

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Random crops of images at their own sizes, and a score for them."""

        crop: int = option(96, "side of the random training crops (smaller images are skipped)", low=16, high=1024)
        hold_out: bool = True
        eval_score: str = option("miou", "metric that selects the best checkpoint: mean IoU", choices=("miou",))

    @dataclass(frozen=True)
    class Options(Decaying.Options, Model.Options):
        """Of the nets, of their game, and of the crops."""

        zoom: float = option(1.5, "maximum factor by which crops are enlarged or reduced", low=1, high=4)
        flip: bool = option(True, "augment with mirrored crops")
        batch_size: int = option(8, "crops per batch", low=1)
        segmenter: str = option(
            "dilated",
            "segmentation network (multiscale: the paper's for Stanford)",
            choices=tuple(segmentation.SEGMENTERS),
        )
        width: int = option(24, "channels of the segmenter's first feature maps (paper, Stanford: 16)", low=1, high=512)
        adversary_width: int = option(12, "channels of the adversary's first feature maps (paper: 16)", low=1, high=512)
        adversarial_weight: float = option(
            0.0, "weight of the adversarial loss (lambda; 0: no adversary)", low=0, high=1000
        )
        label_input: str = option(
            "basic", "encoding of label maps for the adversary", choices=("basic", "product", "scaling")
        )
        alternation: int = option(
            1, "steps per turn of segmenter and adversary (1: both at each step; paper, VOC: 500)", low=1
        )
        balance: bool = option(False, "weight classes by median frequency balancing")
        learning_rate: float = 1e-3
        adversary_rate: float = option(1e-4, "learning rate of the adversary", above=0, high=1, may_change=True)
        beta1: float = 0.9

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The segmenter, and the adversary if its weight is not 0."""
        chosen, channels, classes = self.options, data.shape[2], len(data.classes)
        if len(self.stages()) > MOST_TURNS:
            raise OptionError(f"--alternation {chosen.alternation}: {MOST_TURNS:,} turns at most; give a longer one")
        layers = segmentation.SEGMENTERS[chosen.segmenter](channels, classes, width=chosen.width)
        networks = {"segmenter": Network(layers, self.adam())}
        if chosen.adversarial_weight:
            maps = classes * (channels if chosen.label_input == "product" else 1)
            judge = segmentation.adversary(channels, maps, width=chosen.adversary_width)
            networks["adversary"] = Network(judge, self.adam(chosen.adversary_rate))
        return networks

    @classmethod
    def example(cls, config: TrainingConfig, chosen: Options) -> DataFacts:
        """CamVid: eleven classes; the networks take any size."""
        from gancli.data.dataset import DataFacts

        classes = tuple(f"class {number}" for number in range(CAMVID_CLASSES))
        shape = (*CAMVID, 1 if config.color == "gray" else 3)
        shares = (1 / CAMVID_CLASSES,) * CAMVID_CLASSES
        return DataFacts("example", shape, 1, cls.columns, classes, frequencies=shares, side=min(CAMVID))

    @classmethod
    def check(cls, config: TrainingConfig, chosen: Options) -> None:
        """Raise OptionError for options that do not go together."""
        super().check(config, chosen)
        if chosen.alternation > 1 and not chosen.adversarial_weight:
            raise OptionError(f"--alternation {chosen.alternation}: there is no adversary; give --adversarial-weight")

    def held(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Pictures, their maps, and the height and width of each."""
        maps = dataset.train["map"][..., None]
        return {"image": dataset.train["image"], "map": maps, "size": np.array(dataset.sizes())}

    def gathered(self, columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """A random square of each picture and the same of its map, enlarged or reduced, mirrored or not."""
        chosen, side, sizes = self.options, self.config.crop, tf.gather(columns["size"], rows)
        sizes = tf.ensure_shape(sizes, (chosen.batch_size, 2))
        zoom = (1.0 / chosen.zoom, chosen.zoom)
        at = random_crops.places(self.random, sizes, side, zoom=zoom, flips=chosen.flip)
        image = images.from_uint8(random_crops.cut(columns["image"], rows, at, side))
        labels = random_crops.cut(columns["map"], rows, at, side, nearest=True)[..., 0]
        return {"image": image, "map": tf.cast(labels, tf.int32)}

    def stages(self) -> list[Stage]:
        """One, or turns of the segmenter and of the adversary."""
        size, total = self.options.alternation, self.total_steps()
        if size == 1:
            return [Stage("train", total, self.train_step)]
        turns = [min(size, total - done) for done in range(0, total, size)]
        players = (("segmenter", self.segmenter_step), ("adversary", self.adversary_step))
        return [Stage(name, turn, step) for turn in turns for name, step in players]

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Section 3.1, the fast schedule: a step of the adversary, where there is one, and one of the segmenter."""
        batch = next(batches)
        told = self._taught_adversary(batch) if self.options.adversarial_weight else {}
        return told | self._taught_segmenter(batch)

    def segmenter_step(self, batches: Batches) -> dict[str, Tensor]:
        """The slow schedule, its first half."""
        return self._taught_segmenter(next(batches))

    def adversary_step(self, batches: Batches) -> dict[str, Tensor]:
        """The slow schedule, its second half."""
        return self._taught_adversary(next(batches))

    def _taught_adversary(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """One step of the adversary."""
        (x, y, is_told), told = self._truth(batch), {}
        s = is_told * tf.nn.softmax(frozen(self.segmenter)(x))

        def loss() -> Tensor:
            real = self.adversary(x, self._shown(x, self._softened(y, s)))
            fake = self.adversary(x, self._shown(x, s))
            told.update(p_people=mean_probability(real), p_segmenter=mean_probability(fake))
            return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake))

        return {"adversary_loss": minimize(self.adversary, loss=loss)} | told

    def _taught_segmenter(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """One step of the segmenter."""
        (x, y, is_told), told, weight = self._truth(batch), {}, self.options.adversarial_weight

        def loss() -> Tensor:
            logits = self.segmenter(x)
            told["cross_entropy"] = self._cross_entropy(logits, y)
            told["pixel_accuracy"] = _share_right(logits, batch["map"], is_told[..., 0])
            if not weight:
                return told["cross_entropy"]
            s = is_told * tf.nn.softmax(logits)
            word = tf.reduce_mean(tf.nn.softplus(-frozen(self.adversary)(x, self._shown(x, s))))
            return told["cross_entropy"] + weight * word

        return {"segmenter_loss": minimize(self.segmenter, loss=loss)} | told

    def _truth(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Images; one-hot maps, zeros where there is no label; and whether there is one, (batch, height, width, 1)."""
        y = tf.one_hot(batch["map"], len(self.data.classes))
        return batch["image"], y, tf.reduce_sum(y, axis=-1, keepdims=True)

    def _cross_entropy(self, logits: Tensor, y: Tensor) -> Tensor:
        """mce of equation 1, a mean over the labelled pixels, each weighed as its class."""
        shares = np.array(self.data.frequencies)
        weights = np.median(shares[shares > 0]) / np.where(shares > 0, shares, np.inf)
        weighed = y * tf.constant(weights if self.options.balance else np.ones_like(shares), tf.float32)
        return -tf.reduce_sum(weighed * tf.nn.log_softmax(logits)) / tf.maximum(tf.reduce_sum(weighed), 1.0)

    def _softened(self, y: Tensor, s: Tensor) -> Tensor:
        """One-hot maps as the adversary sees them; of `scaling` no sharper than 0.9, or than s."""
        if self.options.label_input != "scaling":
            return y
        of_true = tf.reduce_sum(y * s, axis=-1, keepdims=True)
        share = tf.maximum(TAU, of_true)
        return y * share + (1.0 - y) * s * (1.0 - share) / tf.maximum(1.0 - of_true, 1e-6)

    def _shown(self, x: Tensor, maps: Tensor) -> Tensor:
        """Maps (batch, height, width, classes) as they are, or each times the image in [0, 1]."""
        if self.options.label_input != "product":
            return maps
        products = maps[..., None] * (0.5 * (x + 1.0))[..., None, :]
        return tf.reshape(products, [*maps.shape[:3], maps.shape[3] * x.shape[3]])

    def segment(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> probabilities (batch, height, width, classes)."""
        return tf.nn.softmax(self.segmenter.infer(images))


def _share_right(logits: Tensor, labels: Tensor, is_told: Tensor) -> Tensor:
    is_right = tf.cast(tf.argmax(logits, axis=-1, output_type=tf.int32) == labels, tf.float32)
    return tf.reduce_sum(is_right * is_told) / tf.maximum(tf.reduce_sum(is_told), 1.0)
