"""Ablation of the feature maps with which a generator draws an object. Radford et al. 2015, section 6.3.1.

Differences from the paper: the logistic regression is L1-regularized, so that fewer maps are dropped and the rest of
the image is preserved ("l2": the usual one). Without boxes, an object is localized by the saliency of a classifier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gancli.core.backend import Tensor, graph_function, ndimage, np, tf
from gancli.core.errors import OptionError
from gancli.data.labels.attribute_query import AttributeQuery
from gancli.imaging import images
from gancli.inference.ablation.boxes import Box
from gancli.inference.ablation.latent_editor import log_odds
from gancli.inference.image_classifier import ImageClassifier
from gancli.inference.sampling import in_batches
from gancli.models.capabilities import Decoder
from gancli.nn import feature_maps

C = {"l1": 0.1, "l2": 1.0}  # inverse regularization strength, per kind
MIN_SALIENCY = 0.5  # of the largest in an image, for a cell to count as inside
BLUR = 0.7  # standard deviation in cells, for the saliency
MIN_CELLS = 20  # inside the object, to fit the regression


class GeneratorSplit:
    """A generator split in two at the feature maps of one of its convolutions.

    Attributes: `side` and `count` of these maps; `zoom`, image pixels per cell of a map.
    """

    def __init__(self, model: Decoder, side: int | None = None) -> None:
        """side: of the maps, the second-largest if not given. Raises: OptionError if there are no such maps."""
        self.model, network = model, model.generator.inference_model
        features = feature_maps.after_convolutions(network)[:-1]  # the last are the image
        sides = {tensor.shape[1]: tensor for tensor in features}
        if not features or (side is not None and side not in sides):
            raise OptionError(
                f"--layer {side}: the generator has feature maps of sides {', '.join(map(str, sides))}"
                if features
                else f"{model.name()} has a single convolution in its generator: no feature maps can be ablated"
            )
        chosen = features[-2:][0] if side is None else sides[side]
        self.side, self.count = int(chosen.shape[1]), int(chosen.shape[3])
        self.zoom = model.data.shape[0] / self.side
        self.tail = feature_maps.onwards(network, chosen)
        head = feature_maps.upto(network, chosen)
        self._head = graph_function(lambda z: tf.cast(head(z, training=False), tf.float32))
        self._tail = graph_function(lambda maps: self.tail(maps, training=False))

    def maps(self, z: np.ndarray) -> np.ndarray:
        """float32 (count, z_dim) -> feature maps, float32 (count, side, side, maps)."""
        return in_batches(self._head, z.astype(np.float32))

    def images(self, maps: np.ndarray, dropped: Sequence[int] = ()) -> np.ndarray:
        """The images of feature maps, uint8 (count, height, width, channels), with dropped maps set to 0."""
        kept = np.ones(self.count, np.float32)
        kept[list(dropped)] = 0
        return images.to_uint8(in_batches(self._tail, maps * kept))


@dataclass(frozen=True)
class AblatedMaps:
    """The maps that draw an object. dropped: their numbers; accuracy: the regression's training accuracy.

    num_cells: cells inside the object that it was fitted to, and as many outside; weights: float64 (maps,).
    """

    dropped: list[int]
    accuracy: float
    num_cells: int
    weights: np.ndarray


def select_maps(maps: np.ndarray, inside: np.ndarray, *, regularization: str = "l1") -> AblatedMaps:
    """Fit a logistic regression between activations inside an object and as many outside it in the same image.

    maps: float32 (count, side, side, maps). inside: bool (count, side, side). Raises: OptionError for too few cells.
    """
    from sklearn.linear_model import LogisticRegression  # slow to import

    random, cells = np.random.default_rng(0), []
    for activations, marked in zip(maps, inside, strict=True):
        there, elsewhere = activations[marked], activations[~marked]
        count = min(len(there), len(elsewhere))
        cells.append((there[:count], elsewhere[random.permutation(len(elsewhere))[:count]]))
    there, elsewhere = (np.concatenate(parts) for parts in zip(*cells, strict=True))
    if len(there) < MIN_CELLS:
        raise OptionError(
            f"only {len(there)} cells of the feature maps lie inside the object, at least {MIN_CELLS} are needed: "
            "give boxes for more seeds"
        )
    features, truth = np.concatenate([there, elsewhere]), np.repeat([1, 0], len(there))
    ratio = {"l1": 1.0, "l2": 0.0}[regularization]
    regression = LogisticRegression(l1_ratio=ratio, C=C[regularization], solver="liblinear", random_state=0)
    regression.fit(features, truth)
    weights = regression.coef_[0]
    dropped = np.flatnonzero(weights > 0).tolist()
    return AblatedMaps(dropped, float(regression.score(features, truth)), len(there), weights)


def cells_in_boxes(boxes: Sequence[Sequence[Box]], split: GeneratorSplit) -> np.ndarray:
    """Cells of the feature maps whose center lies inside a box of their image, bool (images, side, side)."""
    middle = (np.arange(split.side) + 0.5) * split.zoom
    inside = np.zeros((len(boxes), split.side, split.side), bool)
    for cells, of_image in zip(inside, boxes, strict=True):
        for left, top, right, bottom in of_image:
            rows, columns = (middle >= top) & (middle < bottom), (middle >= left) & (middle < right)
            cells |= rows[:, None] & columns
    return inside


def salient_cells(
    maps: np.ndarray, split: GeneratorSplit, classifier: ImageClassifier, concept: AttributeQuery
) -> np.ndarray:
    """Cells that make a classifier recognize a concept: gradient times activation, summed over the maps, blurred.

    Returns: bool (count, side, side), where that is at least half of the image's maximum.
    """

    @graph_function
    def gradients(maps: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            tape.watch(maps)
            odds = log_odds(classifier, concept, split.tail(maps, training=False))
        return tape.gradient(odds, maps)

    saliency = (in_batches(gradients, maps) * maps).sum(axis=-1)
    blurred = ndimage.gaussian_filter(saliency, (0, BLUR, BLUR))
    highest = blurred.max(axis=(1, 2), keepdims=True)
    return (blurred >= MIN_SALIENCY * highest) & (highest > 0)
