"""What methods of gancli.TrainedModel cannot use is refused in one sentence, whatever the method."""

import re

import numpy as np
import pytest
from helpers import stored
from helpers.stored import pictures
from PIL import Image

import gancli

SIDE = (8, 8, 1)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """A model for each kind of method."""
    folder = tmp_path_factory.mktemp("bad")
    names = ("vae", "cgan", "espcn", "segmentation", "cyclegan", "skip-thoughts", "gan-cls")
    return {name: stored.load(name, folder) for name in names}


METHODS = {  # of images: the model, the shape of an image that it takes, and the call
    "encode": ("vae", SIDE, lambda model, images: model.encode(images)),
    "reconstruct": ("vae", SIDE, lambda model, images: model.reconstruct(images)),
    "project": ("vae", SIDE, lambda model, images: model.project(images, steps=1, starts=1)),
    "interpolate": ("vae", SIDE, lambda model, images: model.interpolate(images, 1)),
    "style_of": ("gan-cls", SIDE, lambda model, images: model.sample(text="a", style_of=images)),
    "upscale": ("espcn", SIDE, lambda model, images: model.upscale(images)),
    "segment": ("segmentation", (20, 24, 3), lambda model, images: model.segment(images)),
    "translate": ("cyclegan", (16, 16, 3), lambda model, images: model.translate(images)),
}


def _with(image, value, dtype=np.float64):
    image = image / 255.0
    image[0, 0] = value
    return image.astype(dtype)


IMAGES = {  # what is wrong, and the sentence
    "NaN": (lambda image: _with(image, np.nan), "the pixels hold NaN or infinity"),
    "infinity": (lambda image: _with(image, np.inf, np.float32), "the pixels hold NaN or infinity"),
    "floats over 1": (lambda image: _with(image, 1.5), r"images with values from .* to 1.5: expected floating-point"),
    "floats under -1": (lambda image: _with(image, -200.0), "images with values from -200 to"),
    "integers over 255": (lambda image: image.astype(int) + 300, "images with values from .*: expected 0 to 255"),
    "negative integers": (lambda image: image.astype(int) - 300, "images with values from -.*: expected 0 to 255"),
    "one axis of no vector": (lambda image: image.ravel(), r"1 axes|latent vectors"),
    "five axes": (lambda image: image[None, None], "have 5 axes: expected an array"),
    "no number": (lambda image: np.array(0.5), "have 0 axes: expected an array"),
    "empty": (lambda image: image[:0], r"are empty: expected one image or more"),
    "empty batch": (lambda image: image[None][:0], r"are empty: expected one image or more"),
    "complex": (lambda image: image.astype(complex), "numbers of type complex128: expected an array"),
    "texts": (lambda image: np.array([["a"]]), "numbers of type <U1: expected an array"),
    "objects": (lambda image: {"a": 1}, "images of type dict and numbers of type object"),
    "None": (lambda image: None, "images of type NoneType|needs second"),
    "ragged": (lambda image: [[1, 2], [3]], r"no array of numbers \(.*\): expected an array"),
    "channels": (lambda image: np.dstack([image] * 7), r"have \d+ channels: expected 1 to 4"),
    "no file": (lambda image: "no-such-file.png", r"no-such-file\.png does not exist"),
    "one of a list": (lambda image: [image, _with(image, 7.0)], "images with values from .* to 7"),
    "none in a list": (lambda image: [image, None], "images of type NoneType"),
}


def sentence(error):
    """The message of an error, which has to be one line that ends without a full stop."""
    text = str(error.value)
    assert "\n" not in text, text
    assert not text.endswith("."), text
    assert len(text) < 400, text
    return text


@pytest.mark.parametrize(
    ("method", "wrong"), [(one, other) for one in METHODS for other in IMAGES if (one, other) != ("style_of", "None")]
)
def test_bad_images_are_refused_by_every_method(models, method, wrong, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    name, shape, call = METHODS[method]
    make, expected = IMAGES[wrong]
    if method == "interpolate" and wrong == "one of a list":
        expected = f"{expected}|holds 2 images"
    with pytest.raises((gancli.DataError, gancli.OptionError)) as error:
        call(models[name], make(pictures(1, shape)[0]))
    assert re.search(expected, sentence(error)), sentence(error)


@pytest.mark.parametrize("method", ["encode", "reconstruct", "project", "interpolate", "style_of"])
def test_arrays_must_have_the_size_of_a_model_of_fixed_size(models, method):
    name, _, call = METHODS[method]
    for shape, found in (((9, 8, 1), "9x8 pixels and 1 channel"), ((8, 8, 3), "8x8 pixels and 3 channels")):
        with pytest.raises(gancli.DataError) as error:
            call(models[name], pictures(1, shape)[0])
        assert f"an image of {found}" in sentence(error)
        assert "expected 8x8 pixels and 1 channel (gray), as this model has" in sentence(error)


def test_channels_of_models_of_any_size(models):
    for method in ("segment", "translate"):
        name, shape, call = METHODS[method]
        with pytest.raises(
            gancli.DataError, match=r"an image of \d+x\d+ pixels and 1 channel \(gray\): this model take"
        ):
            call(models[name], pictures(1, (*shape[:2], 1)))


def test_a_file_that_is_no_image_is_named(models, tmp_path):
    (tmp_path / "a.png").write_bytes(b"no image")
    for name, _, call in METHODS.values():
        with pytest.raises(gancli.DataError, match=r"a\.png: not an image"):
            call(models[name], tmp_path / "a.png")


def test_the_same_picture_in_every_form_and_type_is_the_same(models, tmp_path):
    """Bytes, whole numbers, floats of both ranges, nested lists, and masks of black and white."""
    image, model = pictures(1, (6, 5, 1))[0], models["espcn"]
    image[0, 0] = 0
    expected = model.upscale(image)
    for same in (
        image[..., 0],
        image.astype(np.int64),
        image[..., 0].tolist(),
        image / 255.0,
        (image / 255.0).astype(np.float32),
        image / 127.5 - 1,
        Image.fromarray(image[..., 0]),
        np.asfortranarray(image),
        image[::-1][::-1],
    ):
        assert np.array_equal(model.upscale(same), expected), type(same)
    masks = image > 127
    assert np.array_equal(model.upscale(masks), model.upscale(masks.astype(np.uint8) * 255))
    picture = Image.fromarray(image[..., 0])
    picture.getexif()[0x0112] = 3  # upside down
    turned = model.upscale(picture)
    assert np.array_equal(picture, image[..., 0])  # a method leaves what it is given as it is
    assert turned.shape == expected.shape


CALLS = {  # other arguments: the model, the call, and the sentence
    "seeds": ("vae", lambda model: model.sample("0-3"), r"seeds is '0-3': expected whole numbers"),
    "no seed": ("vae", lambda model: model.sample([]), "seeds is empty"),
    "negative": ("vae", lambda model: model.sample([1, -2]), "seeds holds -2: expected whole numbers from 0"),
    "negative range": ("vae", lambda model: model.sample(range(-3, 3)), "seeds holds -3"),
    "float": ("vae", lambda model: model.sample([1.5]), "seeds holds 1.5"),
    "floats": ("vae", lambda model: model.latents(np.array([1.0])), "seeds holds .*1.0"),
    "truth": ("vae", lambda model: model.sample(True), "seeds is True"),
    "too large": ("vae", lambda model: model.sample(2**63), "seeds holds 9223372036854775808"),
    "None seeds": ("vae", lambda model: model.latents(None), "seeds is None"),
    "both": ("vae", lambda model: model.sample(3, num_samples=2), "seeds and num_samples both set the number"),
    "count": ("vae", lambda model: model.sample(num_samples=0), "num_samples is 0: expected a whole number from 1"),
    "z": ("vae", lambda model: model.decode(np.zeros((2, 7))), r"z is an array of shape \(2, 7\) and type float64"),
    "z of NaN": ("vae", lambda model: model.decode(np.full(20, np.nan)), "z holds NaN or infinity"),
    "no z": ("vae", lambda model: model.decode(np.zeros((0, 20))), r"shape \(0, 20\)"),
    "z of texts": ("vae", lambda model: model.decode("abc"), "shape"),
    "label of none": ("vae", lambda model: model.decode(np.zeros(20), label=1), "vae takes no labels"),
    "labels of none": ("vae", lambda model: model.sample(2, label=[1, 0]), "label has 2 entries: vae takes no labels"),
    "text of none": ("vae", lambda model: model.sample(2, text="a"), "text='a': vae takes no texts"),
    "label and text": ("vae", lambda model: model.sample(2, text="a", label=1), "label and text exclude each other"),
    "unknown class": ("cgan", lambda model: model.sample(2, label="x"), "'test' has no class 'x'; its classes: 0, 1"),
    "kind of class": ("cgan", lambda model: model.sample(2, label=1.5), "label is 1.5: expected the name or number"),
    "number of labels": ("cgan", lambda model: model.sample(3, label=[1, 0]), "label has 2 entries for 1 images"),
    "no label": ("cgan", lambda model: model.decode(np.zeros(100)), "cgan takes labels: give the class, for example"),
    "label of a walk": ("cgan", lambda model: model.interpolate(1, 2), "cgan takes labels: give the class"),
    "steps": ("vae", lambda model: model.interpolate(1, 2, 1), "steps is 1: expected a whole number from 2 to 1,000"),
    "mode": ("vae", lambda model: model.interpolate(1, 2, mode="slurp"), "mode is 'slurp': expected 'lerp' or 'slerp'"),
    "one end": ("vae", lambda model: model.interpolate(1), "interpolation needs second, or a pair"),
    "two ends": ("cgan", lambda model: model.interpolate(1, 2, label=(0, 1)), "second and a pair of labels or texts"),
    "short z": ("vae", lambda model: model.interpolate([0.5], 1), r"first is an array of shape \(1,\)"),
    "sum": ("vae", lambda model: model.arithmetic("a + "), "cannot parse|no labels|has no"),
    "kind of sum": ("vae", lambda model: model.arithmetic(7), "expression is 7: expected a sum such as"),
    "average": ("vae", lambda model: model.arithmetic("[1]", average=0), "average is 0"),
    "starts": ("vae", lambda model: model.project(pictures(1, SIDE), starts=0), "starts is 0"),
    "no text": ("gan-cls", lambda model: model.decode(np.zeros(100)), "gan-cls takes texts: give one, for example"),
    "empty text": ("gan-cls", lambda model: model.sample(2, text=" "), "text|words"),
    "unknown words": ("gan-cls", lambda model: model.sample(2, text="zebra"), "the run knows no word of 'zebra'"),
    "texts": ("gan-cls", lambda model: model.sample(3, text=["a", "c"]), "text has 2 entries for 1 images"),
    "style": ("gan-cls", lambda model: model.sample(style_of=pictures(1, SIDE)), "style_of gives z for a text"),
    "kind of text": ("skip-thoughts", lambda model: model.encode([1, 2]), "inputs holds 1: expected texts"),
    "images as texts": (
        "skip-thoughts",
        lambda model: model.encode(pictures(1, SIDE)),
        "inputs holds .*: expected texts",
    ),
    "label of texts": ("skip-thoughts", lambda model: model.encode("a", label=1), "skip-thoughts encodes texts alone"),
    "resize": ("segmentation", lambda model: model.segment(pictures(1, (9, 9, 3)), resize=-1), "resize is -1"),
    "maps": ("segmentation", lambda model: model.colorize([[0, 7]]), "maps holds the number 7: expected class numbers"),
    "kind of maps": ("segmentation", lambda model: model.colorize([[0.5]]), "maps is an array of shape"),
    "direction": (
        "cyclegan",
        lambda model: model.translate(pictures(1, (16, 16, 3)), "b"),
        "direction is 'b': expected",
    ),
}


@pytest.mark.parametrize("wrong", CALLS)
def test_other_bad_arguments_are_refused(models, wrong):
    name, call, expected = CALLS[wrong]
    with pytest.raises((gancli.DataError, gancli.OptionError)) as error:
        call(models[name])
    assert re.search(expected, sentence(error)), sentence(error)


def test_an_image_of_a_training_on_other_numbers_is_read_as_those_were(tmp_path):
    """A run on 12-bit images takes 12-bit images, and bytes as ever."""
    from dataclasses import replace

    from gancli.inference import image_inputs

    model = stored.load("vae", tmp_path)
    facts = model._trained.run.facts
    model._trained.run.facts = replace(facts, pixel_ranges=("16-bit 0:4095", "floating-point 0:16"))
    image = pictures(1, SIDE)[0]
    wide = (image.astype(np.uint32) * 4095 + 127) // 255
    for same in (image, wide.astype(np.uint16), image / 255.0, image / 255.0 * 16):
        assert np.array_equal(image_inputs.of_model_size(model._trained, same)[0], image)
    with pytest.raises(gancli.DataError, match="expected 0 to 4095"):
        model.encode(wide.astype(np.uint16) * 10)
    with pytest.raises(gancli.DataError, match="or from -1 to 1, or 0:16"):
        model.encode(image.astype(np.float32))
