"""Arrays in memory as data sets: what is accepted, refused in one sentence, fitted to each model, and saved."""

import dataclasses
import re

import numpy as np
import pytest
from PIL import Image

from gancli import Dataset, data, models
from gancli.core.errors import DataError, GancliError, OptionError
from gancli.data import Request
from gancli.models import config

RANDOM = np.random.default_rng(0)
GRAY = RANDOM.integers(0, 256, (40, 36, 44), np.uint8)
COLOR = RANDOM.integers(0, 256, (40, 32, 32, 3), np.uint8)
LABELS = np.arange(40) % 3
MAPS = np.arange(40 * 36 * 44).reshape(GRAY.shape) // 7 % 4
NAMES = ["cat", "dog", "owl"]


class Tensor:
    """What libraries of tensors have in common."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)


class OnAnotherDevice:
    def __array__(self, dtype=None, copy=None):
        raise TypeError("can't convert a tensor of another device: copy it to host memory first")


def digest(dataset):
    return dataset.fingerprints


def texts(dataset):
    return [remark.text for remark in dataset.remarks]


@pytest.mark.parametrize(
    ("images", "plain"),
    [
        (GRAY, GRAY[..., None]),
        (GRAY[..., None], GRAY[..., None]),
        (COLOR, COLOR),
        (COLOR.transpose(0, 3, 1, 2), COLOR),
        (list(COLOR), COLOR),
        (tuple(map(Tensor, COLOR)), COLOR),
        (GRAY.tolist(), GRAY[..., None]),
        (Tensor(COLOR), COLOR),
        (np.array([*COLOR, None], object)[:-1], COLOR),
        (np.ma.array(COLOR), COLOR),
        ([Image.fromarray(one) for one in COLOR], COLOR),
        (COLOR.astype(np.int64), COLOR),
        (COLOR / 255, COLOR),
        ((COLOR / 255).astype(np.float32).transpose(0, 3, 1, 2), COLOR),
        ((COLOR / 127.5 - 1).astype(np.float32), COLOR),
        (COLOR.astype(np.float16), COLOR),
        (COLOR.astype(np.uint16) * 257, COLOR),
        (COLOR > 127, (COLOR > 127) * np.uint8(255)),
        (np.concatenate([COLOR, np.full_like(COLOR[..., :1], 255)], axis=-1), COLOR),
    ],
    ids=range(19),
)
def test_what_people_have_becomes_bytes(images, plain):
    dataset = Dataset.from_arrays(images)
    assert dataset.train["image"].dtype == np.uint8
    assert np.array_equal(dataset.train["image"], plain)
    assert not any(remark.matters for remark in dataset.remarks if "transparency" not in remark.text)


def test_a_guess_is_a_remark():
    (first,) = texts(Dataset.from_arrays(COLOR.transpose(0, 3, 1, 2)))
    assert first == "images: read as channels first, as PyTorch has them"
    assert any("0:1" in text for text in texts(Dataset.from_arrays(COLOR / 255)))
    assert any("12 bits" in text for text in texts(Dataset.from_arrays(COLOR.astype(np.uint16) * 16)))


@pytest.mark.parametrize(
    ("labels", "classes", "names"),
    [
        (LABELS, None, ("0", "1", "2")),
        (LABELS.tolist(), NAMES, tuple(NAMES)),
        (LABELS[:, None], NAMES, tuple(NAMES)),
        (LABELS.astype(float), NAMES, tuple(NAMES)),
        (np.eye(3)[LABELS], NAMES, tuple(NAMES)),
        (np.array(NAMES)[LABELS], None, tuple(NAMES)),
        (np.array(NAMES, object)[LABELS], None, tuple(NAMES)),
        ([NAMES[at] for at in LABELS], ["cat", "dog", "owl"], tuple(NAMES)),
        (Tensor(LABELS), None, ("0", "1", "2")),
        (LABELS + 1, NAMES, tuple(NAMES)),  # counted from 1
    ],
    ids=range(10),
)
def test_labels_of_any_form(labels, classes, names):
    dataset = Dataset.from_arrays(COLOR, labels, classes=classes)
    assert dataset.classes == names
    assert dataset.train["label"].dtype == np.int32
    assert np.array_equal(dataset.train["label"], LABELS)


def test_two_classes_of_booleans_and_signs():
    for labels in (LABELS > 0, np.where(LABELS > 0, 1, -1)):
        assert np.array_equal(Dataset.from_arrays(COLOR, labels).train["label"], LABELS > 0)


def test_one_class_is_a_remark():
    assert texts(Dataset.from_arrays(COLOR, [5] * 40))[-1].startswith("all labels are 5")


def test_images_are_copied():
    images = COLOR.copy()
    dataset = Dataset.from_arrays(images)
    images[:] = 0
    assert np.array_equal(dataset.train["image"], COLOR)


def test_parts_captions_attributes_maps_and_partners():
    dataset = Dataset.from_arrays(
        GRAY,
        captions=[["a", "b"] if at % 2 else "c" for at in range(40)],
        attributes={"old": LABELS > 0, "big": LABELS < 1},
        partners=255 - GRAY,
        validation={
            "images": GRAY[:5],
            "captions": ["v"] * 5,
            "partners": GRAY[:5],
            "attributes": {"old": [1] * 5, "big": [0] * 5},
        },
        test={"images": GRAY[:3], "captions": [["x", "y", "z"]] * 3},
        name="mixed",
    )
    assert (len(dataset), dataset.validation, len(dataset.test["image"])) == (45, 5, 3)
    assert dataset.train["caption"].shape == (45, 3) and dataset.test["caption"].shape == (3, 3)
    assert dataset.train["caption"][1].tolist() == ["a", "b", ""]
    assert dataset.attributes == ("old", "big") and dataset.train["attributes"].dtype == np.uint8
    assert np.array_equal(dataset.train["other"][:40], 255 - GRAY[..., None])
    assert repr(dataset) == (
        "<gancli.Dataset 'mixed': 40 images of 36x44x1, with attributes, other, caption, "
        "5 for validation, 3 for testing>"
    )
    assert dataset._repr_html_().count("data:image/png") == 1


def test_maps_of_classes():
    dataset = Dataset.from_arrays(GRAY, maps=MAPS, classes=["a", "b", "c", "d"])
    assert np.array_equal(dataset.train["map"], MAPS) and dataset.numbers == (0, 1, 2, 3)
    assert len(dataset.palette) == 4
    numbered = Dataset.from_arrays(GRAY, maps=np.where(MAPS == 3, 255, MAPS * 10))
    assert numbered.classes == ("0", "10", "20") and numbered.numbers == (0, 10, 20)
    assert np.array_equal(numbered.train["map"], np.where(MAPS == 3, 255, MAPS))
    masks = Dataset.from_arrays(GRAY, maps=(MAPS > 1) * np.uint8(255))
    assert masks.classes == ("0", "1") and np.array_equal(masks.train["map"], MAPS > 1)


def holed(value, at=7):
    images = (COLOR / 255).astype(np.float32)
    images[at, 0, 0, 0] = value
    return images


BAD = {
    "one number": ({"images": 3}, "shape ()"),
    "one image": ({"images": GRAY[0]}, "give images[None]"),
    "one image in color": ({"images": COLOR[0, :20]}, "give images[None]"),
    "volumes": ({"images": np.zeros((4, 5, 6, 7, 8))}, "have shape (4, 5, 6, 7, 8); expected (count, height, width)"),
    "empty": ({"images": GRAY[:0]}, "empty, of shape (0, 36, 44)"),
    "empty list": ({"images": []}, "empty"),
    "two channels": ({"images": COLOR[..., :2]}, "neither the last axis nor the second one are channels"),
    "five channels": ({"images": np.zeros((9, 5, 20, 20))}, "neither the last axis nor the second one are channels"),
    "NaN": ({"images": holed(np.nan)}, "hold NaN, first in image 7 (1 of 40): remove these images"),
    "infinity": ({"images": holed(np.inf)}, "hold infinity, first in image 7"),
    "range": ({"images": COLOR * 3.0 - 100}, "none of the ranges 0 to 255, 0 to 1 and -1 to 1: give the values"),
    "floats too bright": ({"images": GRAY / 127.5}, "pixels from 0 to 2 are in none of the ranges"),
    "floats too dark for bytes": ({"images": GRAY / 2.55}, "such as pixel_range='0:100'"),
    "float64 range": ({"images": holed(-9.5).astype(float)}, "such as pixel_range='-9.5:1'"),
    "constant": ({"images": np.zeros((9, 8, 8))}, "all pixels of images are 0"),
    "complex": ({"images": COLOR * 1j}, "complex numbers; expected real ones: give numpy.abs(images)"),
    "texts": ({"images": ["a.png", "b.png"]}, "gancli.load_dataset('PATH')"),
    "path": ({"images": "faces"}, "data='PATH'"),
    "dates": ({"images": np.zeros((4, 8, 8), "M8[s]")}, "type datetime64[s]; expected numbers"),
    "objects": ({"images": np.array([[{}]], object)}, "Python objects, such as a dict"),
    "nothing": ({"images": None}, "train has no images"),
    "dict": ({"images": {"x": GRAY}}, "images is a dict: expected a NumPy array"),
    "generator": ({"images": (one for one in GRAY)}, "images is a generator: expected a NumPy array"),
    "other device": ({"images": OnAnotherDevice()}, "an OnAnotherDevice cannot be read (can't convert"),
    "ragged": ({"images": [GRAY[0], GRAY[1, :30]]}, "item 0 has shape (36, 44), item 1 has shape (30, 44)"),
    "ragged numbers": ({"images": [[[1, 2], [3]]]}, "a list cannot be read (setting an array element"),
    "masked": ({"images": np.ma.masked_greater(GRAY, 250)}, "masked values: give them a value, as images.filled(0)"),
    "too few labels": ({"labels": LABELS[:9]}, "labels: 9 for 40 images"),
    "too many labels": ({"labels": [0, 1] * 40}, "labels: 80 for 40 images"),
    "fractions": ({"labels": LABELS / 2}, "labels hold 0.5; expected whole numbers"),
    "negative": ({"labels": LABELS - 1}, "labels hold -1; expected 0 or more"),
    "above the names": ({"labels": LABELS, "classes": NAMES[:2]}, "from 0 to 2, and classes names 2: expected labels"),
    "unknown name": ({"labels": ["cat", "cow"] * 20, "classes": NAMES}, "hold cow, which classes does not name"),
    "not one-hot": ({"labels": np.ones((40, 3))}, "not one-hot"),
    "one-hot of others": (
        {"labels": np.eye(3)[LABELS], "classes": NAMES[:2]},
        "one-hot for 3 classes; classes names 2",
    ),
    "deep labels": ({"labels": np.zeros((40, 2, 2))}, "labels have shape (40, 2, 2)"),
    "NaN labels": ({"labels": [np.nan] * 40}, "labels hold NaN"),
    "object labels": ({"labels": [None] * 40}, "Python objects, such as a NoneType"),
    "a missing label": (
        {"labels": np.array(["cat"] * 39 + [np.nan], object)},
        "labels: item 39 is nan, and others are",
    ),
    "complex labels": ({"labels": LABELS * 1j}, "labels are of type complex128"),
    "repeated names": ({"labels": LABELS, "classes": ["a", "b", "a"]}, "classes names a more than once"),
    "names as a text": ({"labels": LABELS, "classes": "abc"}, "classes is the text 'abc'; expected a list"),
    "test size": ({"test": COLOR[:, :16, :16]}, "test images are of 16x16 pixels, images of 32x32"),
    "empty test": ({"test": COLOR[:0]}, "test images are empty"),
    "test labels": ({"test": (COLOR, LABELS)}, "the test images have labels, and the training images have none"),
    "test length": ({"labels": LABELS, "test": (COLOR, LABELS[:5])}, "test labels: 5 for 40 images"),
    "validation without labels": ({"labels": LABELS, "validation": COLOR}, "validation images have none"),
    "test without images": ({"test": {"labels": LABELS}}, "test has no images; expected images"),
    "unknown column": ({"caption": ["a"] * 40}, "caption: expected images, labels, captions"),
    "unknown test column": ({"test": {"images": COLOR, "label": LABELS}}, "test label: expected images, labels"),
    "captions": ({"captions": ["a"] * 39}, "captions: 39 for 40 images"),
    "no caption": ({"captions": ["a"] * 39 + [" "]}, "captions: item 39 is empty"),
    "numbers as captions": ({"captions": LABELS}, "captions: item 0 holds"),
    "one caption": ({"captions": "a"}, "captions is str; expected a text"),
    "names without labels": ({"classes": NAMES}, "classes names 3, and there are no labels"),
    "names of no attributes": ({"attribute_names": NAMES}, "attribute_names are given without an array of attributes"),
    "attributes": ({"attributes": LABELS}, "attributes have shape (40,); expected (count, attributes)"),
    "attribute values": ({"attributes": np.full((40, 2), 7)}, "attributes hold other values than 0 and 1"),
    "attribute names": (
        {"attributes": np.eye(40), "attribute_names": ["a"]},
        "40 columns, and attribute_names names 1",
    ),
    "attribute columns": ({"attributes": {"a": [1], "b": [0, 1]}}, "attributes have the shapes 'a' (1,), 'b' (2,)"),
    "map size": ({"maps": MAPS}, "maps are of 44x36 pixels, the images of 32x32"),
    "map of fractions": ({"maps": COLOR[..., 0] / 255}, "maps hold fractions or NaN"),
    "map of others": ({"maps": COLOR[..., 0] % 9, "classes": NAMES}, "maps hold 3; expected the class of each pixel"),
    "negative map": ({"maps": COLOR[..., 0] % 9 - 1.0}, "maps hold -1; expected the class of each pixel, from 0"),
    "one class of pixels": ({"maps": np.zeros((40, 32, 32), int)}, "hold one class only"),
    "one-hot maps": ({"maps": np.eye(3)[COLOR[..., 0] % 3]}, "give maps.argmax(axis=-1)"),
    "maps and labels": ({"labels": LABELS, "maps": COLOR[..., 0] % 3}, "labels and maps are both given"),
    "too few maps": ({"maps": COLOR[:9, ..., 0] % 3}, "maps: 9 for 40 images"),
    "partner size": ({"partners": GRAY}, "partners are of 44x36 pixels, images of 32x32"),
    "too few partners": ({"partners": COLOR[:9]}, "partners: 9 for 40 images"),
    "range as a word": ({"pixel_range": "wide"}, "pixel_range 'wide': expected auto, 0:1"),
    "range as a number": ({"pixel_range": 255}, "pixel_range 255: expected 'auto', 'LOW:HIGH' or (low, high)"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_arrays_get_one_sentence(case):
    given, words = BAD[case]
    with pytest.raises((DataError, OptionError)) as error:
        Dataset.from_arrays(**({"images": COLOR} | given))
    text = str(error.value)
    assert words in text
    assert "\n" not in text and not re.search(r"\.(\s|$)", text) and len(text) < 300, text


@pytest.mark.parametrize("points", [[], np.zeros((3, 2, 2)), [[1.0], [np.nan]], ["a"], [[1], [1, 2]]])
def test_bad_points(points):
    with pytest.raises(DataError, match="points"):
        Dataset.from_points(points)


@pytest.mark.parametrize("sentences", ["a b.", [1] * 200, ["a"] * 5, None])
def test_bad_texts(sentences):
    with pytest.raises(DataError, match="texts"):
        Dataset.from_texts(sentences)


VARIANTS = [
    {},
    {"image_size": 16},
    {"image_size": 16, "crop": 20},
    {"color": "rgb"},
    {"color": "gray"},
    {"crop": 28, "color": "gray"},
    {"crop": 300},
]


@pytest.mark.parametrize("images", [GRAY, COLOR, COLOR / 255], ids=["gray", "color", "floats"])
def test_fitted_as_a_file_is_loaded(images, tmp_path):
    """For the request of each model: equal bits and names, or errors from both."""
    np.savez(tmp_path / "arrays.npz", x_train=images, y_train=LABELS, x_test=images[:7], y_test=LABELS[:7])
    dataset = Dataset.from_arrays(images, LABELS, test=(images[:7], LABELS[:7]))
    requests = set()
    for model in map(models.get, models.names()):
        for variant in VARIANTS:
            settings = config.from_mapping(model, variant)
            request = model.data_requirements(settings.options).request(settings.config)
            requests.add(dataclasses.replace(request, data_dir=None))
    fits = 0
    for request in requests:
        try:
            wanted = data.load(str(tmp_path / "arrays.npz"), request)
        except GancliError:
            with pytest.raises(GancliError):
                data.fitted(dataset, request)
            continue
        found = data.fitted(dataset, request)
        assert digest(found) == digest(wanted), request
        assert (found.classes, found.validation) == (wanted.classes, wanted.validation)
        assert found.shape == wanted.shape
        changes = [[one.text for one in some.remarks if one.kind == "changed"] for some in (found, wanted)]
        assert changes[0] == changes[1]
        fits += 1
    assert fits > 20


@pytest.mark.parametrize("request_", [Request(paired=True, fit=lambda side: 32), Request(16, paired=True, crop=30)])
def test_label_maps_are_fitted_as_folders_are(tmp_path, request_):
    """As partners in colors: pictures and maps in files, and the same in memory."""
    for kind, values in (("images", COLOR), ("labels", (COLOR[..., 0] // 64).astype(np.uint8))):
        (tmp_path / kind).mkdir()
        for number, one in enumerate(values[:, :, :30]):
            Image.fromarray(one).save(tmp_path / kind / f"{number:02}.png")
    loaded = data.load(str(tmp_path), dataclasses.replace(request_, needs_maps=True, whole=True))
    dataset = Dataset.from_arrays(COLOR[:, :, :30], maps=COLOR[:, :, :30, 0] // 64)
    found = data.fitted(dataset, request_)
    assert loaded.train.keys() - {"tests"} == found.train.keys()
    for name, values in found.train.items():
        every = np.concatenate([loaded.train[name][:], *([loaded.test[name][:]] if loaded.test else [])])
        assert {one.tobytes() for one in values} == {one.tobytes() for one in every}, name


def every_kind():
    yield "labels", Dataset.from_arrays(COLOR, LABELS, classes=NAMES, test=(COLOR[:4], LABELS[:4])), (".h5", ".npz")
    yield "dark", Dataset.from_arrays(GRAY // 128, pixel_range="0:255"), (".h5",)
    yield "validation", Dataset.from_arrays(GRAY, LABELS, validation=(GRAY[:9], LABELS[:9])), (".h5", ".npz")
    yield "some labels", Dataset.from_arrays(GRAY, LABELS, test=GRAY[:9]), (".npz",)
    yield "floats", Dataset.from_arrays(COLOR.transpose(0, 3, 1, 2) / 255), (".h5", ".npz")
    captions = {"captions": [["a b", "c"]] * 20 + ["d"] * 20, "attributes": np.eye(40)[:, :3]}
    few = {"images": COLOR[:2], "captions": ["e", "f"], "attributes": np.eye(3)[:2]}
    yield "captions", Dataset.from_arrays(COLOR, test=few, **captions), (".h5",)
    yield "maps", Dataset.from_arrays(GRAY, maps=np.where(MAPS == 3, 255, MAPS * 10)), (".h5",)
    yield (
        "partners",
        Dataset.from_arrays(GRAY, partners=255 - GRAY, validation={"images": GRAY, "partners": GRAY}),
        (".h5",),
    )
    yield "points", Dataset.from_points(RANDOM.normal(size=(50, 2)), LABELS.tolist() + [0] * 10), (".npz",)
    texts = [[f"sentence {number} of text {text} ." for number in range(60)] for text in range(4)]
    yield "texts", Dataset.from_texts(texts), (".txt",)


@pytest.mark.parametrize(("kind", "dataset", "endings"), list(every_kind()), ids=[kind for kind, *_ in every_kind()])
def test_a_saved_data_set_is_read_as_the_same(kind, dataset, endings, tmp_path):
    for ending in endings:
        path = dataset.save(tmp_path / f"{kind}{ending}")
        square = "image" in dataset.train
        found = data.load(str(path), Request(least=1 if square else None))
        assert digest(found) == digest(dataset)
        assert [one.name for one in tmp_path.iterdir()] == [path.name]
        path.unlink()
    for ending in {".h5", ".npz", ".txt", ".png", ""} - set(endings):
        with pytest.raises(DataError):
            dataset.save(tmp_path / f"{kind}{ending}")
        assert not list(tmp_path.iterdir())


def test_a_saved_data_set_serves_the_models_that_the_arrays_serve(tmp_path):
    dataset = Dataset.from_arrays(
        COLOR, maps=COLOR[..., 0] // 64, test={"images": COLOR[:5], "maps": COLOR[:5, ..., 0] // 64}
    )
    path = dataset.save(tmp_path / "maps.h5")
    for request in (Request(16, crop=20), Request(paired=True), Request(16, paired=True), Request(least=8)):
        assert digest(data.load(str(path), request)) == digest(data.fitted(dataset, request))
