"""Forgetting: a generator without the feature maps that draw a thing. Radford et al. 2015, section 6.3.1.

Differences from the paper: the logistic regression is sparse (penalty "l1"), so that fewer maps are dropped and the
rest of the image stays; "l2" is the usual one. Where nobody drew boxes, the places of the thing are those that a
classifier of it looks at.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from gancli.core import files
from gancli.core.backend import Tensor, keras, ndimage, np, tf
from gancli.core.errors import DataError, OptionError
from gancli.core.latents import MAX_SEED
from gancli.core.options import LARGEST_TEXT, whole
from gancli.data.attribute_query import AttributeQuery
from gancli.imaging import images
from gancli.inference.image_classifier import ImageClassifier
from gancli.inference.sampling import in_batches
from gancli.models.capabilities import Decoder
from gancli.nn import feature_maps
from gancli.nn.network import Network, minimize
from gancli.nn.optimizers import adam

Box = tuple[float, float, float, float]  # left, top, right, bottom, in pixels
PENALTIES = {"l1": 0.1, "l2": 1.0}  # by name: the regression's C
LOOKED_AT = 0.5  # of the largest saliency of an image: from here on a place counts as inside
BLUR = 0.7  # cells, of the saliency
LEAST_CELLS = 20  # inside: with fewer there is nothing to learn from
HIDDEN, MOVER_STEPS, MOVER_BATCH = 128, 400, 64  # of the learned map of z


class Cut:
    """A generator cut in two at the maps of one of its convolutions.

    Attributes: `side` and `count` of these maps; `zoom`, pixels of the image for one of their cells.
    """

    def __init__(self, model: Decoder, side: int | None = None) -> None:
        """side: that of the maps; the second-highest if not given. Raises: OptionError if there are none such."""
        self.model, network = model, model.generator.inference_model
        features = feature_maps.after_convolutions(network)[:-1]  # the last are the image
        sides = {tensor.shape[1]: tensor for tensor in features}
        if not features or (side is not None and side not in sides):
            raise OptionError(
                f"--layer {side}: the generator has maps of the sides {', '.join(map(str, sides))}"
                if features
                else f"{model.name()} makes its image in one convolution: there are no maps below it to forget"
            )
        chosen = features[-2:][0] if side is None else sides[side]
        self.side, self.count = int(chosen.shape[1]), int(chosen.shape[3])
        self.zoom = model.data.shape[0] / self.side
        self.onwards = feature_maps.onwards(network, chosen)
        upto = feature_maps.upto(network, chosen)
        self._upto = tf.function(lambda z: tf.cast(upto(z, training=False), tf.float32))
        self._draw = tf.function(lambda held: self.onwards(held, training=False))

    def maps(self, z: np.ndarray) -> np.ndarray:
        """float32 (count, z_dim) -> the maps, float32 (count, side, side, maps)."""
        return in_batches(self._upto, z.astype(np.float32))

    def draw(self, held: np.ndarray, dropped: Sequence[int] = ()) -> np.ndarray:
        """The images of maps, uint8 (count, height, width, channels), some of the maps being 0 everywhere."""
        kept = np.ones(self.count, np.float32)
        kept[list(dropped)] = 0
        return images.to_uint8(in_batches(self._draw, held * kept))


@dataclass(frozen=True)
class Forgotten:
    """Which maps draw a thing. dropped: their numbers; right: the share of cells that the regression reads right.

    inside: cells that it learned from, and as many outside; weights: one for each map, float64 (maps,).
    """

    dropped: list[int]
    right: float
    inside: int
    weights: np.ndarray


def fit(held: np.ndarray, inside: np.ndarray, *, penalty: str = "l1") -> Forgotten:
    """Logistic regression between the maps' activations inside and as many outside of the same image.

    held: float32 (count, side, side, maps). inside: bool (count, side, side). Raises: OptionError for too few cells.
    """
    from sklearn.linear_model import LogisticRegression  # slow to import

    random, cells = np.random.default_rng(0), []
    for activations, marked in zip(held, inside, strict=True):
        there, elsewhere = activations[marked], activations[~marked]
        count = min(len(there), len(elsewhere))
        cells.append((there[:count], elsewhere[random.permutation(len(elsewhere))[:count]]))
    there, elsewhere = (np.concatenate(parts) for parts in zip(*cells, strict=True))
    if len(there) < LEAST_CELLS:
        raise OptionError(
            f"only {len(there)} cells of the maps lie inside the thing, and {LEAST_CELLS} are needed to learn from: "
            "give more seeds, or more boxes"
        )
    features, truth = np.concatenate([there, elsewhere]), np.repeat([1, 0], len(there))
    ratio = {"l1": 1.0, "l2": 0.0}[penalty]
    regression = LogisticRegression(l1_ratio=ratio, C=PENALTIES[penalty], solver="liblinear", random_state=0)
    regression.fit(features, truth)
    weights = regression.coef_[0]
    dropped = np.flatnonzero(weights > 0).tolist()
    return Forgotten(dropped, float(regression.score(features, truth)), len(there), weights)


def cells_of_boxes(boxes: Sequence[Sequence[Box]], cut: Cut) -> np.ndarray:
    """Which cells of the maps have their middle inside a box of their image, bool (images, side, side)."""
    middle = (np.arange(cut.side) + 0.5) * cut.zoom
    inside = np.zeros((len(boxes), cut.side, cut.side), bool)
    for cells, held in zip(inside, boxes, strict=True):
        for left, top, right, bottom in held:
            rows, columns = (middle >= top) & (middle < bottom), (middle >= left) & (middle < right)
            cells |= rows[:, None] & columns
    return inside


def cells_looked_at(held: np.ndarray, cut: Cut, classifier: ImageClassifier, concept: AttributeQuery) -> np.ndarray:
    """The cells that make a classifier see the concept: its slope by the maps, times the maps, summed over them.

    Returns: bool (count, side, side), where that is at least half of the image's largest.
    """

    @tf.function
    def slopes(held: Tensor) -> Tensor:
        with tf.GradientTape() as tape:
            tape.watch(held)
            odds = log_odds(classifier, concept, cut.onwards(held, training=False))
        return tape.gradient(odds, held)

    saliency = (in_batches(slopes, held) * held).sum(axis=-1)
    blurred = ndimage.gaussian_filter(saliency, (0, BLUR, BLUR))
    highest = blurred.max(axis=(1, 2), keepdims=True)
    return (blurred >= LOOKED_AT * highest) & (highest > 0)


def log_odds(classifier: ImageClassifier, concept: AttributeQuery, drawn: Tensor) -> Tensor:
    """How strongly images float (batch, height, width, channels) in [-1, 1] show a concept: float32 (batch,).

    Of a class its log-probability, of attributes the sum of their logits, with a minus for those to be absent.
    """
    logits = classifier.layers(tf.cast(drawn, tf.float32), training=False)
    if concept.kind == "label":
        return tf.nn.log_softmax(logits)[:, next(iter(concept.wanted))]
    return tf.add_n([logits[:, at] * (1.0 if there else -1.0) for at, there in concept.wanted.items()])


def mover(model: Decoder, classifier: ImageClassifier, concept: AttributeQuery, *, closeness: float) -> keras.Model:
    """A dense map z -> z' = z + f(z) under which the concept goes: document 002's variant, which names no paper.

    It learns to make softplus(log-odds of the concept) + closeness ‖z' - z‖² small.
    Returns: a Keras model float32 (batch, z_dim) -> (batch, z_dim).
    """
    keras.utils.set_random_seed(0)
    size, layers = model.z_size, keras.layers
    z = keras.Input((size,), name="z")
    hidden = layers.Dense(HIDDEN, activation="relu", dtype="float32", name="hidden")(z)
    shift = layers.Dense(size, kernel_initializer="zeros", dtype="float32", name="shift")(hidden)
    moved = layers.Add(dtype="float32", name="moved")([z, shift])
    network = Network(keras.Model(z, moved, name="mover"), adam(1e-3, beta1=0.9))

    @tf.function
    def step(z: Tensor) -> Tensor:
        def loss() -> Tensor:
            moved = network(z)
            odds = log_odds(classifier, concept, model.decode(moved))
            far = tf.reduce_sum(tf.square(moved - z), axis=1)
            return tf.reduce_mean(tf.nn.softplus(odds) + closeness * far)

        return minimize(network, loss=loss)

    for number in range(MOVER_STEPS):
        seeds = range(10**9 + number * MOVER_BATCH, 10**9 + (number + 1) * MOVER_BATCH)  # far from those that are drawn
        step(tf.constant(model.latents(seeds)))
    return network.model


def read_boxes(path: Path, shape: tuple[int, int, int]) -> Mapping[int, list[Box]]:
    """The boxes of each seed in a file with a line `seed,x0,y0,x1,y1` for each, in pixels, x to the right, y down.

    Raises: DataError for a line of another form, or a box outside of the image.
    """
    try:
        text = files.read_regular(path, most=LARGEST_TEXT).decode("utf-8-sig")
        lines = list(csv.reader(text.splitlines()))
    except (OSError, ValueError, csv.Error) as error:
        why = getattr(error, "strerror", None) or error
        raise DataError(f"cannot read the boxes in {path}: {why}") from error
    found: dict[int, list[Box]] = {}
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line]
        if not any(cells) or (number == 1 and cells[0] == "seed"):
            continue
        try:
            seed, box = whole(cells[0], MAX_SEED), [float(cell) for cell in cells[1:]]
            left, top, right, bottom = box
            if seed is None or not (0 <= left < right <= shape[1] and 0 <= top < bottom <= shape[0]):
                raise ValueError
        except ValueError:
            raise DataError(
                f"{path}, line {number}: expected seed,x0,y0,x1,y1 with a box inside {shape[1]}x{shape[0]} pixels, "
                f"not {','.join(cells)[:60]}"
            ) from None
        found.setdefault(seed, []).append((left, top, right, bottom))
    if not found:
        raise DataError(f"{path} holds no boxes: expected lines seed,x0,y0,x1,y1")
    return found
