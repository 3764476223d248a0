"""The Inception network of published FIDs: torch's numbers for seeded weights, the three resizings, the extractor.

inception_expected.json holds what torch-fidelity's and pytorch-fid's own networks gave (experiments.oracles.expected).
"""

import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import numpy as np
import pytest
import tensorflow as tf

from experiments.oracles import expected, seeded
from experiments.oracles.torch_side import TAPS
from gancli.core.backend import keras
from gancli.core.errors import DataError, OptionError
from gancli.evaluation.feature_extractors import FeatureChoice
from gancli.evaluation.feature_extractors.inception import extractor, network, resizing

CLOSE = 1e-4  # of the largest number of an array


@pytest.fixture(scope="module")
def oracle():
    return json.loads(expected.FILE.read_text())


@pytest.fixture(scope="module")
def tensors():
    return seeded.weights(network.expected_shapes())


@pytest.fixture(scope="module")
def whole(tensors):
    return network.build(tensors)


@pytest.fixture(scope="module")
def pictures():
    return {name: seeded.images(1, *size) for name, size in expected.SIZES.items()}


@pytest.fixture(scope="module")
def inputs(pictures):
    """What the network gets of each picture, by picture and resizing."""
    return {f"{name}/{way}": as_input(pixels, way) for name, pixels in pictures.items() for way in resizing.METHODS}


@pytest.fixture(scope="module")
def outputs(whole, inputs):
    """All taps of all inputs, computed at once."""
    found = tf.function(whole, autograph=False)(np.concatenate(list(inputs.values())))
    return {f"{key}/{tap}": found[tap].numpy()[at] for at, key in enumerate(inputs) for tap in TAPS}


def as_input(pixels, way):
    with ThreadPoolExecutor(1) as workers:
        ready = resizing.resized(pixels, workers=workers) if way == "clean" else pixels
    return resizing.network_input(tf.constant(ready), way).numpy()


def of(tensors, *, published=False, **choice):
    weights = SimpleNamespace(tensors=tensors, sha256="1a2b3c4d" * 8, is_published=published, source="weights.pth")
    return extractor.of_weights(weights, FeatureChoice("inception-2015", **choice))


def test_weights_and_pictures_are_those_of_the_file(oracle, tensors, pictures):
    assert expected.check_numbers(tensors, pictures) == pytest.approx(oracle["sums"], rel=1e-6)


def test_taps_are_torchs(oracle, outputs):
    for key, values in outputs.items():
        wanted = np.array(oracle["values"][key])
        assert np.abs(expected.kept(values) - wanted).max() <= CLOSE * np.abs(wanted).max(), key
    assert len(outputs) == len(expected.SIZES) * len(resizing.METHODS) * len(TAPS)


def test_resized_pixels_are_those_of_each_program(oracle, inputs):
    for key, values in inputs.items():
        pixels = (values[0] + 1) * 127.5 if key.endswith("pytorch") else values[0] * 128 + 128
        np.testing.assert_allclose(expected.kept(pixels), oracle["values"][key], atol=255e-6, err_msg=key)


def test_shapes_are_those_of_94_convolutions_and_a_layer():
    shapes = network.expected_shapes()
    assert len(shapes) == 94 * 5 + 2
    assert shapes["Conv2d_1a_3x3.conv.weight"] == (32, 3, 3, 3)
    assert shapes["Mixed_6c.branch7x7dbl_2.conv.weight"] == (160, 160, 7, 1)
    assert shapes["Mixed_7c.branch3x3_2a.conv.weight"] == (384, 384, 1, 3)
    assert shapes["fc.weight"] == (1008, 2048)


def test_batch_normalization_is_that_of_pytorch(tensors):
    """The first layer by hand: (conv - mean) / sqrt(variance + .001) * weight + bias."""
    name, pixels = "Conv2d_1a_3x3", np.random.default_rng(0).normal(size=(3, 3, 3))
    kernel, scale, shift, mean, variance = (
        tensors[f"{name}.{part}"].astype(np.float64)
        for part in ("conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var")
    )
    product = np.einsum("ochw,hwc->o", kernel, pixels)
    wanted = np.maximum((product - mean) / np.sqrt(variance + 0.001) * scale + shift, 0)
    layer = network._convolution(network.STAGES[64][""][0][0], name, tensors)
    np.testing.assert_allclose(layer(pixels[None].astype(np.float32))[0, 0, 0], wanted, rtol=1e-5, atol=1e-5)


def test_poolings_keep_a_constant_and_only_the_last_block_takes_the_maximum(whole):
    """A padding that counted would darken the border of an average."""
    steps = [layer for layer in whole.layers if "pooling2d" in layer.name and "global" not in layer.name]
    averages = [layer for layer in steps if isinstance(layer, keras.layers.AveragePooling2D)]
    ones = np.ones((1, 5, 5, 1), np.float32)
    assert len(averages) == 8
    assert all(np.allclose(layer(ones), ones, rtol=0, atol=1e-6) for layer in averages)
    same_size = [layer for layer in steps if layer not in averages and layer.strides == (1, 1)]
    assert len(same_size) == 1
    assert whole.get_layer("Mixed_7c_branch_pool").input is same_size[0].output
    assert np.array_equal(same_size[0](-ones), -ones)


@pytest.mark.parametrize("dims", [64, 192])
def test_smaller_features_stop_early(tensors, inputs, outputs, dims):
    needed = {name: tensors[name] for name in tensors if name.startswith("Conv2d_")}  # no block, no last layer
    small = network.build(needed, dims=dims)
    assert [*small.output] == [str(size) for size in network.DIMS if size <= dims]
    key = next(iter(inputs))
    np.testing.assert_allclose(small(inputs[key])[str(dims)][0], outputs[f"{key}/{dims}"], rtol=1e-4, atol=1e-5)
    features, probabilities = of(needed, dims=dims).extract(np.zeros((2, 8, 8, 1), np.uint8))
    assert features.shape == (2, dims)
    assert probabilities is None


def test_extractor_gives_features_and_probabilities_of_logits_without_bias(monkeypatch, tensors, whole, pictures):
    monkeypatch.setattr(network, "build", lambda tensors, dims: whole)
    features, probabilities = of(tensors).extract(pictures["16 x 16"])
    logits = features.astype(np.float64) @ tensors["fc.weight"].T.astype(np.float64)
    shares = np.exp(logits - logits.max())
    np.testing.assert_allclose(probabilities, shares / shares.sum(), atol=1e-4)
    assert (features.dtype, probabilities.dtype) == (np.float32, np.float32)
    assert (features.shape, probabilities.shape) == ((1, 2048), (1, 1008))


@pytest.mark.parametrize("way", resizing.METHODS)
def test_any_count_is_traced_once_and_rows_keep_their_order(monkeypatch, tensors, way):
    counts, plain = [], resizing.network_input
    monkeypatch.setattr(
        resizing, "network_input", lambda pixels, way: counts.append(pixels.shape) or plain(pixels, way)
    )
    extract = of(tensors, dims=64, resize=way).extract
    pixels = seeded.images(extractor.BATCH + 3, 6, 5, 1)
    features = extract(pixels)[0]
    for rows in (slice(None, None, -1), slice(2, 5), slice(extractor.BATCH, None)):
        np.testing.assert_allclose(extract(pixels[rows])[0], features[rows], rtol=1e-5, atol=1e-6)
    assert np.ptp(features, axis=0).max() > 0.1
    assert extract(pixels[:0])[0].shape == (0, 64)
    assert len(counts) == 1
    assert counts[0][0] is None


@pytest.mark.parametrize("way", resizing.METHODS)
def test_resizing_keeps_a_constant_and_repeats_gray(way):
    for shape in ((1, 1), (7, 300), (299, 299), (640, 3)):
        values = as_input(np.full((1, *shape, 1), 200, np.uint8), way)
        wanted = 2 * 200 / 255 - 1 if way == "legacy-pytorch" else (200 - 128) / 128
        assert values.shape == (1, 299, 299, 3)
        np.testing.assert_allclose(values, wanted, atol=1e-6)
    gray = seeded.images(1, 20, 30, 1)
    np.testing.assert_array_equal(as_input(gray, way), as_input(gray.repeat(3, axis=-1), way))


def test_clean_clips_and_does_not_round():
    """Bicubic overshoots at an edge: clipped to the range of 8 bits; a slope has values between."""
    edge = np.repeat(np.array([0, 255], np.uint8), 8)[None, None, :, None].repeat(16, axis=1)
    values = as_input(edge, "clean") * 128 + 128
    assert values.min() == 0
    assert values.max() == 255
    assert (np.abs(values - np.rint(values)) > 0.01).any()


def test_resizings_differ_where_their_pixels_lie():
    """Of 0 and 255 side by side: TensorFlow 1 reaches 255 at the middle and stays, PyTorch is symmetric."""
    pixels = np.array([0, 255], np.uint8).reshape(1, 1, 2, 1)
    tf1 = as_input(pixels, "legacy-tensorflow")[0, 0, :, 0] * 128 + 128
    torch = (as_input(pixels, "legacy-pytorch")[0, 0, :, 0] + 1) * 127.5
    columns = np.arange(299)
    np.testing.assert_allclose(tf1, 255 * np.minimum(columns * 2 / 299, 1), atol=1e-3)
    np.testing.assert_allclose(torch, 255 * np.clip((columns + 0.5) * 2 / 299 - 0.5, 0, 1), atol=1e-3)


def test_names_and_recipe(tensors):
    small = of(tensors, dims=64, resize="legacy-pytorch", published=True)
    assert small.metric(50_000) == "FID (inception-2015, legacy-pytorch, 64, 50,000)"
    other = of(tensors, dims=64)
    assert other.name == "inception-2015 with weights 1a2b3c4d"
    assert other.metric(10) == "Fréchet distance, inception-2015 with weights 1a2b3c4d features"
    assert json.loads(json.dumps(other.recipe))["resize"] == "clean, to 299 pixels"
    assert {"weights.pth", "clean", "64", "1a2b3c4d1a2b"} <= set(str(other).replace("…", "").replace(";", "").split())


def test_published_features_of_2048_have_the_short_name(monkeypatch, tensors, whole):
    monkeypatch.setattr(network, "build", lambda tensors, dims: whole)
    assert of(tensors, published=True).metric(50_000) == "FID (inception-2015, clean, 50,000)"
    assert of(tensors, published=True).metric(5, name="KID") == "KID (inception-2015, clean, 5)"


@pytest.mark.parametrize(
    ("choice", "words"), [({"resize": "bilinear"}, "--resize bilinear"), ({"dims": 65}, "--dims 65")]
)
def test_unknown_choices_are_refused(choice, words):
    with pytest.raises(OptionError, match=f"{words}: expected one of"):
        extractor.load(FeatureChoice("inception-2015", **choice), note=print)


def test_images_of_other_channels_are_refused(tensors):
    with pytest.raises(DataError, match="4 channels: inception-2015 needs gray or RGB images"):
        of(tensors, dims=64).extract(np.zeros((1, 8, 8, 4), np.uint8))
