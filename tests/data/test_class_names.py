"""Classes are those that occur, keep their names through files, and are found by them."""

import json
import unicodedata

import h5py
import numpy as np
import pytest
from PIL import Image

from gancli import data
from gancli.core.errors import DataError, OptionError
from gancli.data import DataFacts, class_index
from gancli.data.labels import attribute_query
from gancli.inference.image_files import sample_files
from gancli.inference.sample_stream import SampleStream

SHADES = (np.arange(64).reshape(8, 8) * 4 + np.arange(4).repeat(3)[:, None, None]).astype(np.uint8)


def npz(path, labels, test=(), classes=None, **more):
    arrays = {"x_train": SHADES[: len(labels)], "y_train": np.array(labels)}
    arrays |= {"x_test": SHADES[: len(test)], "y_test": np.array(test)} if len(test) else {}
    arrays |= {} if classes is None else {"classes": np.array(classes)}
    np.savez(path / "a.npz", **arrays | more)
    return data.load(str(path / "a.npz"))


def texts(dataset, *, matters=True):
    return " ".join(remark.text for remark in dataset.remarks if remark.matters or not matters)


@pytest.mark.parametrize(
    ("labels", "test", "named", "classes", "numbers", "word"),
    [
        ([0, 1, 2], [], None, ("0", "1", "2"), [0, 1, 2], ""),
        ([1, 10, 2], [], None, ("1", "2", "10"), [0, 2, 1], ""),
        ([3, 700], [], None, ("3", "700"), [0, 1], ""),
        ([3, 900_000], [], None, ("3", "900000"), [0, 1], ""),
        ([3, 2**40], [], None, ("3", str(2**40)), [0, 1], ""),
        ([5, 5, 5], [], None, ("5",), [0, 0, 0], ""),
        ([True, False], [], None, ("0", "1"), [1, 0], ""),
        ([1.0, 3.0], [], None, ("1", "3"), [0, 1], ""),
        ([[1], [3]], [], None, ("1", "3"), [0, 1], ""),
        (np.eye(4)[[3, 1]], [], None, ("1", "3"), [1, 0], ""),
        ([0, 2], [1], None, ("0", "1", "2"), [0, 2], "1 class only in the test split: 1"),
        ([0, 2], [], ["a", "b", "c"], ("a", "c"), [0, 1], "1 of 3 classes have no images: b"),
        ([0, 2], [1], ["a", "b", "c"], ("a", "b", "c"), [0, 2], "1 class only in the test split: b"),
        ([0, 2], [], np.array(["a", "b", "c"], "S1"), ("a", "c"), [0, 1], "1 of 3 classes have no images: b"),
        ([1, 0], [], ["a", "a"], ("a", "a"), [1, 0], "several classes have the same name: a"),
    ],
)
def test_classes_are_those_that_occur(tmp_path, labels, test, named, classes, numbers, word):
    dataset = npz(tmp_path, labels, test, named)
    assert (dataset.classes, dataset.train["label"].tolist()) == (classes, numbers)
    assert dataset.train["label"].dtype == np.int32
    assert (word in texts(dataset)) if word else not texts(dataset)
    assert len(dataset.class_shares()) == len(classes)
    if not test:
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["images"], file["labels"] = SHADES[: len(labels), ..., None], np.array(labels)
            file.attrs["classes"] = json.dumps(np.array([] if named is None else named).astype(str).tolist())
        again = data.load(str(tmp_path / "a.h5"))
        assert (again.classes, again.train["label"].tolist()) == (classes, numbers)
        assert texts(again) == texts(dataset)


def test_the_test_rows_of_a_packed_file_count_too(tmp_path):
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["images"], file["labels"], file["tests"] = SHADES[:3, ..., None], [4, 9, 6], [0, 0, 1]
    dataset = data.load(str(tmp_path / "a.h5"))
    assert dataset.classes == ("4", "6", "9")
    assert (dataset.train["label"].tolist(), dataset.test["label"].tolist()) == ([0, 2], [1])
    assert "1 class only in the test split: 6" in texts(dataset)


def test_folders_of_numbers_stand_in_the_order_of_the_numbers(tmp_path):
    for name in ("10", "2", "1"):
        (tmp_path / "set" / name).mkdir(parents=True)
        Image.fromarray(np.full((8, 8), 20 * int(name), np.uint8)).save(tmp_path / "set" / name / "a.png")
    dataset = data.load(str(tmp_path / "set"))
    assert dataset.classes == ("1", "2", "10")
    by_class = {
        dataset.classes[label]: image[0, 0, 0]
        for label, image in zip(*map(np.asarray, (dataset.train["label"], dataset.train["image"][:])), strict=True)
    }
    assert by_class == {"1": 20, "2": 40, "10": 200}


# --- arrays: train and test together


@pytest.mark.parametrize(
    ("test", "word"),
    [
        (np.zeros((3, 10, 10), np.uint8), "x_test has images of 10x10 in gray, the training images are 8x8"),
        (np.zeros((3, 8, 8, 3), np.uint8), "x_test has images of 8x8 in colors, the training images are 8x8 in gray"),
    ],
)
def test_a_test_split_of_another_shape_is_refused_or_brought_to_one(tmp_path, gancli, test, word):
    np.savez(tmp_path / "a.npz", x_train=SHADES, x_test=test)
    answer = gancli("data", "check", tmp_path / "a.npz")
    assert (answer.code, word in answer.err) == (3, True)
    dataset = data.load(str(tmp_path / "a.npz"), data.Request(12, "rgb"))
    assert dataset.test["image"].shape[1:] == dataset.shape == (12, 12, 3)
    assert "converted to one shape" in texts(dataset)


@pytest.mark.parametrize(
    ("shape", "word"),
    [
        ((64, 64, 3), "one image"),
        ((64, 64, 4), "one image"),
        ((64, 64, 1), "one image"),
        ((64, 64), "one image"),
        ((6, 785), "expected"),
        ((6, 2, 32, 32), "expected"),
        ((6, 16, 16, 16), "volumes"),
    ],
)
@pytest.mark.parametrize("ending", ["npz", "h5"])
def test_arrays_of_another_layout_are_refused_with_what_to_do(tmp_path, shape, word, ending):
    if ending == "npz":
        np.savez(tmp_path / "a.npz", images=np.zeros(shape, np.uint8))
    else:
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file["images"] = np.zeros(shape, np.uint8)
    with pytest.raises(DataError, match=word):
        data.load(str(tmp_path / f"a.{ending}"))


def test_oblong_arrays_are_told_as_files_are(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=SHADES[:, :, :6], x_test=SHADES[:3, :, :6])
    assert (
        "15 images of 6x8, not square: cropped to the center 6x6, resized to 8x8 (change with --image-size, --crop)"
        in texts(data.load(str(tmp_path / "a.npz")))
    )
    assert not texts(npz(tmp_path, [0, 1]))


def test_columns_that_one_split_lacks_are_told(tmp_path):
    np.savez(tmp_path / "a.npz", x_train=SHADES, x_test=SHADES[:3], y_test=[0, 1, 0])
    dataset = data.load(str(tmp_path / "a.npz"))
    assert ("label" in dataset.test, "no y_train beside y_test" in texts(dataset)) == (False, True)
    np.savez(tmp_path / "a.npz", x_train=SHADES, y_train=np.arange(12) % 2, y_test=[0, 1, 0])
    assert "y_test without x_test" in texts(data.load(str(tmp_path / "a.npz")))


# --- a class by its name


@pytest.mark.parametrize(
    ("text", "classes", "index"),
    [
        ("1", ("1", "2", "3"), 0),
        ("3", ("1", "2", "3"), 2),
        ("1", ("a", "b"), 1),
        ("01", ("1", "2"), 0),
        ("7", ("000", "007"), 1),
        ("B", ("a", "b"), 1),
        ("a", ("A", "a"), 1),
        ("STRASSE", ("Straße",), 0),
        (unicodedata.normalize("NFD", "Ärmel"), ("x", unicodedata.normalize("NFC", "Ärmel")), 1),
        (unicodedata.normalize("NFC", "ärmel"), ("x", unicodedata.normalize("NFD", "Ärmel")), 1),
    ],
)
def test_a_class_is_found_by_its_name_first(text, classes, index):
    assert class_index(text, classes, "x") == index


@pytest.mark.parametrize(
    ("text", "classes", "word"),
    [
        ("0", ("1", "2", "3"), "no class '0'"),
        ("4", ("1", "2", "3"), "no class '4'"),
        ("2", ("a", "b"), "no class '2'"),
        ("1", ("a", "b", "7"), "no class '1'"),
        ("á", ("A", "B"), "no class"),
        ("b", ("B", "B"), "several"),
        ("1", (), "no labels"),
    ],
)
def test_a_class_that_is_none_or_several_is_refused(text, classes, word):
    with pytest.raises(OptionError, match=word):
        class_index(text, classes, "x")


def test_words_for_classes_go_by_the_same_rule():
    facts = DataFacts("x", (8, 8, 1), 4, classes=("1", "2"), attributes=("Hat",))
    assert attribute_query.parse("1", facts).wanted == {0: True}


# --- names through files


@pytest.mark.parametrize("ending", [".npz", ".h5", ""])
def test_names_of_classes_come_back_from_what_is_written(tmp_path, ending):
    names, labels = ("T-shirt/top", "Ärmel", "10", "2"), np.array([0, 2, 1, 0, 2], np.int32)
    shades = np.broadcast_to(np.arange(0, 250, 50, dtype=np.uint8)[:, None, None, None], (5, 8, 8, 1))
    sample_files.write_samples(
        tmp_path / f"set{ending}", SampleStream.from_arrays(shades, range(5), labels), classes=names
    )
    dataset = data.load(str(tmp_path / f"set{ending}"))
    pairs = zip(dataset.train["image"][:, 0, 0, 0].tolist(), dataset.train["label"].tolist(), strict=True)
    held = [dataset.classes[label] for _, label in sorted(pairs)]
    spelled = {"T-shirt/top": "T-shirt_top"} if not ending else {}
    assert held == [spelled.get(names[label], names[label]) for label in labels]


def test_two_names_that_a_folder_spells_alike_get_folders_of_their_own(tmp_path):
    drawn = SampleStream.from_arrays(SHADES[:2, ..., None], [0, 1], np.array([0, 1]))
    sample_files.write_samples(tmp_path / "set", drawn, classes=("a/b", "a b"))
    assert sorted(path.name for path in (tmp_path / "set").iterdir()) == ["a_b", "a_b-1"]


def test_digits_that_a_file_lacks_do_not_shift_the_classes_of_three(tmp_path):
    labels = np.repeat([3, 7], 6)
    np.savez(tmp_path / "mnist.npz", x_train=SHADES, y_train=labels, x_test=SHADES, y_test=labels)
    dataset = data.load("stacked_mnist", data.Request(data_dir=str(tmp_path)))
    met = {dataset.classes[label] for label in np.unique(dataset.train["label"])}
    assert met == {f"{a}{b}{c}" for a in "37" for b in "37" for c in "37"}
