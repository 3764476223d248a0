"""Feature maps, guided backpropagation, pooled features; and a generator cut in two."""

import numpy as np
import pytest

from gancli import models
from gancli.core.backend import keras, tf
from gancli.core.errors import DataError, OptionError
from gancli.data import DataFacts
from gancli.evaluation.metrics import linear_probe
from gancli.evaluation.metrics.morans_i import morans_i
from gancli.inference.ablation import boxes, feature_ablation
from gancli.inference.sampling import Sampler
from gancli.models import config
from gancli.nn import feature_maps


def build(name="dcgan", side=28, **options):
    model_class = models.get(name)
    settings = config.from_mapping(model_class, {"width": 4, "precision": "float32", **options})
    classes = tuple("0123456789") if "label" in model_class.data_requirements(settings.options).columns else ()
    columns = ("image", "label") if classes else ("image",)
    return model_class(*settings, DataFacts("test", (side, side, 1), 64, columns, classes))


@pytest.fixture(scope="module")
def model():
    return build()


@pytest.fixture(scope="module")
def pixels():
    return np.random.default_rng(0).integers(0, 256, (9, 28, 28, 1), np.uint8)


def test_the_maps_of_dcgan_are_its_ladder(model):
    def shapes(network):
        return [tuple(tensor.shape[1:]) for tensor in feature_maps.after_convolutions(network.model)]

    assert shapes(model.discriminator) == [(14, 14, 4), (7, 7, 8), (4, 4, 16)]
    assert shapes(model.generator) == [(7, 7, 8), (14, 14, 4), (28, 28, 1)]
    told = build(conditional=True)
    assert shapes(told.discriminator) == [(14, 14, 4), (7, 7, 8), (4, 4, 16)]  # not the labels beside them
    assert shapes(told.generator) == [(7, 7, 8), (14, 14, 4), (28, 28, 1)]
    assert feature_maps.first_filters(model.discriminator.model).shape == (4, 5, 5, 1)


def test_a_network_cut_in_two_is_the_whole(model, pixels):
    network = model.discriminator.model
    x = tf.constant(pixels, tf.float32)
    for tensor in feature_maps.after_convolutions(network):
        parts = feature_maps.onwards(network, tensor)(feature_maps.upto(network, tensor)(x))
        assert np.array_equal(parts, network(x))


def test_guided_slopes_are_those_of_relu_where_all_is_positive_and_nothing_else_passes():
    """By hand: y = w2 · relu(w1 x), and the slope passes a unit only where it is on and its weight above positive."""
    x = keras.Input((2,))
    first = keras.layers.Dense(4, use_bias=False)
    second = keras.layers.Dense(1, use_bias=False)
    network = keras.Model(x, second(keras.layers.LeakyReLU(negative_slope=0.2)(first(x))))
    first.kernel.assign([[1.0, 1.0, -1.0, -1.0], [0.5, 2.0, 0.0, 1.0]])
    second.kernel.assign([[3.0], [-1.0], [3.0], [-1.0]])
    point = tf.constant([[1.0, 1.0]])  # units: 1.5, 3, -1, 0
    guide = feature_maps.guided(network)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(point)
        out, plain = guide(point), network(point)
    assert float(out[0, 0]) == pytest.approx(3 * 1.5 - 3 - 3 * 0.2)  # forward it leaks as ever
    assert np.array_equal(out, plain)
    assert tape.gradient(out, point).numpy().tolist() == [[3.0, 1.5]]  # the first unit alone
    assert tape.gradient(plain, point).numpy()[0] == pytest.approx([3 - 1 - 3 * 0.2 + 0.2, 1.5 - 2 - 0.2])


def test_the_images_that_excite_a_map_most_are_found_in_order(model, pixels):
    seen = feature_maps.excite(model.discriminator.model, pixels, [3, 0], top=4)
    last = feature_maps.upto(model.discriminator.model, feature_maps.after_convolutions(model.discriminator.model)[-1])
    highest = last(tf.constant(pixels, tf.float32) / 127.5 - 1).numpy().max(axis=(1, 2))
    for row, number in zip(seen.rows, (3, 0), strict=True):
        assert row.tolist() == np.argsort(-highest[:, number])[:4].tolist()
    assert seen.gradients.shape == (2, 4, 28, 28, 1)
    assert np.abs(seen.gradients).max(axis=(2, 3, 4)).min() > 0
    with pytest.raises(OptionError, match="--maps 16: the last convolution has the maps 0 to 15"):
        feature_maps.excite(model.discriminator.model, pixels, [16], top=1)


@pytest.mark.parametrize("side", [32, 28, 8])
def test_pooled_features_are_the_largest_of_each_part(side):
    network = build(side=side).discriminator.model
    pixels = np.random.default_rng(1).integers(0, 256, (5, side, side, 1), np.uint8)
    found = feature_maps.pooled(network, pixels)
    tensors = feature_maps.after_convolutions(network)
    held = keras.Model(network.inputs, tensors)(tf.constant(pixels, tf.float32) / 127.5 - 1)
    assert found.shape == (5, sum(min(4, tensor.shape[1]) ** 2 * tensor.shape[-1] for tensor in tensors))
    first = held[0] if isinstance(held, list) else held
    size = first.shape[1]
    part = first[:, : -(-size // 4), : -(-size // 4)].numpy().max(axis=(1, 2))
    assert np.allclose(found[:, : first.shape[-1]], part, atol=1e-5)


def test_the_correlation_of_neighbours_tells_forms_from_noise():
    random = np.random.default_rng(0)
    noise, ramp = random.normal(size=(4, 64, 64, 3)), np.tile(np.arange(64.0)[:, None, None], (1, 1, 64, 3))
    board = (np.indices((64, 64)).sum(axis=0) % 2)[None, ..., None].astype(float)
    assert np.abs(morans_i(noise)).max() < 0.03
    assert morans_i(ramp)[0] > 0.95
    assert morans_i(board)[0] == pytest.approx(-1)
    assert morans_i(np.ones((1, 8, 8, 1)))[0] == 0


def test_the_probes_on_separable_rows():
    random = np.random.default_rng(0)
    labels = np.repeat([0, 1, 2], 40)
    rows = np.eye(3)[labels] * 6 + random.normal(size=(120, 3))
    picked = linear_probe.balanced(labels, 30, random)
    assert np.bincount(labels[picked]).tolist() == [10, 10, 10]
    errors, cost = linear_probe.svm_errors(rows, labels, (rows, labels), (rows, labels), draws=[picked, picked])
    assert errors[0] == errors[1] < 0.1
    assert cost in linear_probe.COSTS
    assert linear_probe.nearest_error(rows[picked], labels[picked], rows, labels) < 0.1
    assert linear_probe.nearest_error(rows[picked], 1 - labels[picked], rows, labels) > 0.6


# --- forgetting


def test_a_cut_generator_draws_as_the_whole_one(model):
    cut = feature_ablation.GeneratorSplit(model)
    assert (cut.side, cut.count, cut.zoom) == (7, 8, 4)
    z = model.latents(range(70))
    assert np.array_equal(cut.images(cut.maps(z)), Sampler(model).decode(z))
    assert feature_ablation.GeneratorSplit(model, 14).count == 4
    with pytest.raises(OptionError, match="maps of sides 7, 14"):
        feature_ablation.GeneratorSplit(model, 9)
    with pytest.raises(OptionError, match="a single convolution"):
        feature_ablation.GeneratorSplit(build(side=8))


def test_dropped_maps_are_zero_everywhere(model):
    cut = feature_ablation.GeneratorSplit(model)
    held = cut.maps(model.latents(range(3)))
    without = held.copy()
    without[..., [1, 5]] = 0
    assert np.array_equal(cut.images(held, [1, 5]), cut.images(without))
    assert not np.array_equal(cut.images(held), cut.images(without))


@pytest.mark.parametrize("penalty", ["l1", "l2"])
def test_the_map_that_is_active_inside_is_found(penalty):
    random = np.random.default_rng(0)
    inside = random.random((20, 8, 8)) < 0.2
    held = random.random((20, 8, 8, 6)).astype(np.float32)
    held[..., 2] += 3 * inside  # the thing's map
    held[..., 4] += 3 * ~inside
    found = feature_ablation.select_maps(held, inside, regularization=penalty)
    assert 2 in found.dropped
    assert 4 not in found.dropped
    assert found.weights[2] > 0 > found.weights[4]
    assert found.accuracy > 0.95
    assert found.num_cells == inside.sum()
    if penalty == "l1":
        assert found.dropped == [2]
    with pytest.raises(OptionError, match="only 3 cells"):
        feature_ablation.select_maps(held[:1], np.arange(64).reshape(1, 8, 8) < 3)


def test_cells_of_boxes_have_their_middle_inside(model):
    cut = feature_ablation.GeneratorSplit(model)  # cells of four pixels
    inside = feature_ablation.cells_in_boxes([[(0, 0, 8, 4)], [(1.9, 9, 2.1, 11), (24, 24, 28, 28)], []], cut)
    assert [np.argwhere(cells).tolist() for cells in inside] == [[[0, 0], [0, 1]], [[2, 0], [6, 6]], []]


@pytest.mark.parametrize("header", ["", "seed,x0,y0,x1,y1\n"])
def test_boxes_are_read_by_seed(tmp_path, header):
    path = tmp_path / "boxes.csv"
    path.write_text(header + "3,0,0,10,12.5\n7, 1,1,5,5\n\n3,20,20,28,28\n", encoding="utf-8")
    assert boxes.read_boxes(path, (28, 28, 1)) == {
        3: [(0, 0, 10, 12.5), (20, 20, 28, 28)],
        7: [(1, 1, 5, 5)],
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("3,0,0,10", "line 1: expected seed,x0,y0,x1,y1"),
        ("3,0,0,9,9\n3,5,5,5,9", "line 2"),
        ("3,0,0,29,9", "inside 28x28 pixels"),
        ("x,0,0,9,9", "not x,0,0,9,9"),
        ("-1,0,0,9,9", "line 1"),
        ("3,nan,0,9,9", "line 1"),
        ("", "holds no boxes"),
    ],
)
def test_bad_boxes_are_named_by_their_line(tmp_path, text, words):
    path = tmp_path / "boxes.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        boxes.read_boxes(path, (28, 28, 1))
    with pytest.raises(DataError, match="cannot read the boxes"):
        boxes.read_boxes(tmp_path / "none.csv", (28, 28, 1))
