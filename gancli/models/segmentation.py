"""Semantic segmentation with an adversary. Luc et al. 2016, arXiv:1611.08408.

The segmenter s predicts class probabilities for each pixel. The adversary a takes an image with a label map and
predicts whether the map is an annotation. The paper's equation 1 in two halves: a minimizes bce(a(x, y), 1) +
bce(a(x, s(x)), 0), and s the cross-entropy of its classes plus lambda bce(a(x, s(x)), 1) (section 3.1: not minus bce
with target 0, whose gradient vanishes).

    gancli train --model segmentation --data camvid.zip                                   without an adversary
    gancli train --model segmentation --data camvid.zip --adversarial-weight 0.1
    gancli segment street.jpg

Input of a for s(x) and y (section 3.2): `basic`, probabilities and one-hot maps unchanged; `product`, the image times
the map of each class; `scaling`, y softened so that its sharpness does not reveal it: the true class has 0.9, or the
value of s if that is higher, and the others share the rest in the proportions of s.

Differences from the paper:
- Losses are means over pixels, not sums, and lambda has that scale.
- The segmenters have BatchNorm and start from random weights.
- `multiscale` takes the image, its half and its quarter unchanged (means of pixels, with shared weights); the network
  of Farabet et al. 2013 that the paper uses takes the three levels of a Laplacian pyramid, normalized locally.
- `dilated`, the default, is a small network of residual blocks, not the paper's Dilated-8 with VGG16's weights.
- Both are trained on random crops, enlarged or reduced by up to 1.5 and mirrored.
- a has an output for every position of a map of an eighth of the size.
- Adam, with a learning rate that decays linearly in the second half.
- Unlabeled pixels are ignored in the losses, and belong to no class in the input of a.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from gancli.core.backend import Tensor, np, tf
from gancli.core.errors import OptionError
from gancli.core.options import option
from gancli.imaging import images, random_crops
from gancli.models import exports, regularization
from gancli.models.base import Batches, Model, Stage
from gancli.models.capabilities import Segmenter
from gancli.models.config import TrainingConfig
from gancli.models.data_requirements import DataRequirements
from gancli.models.input_pipeline import InputPipeline
from gancli.models.learning_rates import AdversarialRates
from gancli.models.regularization import RegularizationOptions
from gancli.nn.architectures import segmentation
from gancli.nn.losses import mean_probability
from gancli.nn.network import Network, frozen, minimize

if TYPE_CHECKING:
    from gancli.data.dataset import DataFacts, Dataset

CAMVID, CAMVID_CLASSES = (360, 480), 11  # height and width; without the unlabeled pixels
MOST_TURNS = 2_000


class ZoomedCrops(InputPipeline):
    """A random square of each image and of its label map, enlarged or reduced, mirrored or not."""

    def columns_to_load(self, dataset: Dataset) -> dict[str, np.ndarray]:
        """Images, their label maps, and the height and width of each."""
        maps = dataset.train["map"][..., None]
        return {"image": dataset.train["image"], "map": maps, "size": np.array(dataset.sizes())}

    def make_batch(self, columns: dict[str, Tensor], rows: Tensor) -> dict[str, Tensor]:
        """A crop of each of these rows."""
        model, chosen, side = self.model, self.model.options, self.model.config.crop
        sizes = tf.ensure_shape(tf.gather(columns["size"], rows), (chosen.batch_size, 2))
        zoom = (1.0 / chosen.zoom, chosen.zoom)
        at = random_crops.sample_boxes(model.random, sizes, side, zoom=zoom, flips=chosen.flip)
        image = images.from_uint8(random_crops.crop(columns["image"], rows, at, side))
        labels = random_crops.crop(columns["map"], rows, at, side, nearest=True)[..., 0]
        return {"image": image, "map": tf.cast(labels, tf.int32)}


class Segmentation(Model, Segmenter):
    """A segmentation network and, with --adversarial-weight, an adversary."""

    columns: ClassVar[tuple[str, ...]] = ("image", "map")
    ema_networks: ClassVar[tuple[str, ...]] = ("segmenter",)
    adversaries: ClassVar[tuple[str, ...]] = ("adversary",)
    xla_unsupported_reason: ClassVar[str] = "cuts and resizes crops"
    default_steps = 8_000
    inference_networks = exports.segmenter()
    Pipeline = ZoomedCrops
    segmenter: Network
    adversary: Network

    @dataclass(frozen=True)
    class Config(TrainingConfig):
        """Random crops of images at their own sizes, and a score for them."""

        crop: int = option(96, "side of the random training crops (smaller images are skipped)", low=16, high=1024)
        hold_out: bool = True
        eval_score: str = option("miou", "metric that selects the best checkpoint: mean IoU", choices=("miou",))

    @dataclass(frozen=True)
    class Options(RegularizationOptions, AdversarialRates, Model.Options):
        """Networks, losses and augmentation."""

        zoom: float = option(1.5, "maximum factor by which crops are enlarged or reduced", low=1, high=4)
        flip: bool = option(True, "augment with mirrored crops")
        batch_size: int = option(8, "crops per batch", low=1)
        segmenter: str = option(
            "dilated",
            "segmentation network (multiscale: the paper's for Stanford)",
            choices=tuple(segmentation.SEGMENTERS),
        )
        width: int = option(24, "channels of the segmenter's first feature maps (paper, Stanford: 16)", low=1, high=512)
        depth: int | None = option(
            None, "residual blocks (dilated; default: 5) or convolutions (multiscale; default: 3)", low=1, high=20
        )
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
        g_learning_rate: float | None = option(None, "learning rate of the segmenter (default: by --g-lr-ratio)")
        d_learning_rate: float = option(1e-4, "learning rate of the adversary")
        lr_schedule: str = "linear"
        beta1: float = 0.9

    def build(self, data: DataFacts) -> dict[str, Network]:
        """The segmenter, and the adversary if its weight is not 0."""
        chosen, channels, classes = self.options, data.shape[2], len(data.classes)
        if len(self.stages()) > MOST_TURNS:
            raise OptionError(f"--alternation {chosen.alternation}: more than {MOST_TURNS:,} turns; give a larger one")
        layers = segmentation.SEGMENTERS[chosen.segmenter](channels, classes, width=chosen.width, depth=chosen.depth)
        networks = {"segmenter": Network(layers, self.adam("g"))}
        if chosen.adversarial_weight:
            maps = classes * (channels if chosen.label_input == "product" else 1)
            adversary = segmentation.adversary(channels, maps, width=chosen.adversary_width)
            networks["adversary"] = Network(adversary, self.adam("d"))
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
        """Raise OptionError for options that contradict one another."""
        super().check(config, chosen)
        has_adversary = chosen.adversarial_weight > 0
        regularization.check(cls, chosen, has_discriminator=has_adversary, sees_pairs="their label maps")
        if chosen.alternation > 1 and not chosen.adversarial_weight:
            raise OptionError(f"--alternation {chosen.alternation}: there is no adversary; give --adversarial-weight")

    @classmethod
    def data_requirements(cls, chosen: Options) -> DataRequirements:
        """Images at their own sizes, with label maps."""
        return DataRequirements(cls.columns, native_resolution=True)

    def stages(self) -> list[Stage]:
        """One stage, or alternating ones of segmenter and adversary."""
        size, total = self.options.alternation, self.total_steps()
        if size == 1:
            return [Stage("train", total, self.train_step)]
        turns = [min(size, total - done) for done in range(0, total, size)]
        players = (("segmenter", self.segmenter_step), ("adversary", self.adversary_step))
        return [Stage(name, turn, step) for turn in turns for name, step in players]

    def train_step(self, batches: Batches) -> dict[str, Tensor]:
        """Section 3.1, the fast schedule: a step of the adversary, if there is one, and one of the segmenter."""
        batch = next(batches)
        metrics = self._adversary_step(batch) if self.options.adversarial_weight else {}
        return metrics | self._segmenter_step(batch)

    def segmenter_step(self, batches: Batches) -> dict[str, Tensor]:
        """The segmenter's turn in the slow schedule."""
        return self._segmenter_step(next(batches))

    def adversary_step(self, batches: Batches) -> dict[str, Tensor]:
        """The adversary's turn in the slow schedule."""
        return self._adversary_step(next(batches))

    def _adversary_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """One step of the adversary."""
        (x, y, is_labeled), metrics = self._truth(batch), {}
        s = is_labeled * tf.nn.softmax(frozen(self.segmenter)(x))
        y = segmentation.softened(y, s) if self.options.label_input == "scaling" else y
        maps = [self._adversary_input(x, one) for one in (y, s)]

        def loss() -> Tensor:
            real, fake = (self.adversary(x, one) for one in maps)
            metrics.update(p_people=mean_probability(real), p_segmenter=mean_probability(fake))
            penalty = regularization.penalty(
                self, metrics, self.adversary, *maps, output=lambda critic, maps: critic(x, maps)
            )
            return tf.reduce_mean(tf.nn.softplus(-real)) + tf.reduce_mean(tf.nn.softplus(fake)) + penalty

        metrics["adversary_loss"] = minimize(self.adversary, loss=loss)
        if self.options.weight_clip:
            self.adversary.clip(self.options.weight_clip)
        return metrics

    def _segmenter_step(self, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """One step of the segmenter."""
        x, y, is_labeled = self._truth(batch)
        weight, metrics = self.options.adversarial_weight, {}

        def loss() -> Tensor:
            logits = self.segmenter(x)
            metrics["cross_entropy"] = self._cross_entropy(logits, y)
            metrics["pixel_accuracy"] = _pixel_accuracy(logits, batch["map"], is_labeled[..., 0])
            if not weight:
                return metrics["cross_entropy"]
            s = is_labeled * tf.nn.softmax(logits)
            adversarial = tf.reduce_mean(tf.nn.softplus(-frozen(self.adversary)(x, self._adversary_input(x, s))))
            return metrics["cross_entropy"] + weight * adversarial

        return {"segmenter_loss": minimize(self.segmenter, loss=loss)} | metrics

    def _truth(self, batch: dict[str, Tensor]) -> tuple[Tensor, Tensor, Tensor]:
        """Images, one-hot maps (0 without a label), and whether pixels are labeled, (batch, height, width, 1)."""
        y = tf.one_hot(batch["map"], len(self.data.classes))
        return batch["image"], y, tf.reduce_sum(y, axis=-1, keepdims=True)

    def _cross_entropy(self, logits: Tensor, y: Tensor) -> Tensor:
        """mce of equation 1, a mean over the labeled pixels, weighted by class."""
        shares = np.array(self.data.frequencies)
        weights = np.median(shares[shares > 0]) / np.where(shares > 0, shares, np.inf)
        weighed = y * tf.constant(weights if self.options.balance else np.ones_like(shares), tf.float32)
        return -tf.reduce_sum(weighed * tf.nn.log_softmax(logits)) / tf.maximum(tf.reduce_sum(weighed), 1.0)

    def _adversary_input(self, x: Tensor, maps: Tensor) -> Tensor:
        return segmentation.products(x, maps) if self.options.label_input == "product" else maps

    def segment(self, images: Tensor) -> Tensor:
        """float32 (batch, height, width, channels) in [-1, 1] -> probabilities (batch, height, width, classes)."""
        return tf.nn.softmax(self.segmenter.infer(images))


def _pixel_accuracy(logits: Tensor, labels: Tensor, is_labeled: Tensor) -> Tensor:
    is_right = tf.cast(tf.argmax(logits, axis=-1, output_type=tf.int32) == labels, tf.float32)
    return tf.reduce_sum(is_right * is_labeled) / tf.maximum(tf.reduce_sum(is_labeled), 1.0)
